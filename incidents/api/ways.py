"""How people are reached, read and said; and that a message to oneself arrived."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.acts import by
from incidents.api.auth import Bearer, caller
from incidents.api.fields import Number, Said, Slug, Text
from incidents.models import Incident, OutboxMessage, Person
from incidents.operations import acknowledging, contacts, ways
from incidents.rules.ways import DIGEST, NOTICE, PAGE, Way

router = Router(tags=["reaching people"])

VIEW = "incidents.view_contactway"


class WaySaid(Said):
    """One way; without an address the person's own, without minutes silence leads on to none."""

    channel: Slug
    address: Text = ""
    wait_minutes: int | None = Field(None, description="For an answer, then the next is tried.")


class WaysSaid(Said):
    """The ways for each purpose in the order in which they are tried; none: by e-mail."""

    page: list[WaySaid]
    notice: list[WaySaid] = []
    digest: list[WaySaid] = []


class WayShown(TypedDict):
    """One way; `address` is where it leads, `is_set_up` whether it can be taken here."""

    channel: str
    address: str
    wait_minutes: int | None
    is_set_up: bool
    verified_at: datetime | None


class WaysShown(TypedDict):
    """How one person is reached; an empty list: by e-mail."""

    page: list[WayShown]
    notice: list[WayShown]
    digest: list[WayShown]


class AcknowledgedShown(TypedDict):
    """What came of it; `why_not` says why a call was not answered by it."""

    acknowledged_at: datetime | None
    is_new: bool
    has_answered: bool
    why_not: str


@router.get(
    "/people/{username}/ways", auth=Bearer(VIEW), response=WaysShown, operation_id="list_ways"
)
def list_ways(request: HttpRequest, username: Slug) -> WaysShown:
    """By which channels a person is reached for what, and what was shown to reach them."""
    return _shown(_person(username))


@router.put(
    "/people/{username}/ways", auth=Bearer(VIEW), response=WaysShown, operation_id="set_ways"
)
def set_ways(request: HttpRequest, username: Slug, body: WaysSaid) -> WaysShown:
    """Says all of it anew, of oneself, or of anybody by whoever may change people."""
    person = _person(username)
    said = {
        purpose: [Way(**each.model_dump()) for each in getattr(body, purpose)]
        for purpose in (PAGE, NOTICE, DIGEST)
    }
    ways.set_ways(person, {name: some for name, some in said.items() if some}, **by(request))
    return _shown(person)


@router.post(
    "/messages/{message_id}/acknowledge",
    auth=Bearer(acknowledging.OWN),
    response=AcknowledgedShown,
    operation_id="acknowledge_message",
)
def acknowledge_message(request: HttpRequest, message_id: Number) -> AcknowledgedShown:
    """Its recipient has it: it goes no further way, and a call is answered by it."""
    hidden = Incident.objects.hidden_from(caller(request)).values("reference")
    rows = OutboxMessage.objects.exclude(topic__in=hidden).select_related("recipient")
    message = lookup.message(rows, message_id)
    done = acknowledging.acknowledge_own(message, **by(request))
    return {
        "acknowledged_at": done.message.acknowledged_at,
        "is_new": done.is_new,
        "has_answered": done.has_answered,
        "why_not": done.why_not,
    }


def _person(username: str) -> Person:
    found = Person.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise Http404(f"There is no person “{username}”: look them up first.")
    return found


def _shown(person: Person) -> WaysShown:
    known, proofs = ways.of([person]), contacts.proofs([person])

    def shown(purpose: str) -> list[WayShown]:
        return [
            {
                "channel": way.channel,
                "address": (address := ways.address_of(person, way)),
                "wait_minutes": way.wait_minutes,
                "is_set_up": ways.is_set_up(way.channel),
                "verified_at": proofs.get((person.pk, address)),
            }
            for way in known.get((person.pk, purpose), ())
        ]

    return {"page": shown(PAGE), "notice": shown(NOTICE), "digest": shown(DIGEST)}
