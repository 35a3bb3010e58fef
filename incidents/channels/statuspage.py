"""Atlassian Statuspage by its API: one incident there for each of ours, told once of each update.

https://developer.statuspage.io: the key in a header, JSON, one request a second for each key. What
was posted is kept in the metadata of their incident, so whoever was killed between posting and
settling finds it there and posts nothing twice.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import requests
from django.conf import settings

from incidents.channels.answers import AgainError, failure, phrase
from incidents.channels.carrying import AwayError, RefusedError
from incidents.models import OutboxMessage, Update
from incidents.operations import places

CONNECT_TIMEOUT = 5.0  # seconds
# One answer that never came may be that message's fault; two in a row are the provider's.
BREAKS_TO_GIVE_UP = 2
RECENT = 100  # the most that one request lists
OURS = "incident_governance"  # the key of our metadata; Statuspage wants an object under it

_IMPACTS = {"none": "none", "degraded": "minor", "partial": "major", "major": "critical"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """What goes to a page: for which update of which incident; without one it is a test."""

    page: str
    reference: str = ""
    update: int = 0
    name: str = ""
    said: Json | None = None


class StatuspageCarrier:
    """One session for many posts."""

    def __init__(self) -> None:
        self.breaks = 0
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "incident-governance"
        self.session.headers["Authorization"] = f"OAuth {settings.STATUSPAGE_API_KEY}"

    @property
    def answers(self) -> bool:
        """False once two requests in a row were not answered."""
        return self.breaks < BREAKS_TO_GIVE_UP

    def prepare(self, message: OutboxMessage) -> Post:
        """The row as a post. RefusedError where it is neither an update's nor a test."""
        if message.kind == places.TEST:
            return Post(message.address)
        update = places.update_of(message)
        if update is None:
            raise RefusedError("atlassian: only published updates go to a page of Statuspage")
        return _post(message, update)

    def hand_over(self, prepared: Post) -> None:
        """Return when the page shows it; what it shows already is not posted again."""
        if prepared.said is None:
            self._ask("GET", f"pages/{prepared.page}")
            return
        there = self._find(prepared)
        posted = _posted(there)
        if prepared.update in posted:
            return
        kept = {"incident": prepared.reference, "updates": [*posted, prepared.update]}
        said = prepared.said | {"metadata": {OURS: kept}}
        if there is None:
            said |= {"name": prepared.name}
            self._ask("POST", f"pages/{prepared.page}/incidents", {"incident": said})
        else:
            address = f"pages/{prepared.page}/incidents/{there['id']}"
            self._ask("PATCH", address, {"incident": said})

    def _find(self, post: Post) -> Json | None:
        """Theirs for our incident: among the unresolved, then among the last hundred.

        Not by `q=`: that searches the public words, in which our reference does not stand.
        """
        for address in ("incidents/unresolved", f"incidents?limit={RECENT}"):
            for one in self._list(f"pages/{post.page}/{address}"):
                if _ours(one).get("incident") == post.reference and "id" in one:
                    return one
        return None

    def _list(self, address: str) -> list[Json]:
        found = self._ask("GET", address)
        if not isinstance(found, list):
            raise AgainError("atlassian: an answer that cannot be read")
        return [one for one in found if isinstance(one, dict)]

    def _ask(self, method: str, address: str, body: Json | None = None) -> Any:
        """The JSON that comes back. Nothing is followed: a redirect would take the key along."""
        try:
            answer = self.session.request(
                method,
                f"{settings.STATUSPAGE_URL}/{address}",
                json=body,
                timeout=(CONNECT_TIMEOUT, settings.EMAIL_TIMEOUT),
                allow_redirects=False,
            )
        except (requests.ConnectTimeout, requests.ConnectionError) as error:
            raise AwayError(f"atlassian: cannot be reached: {type(error).__name__}") from None
        except requests.RequestException as error:
            self.breaks += 1
            raise AgainError(f"atlassian: no answer: {type(error).__name__}") from None
        self.breaks = 0
        if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            said = f"atlassian: Statuspage answered {phrase(answer.status_code)}"
            raise failure(answer.status_code, said)
        try:
            return answer.json()
        except json.JSONDecodeError:
            raise AgainError("atlassian: an answer that cannot be read") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()


def _post(message: OutboxMessage, update: Update) -> Post:
    said = {
        "status": update.stage,
        "impact_override": _IMPACTS[update.impact],
        "body": message.body,
        # Whoever subscribed there asked for it.
        "deliver_notifications": True,
    }
    return Post(message.address, message.topic, update.pk, message.subject, said)


def _ours(incident: Json | None) -> Json:
    """What we keep in the metadata of their incident; empty where it is not ours."""
    found = ((incident or {}).get("metadata") or {}).get(OURS)
    return found if isinstance(found, dict) else {}


def _posted(incident: Json | None) -> list[int]:
    """The keys of the updates their incident shows already."""
    found = _ours(incident).get("updates")
    return [one for one in found if isinstance(one, int)] if isinstance(found, list) else []
