"""Makes somebody owe something, by the program's own means: python -m tests.chaos.owing WHAT …

`updates COUNT SECONDS`: so many updates that fall due one after the other within so many seconds.
`callers COUNT`: a law in force, people to hold every role, and somebody who may declare.
`notices COUNT ZONE FROM UNTIL`: messages that may wait for the end of the quiet hours.
`resend`: every dead message is put back by somebody who may.
Prints as JSON what a scenario must know.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, time, timedelta
from typing import Any
from uuid import uuid4

import django
from django.db import transaction
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci_project.settings")
django.setup()

from incidents.models import Person, UpdateClock  # noqa: E402 - models load after the settings
from incidents.operations import nudges, outbox  # noqa: E402
from incidents.operations.composing import Message, compose  # noqa: E402
from incidents.operations.people import issue_token  # noqa: E402
from incidents.rules.ladders import UPDATE  # noqa: E402
from incidents.rules.roles import COMMANDER, COMMUNICATIONS  # noqa: E402
from tests import factories  # noqa: E402
from tests.deliveries import hold, incident  # noqa: E402

SPEAKERS = 20
AUDIENCES = ("public", "internal")
LEAD = timedelta(seconds=2)  # until the first falls due: the rows are committed by then


def updates(count: int, seconds: float) -> Mapping[str, float]:
    """The beginning of each message's key, and the instant from which on it is owed."""
    clocks: list[UpdateClock] = []
    with transaction.atomic():
        speakers = [factories.person() for _ in range(SPEAKERS)]
        places = [incident() for _ in range(-(-count // len(AUDIENCES)))]
        for number, where in enumerate(places):
            hold(where, COMMUNICATIONS, speakers[number % SPEAKERS])
        at = timezone.now()
        for where in places:
            for audience in AUDIENCES:
                due_at = at + LEAD + timedelta(seconds=seconds * len(clocks) / count)
                clock = UpdateClock(incident=where, audience=audience, due_at=due_at)
                nudges.schedule(clock, UPDATE, at=at)
                clocks.append(clock)
        UpdateClock.objects.bulk_create(clocks[:count])
    return {_promise(clock): clock.due_at.timestamp() for clock in clocks[:count]}


def _promise(clock: UpdateClock) -> str:
    return f"{clock._meta.label_lower}:{clock.pk}:{clock.due_at.astimezone(UTC).isoformat()}"


def callers(count: int) -> Mapping[str, Any]:
    """The token of who may declare, and the service that fails."""
    at = timezone.now()
    in_force = at - timedelta(days=1)
    with transaction.atomic():
        factories.matrix_version(effective_from=in_force)
        factories.severity_scheme(effective_from=in_force)
        where = factories.service()
        for _ in range(count):
            factories.person(qualified=(COMMANDER, COMMUNICATIONS))
        ada = factories.allow(factories.person("ada"), "incidents.declare_incident")
        token = issue_token(ada, label="under fire", at=at)
    return {"token": token, "service": where.slug}


def notices(count: int, zone: str, begins: str, ends: str) -> Sequence[str]:
    """The keys of messages to people of that zone who are not to be disturbed."""
    hours = {"quiet_from": time.fromisoformat(begins), "quiet_until": time.fromisoformat(ends)}
    at = timezone.now()
    night = uuid4().hex[:8]  # each night has people of its own
    people: list[Person] = [
        factories.person(f"{night}-{number}", time_zone=zone, **hours)
        for number in range(SPEAKERS)
    ]
    keys = [f"quiet:{people[0].pk}:{number}" for number in range(count)]
    for some in _hundreds(keys):
        with transaction.atomic():
            compose((_notice(key, people) for key in some), at=at)
    return keys


def _hundreds(keys: Sequence[str], size: int = 100) -> Sequence[Sequence[str]]:
    return [keys[begin : begin + size] for begin in range(0, len(keys), size)]


def _notice(key: str, people: Sequence[Person]) -> Message:
    to = people[int(key.rpartition(":")[2]) % len(people)]
    said = {"subject": "Something can wait", "body": "Until the morning."}
    return Message(key=key, kind="test", to=to, may_wait=True, **said)


def resend() -> int:
    """How many were dead."""
    leader = factories.allow(factories.person("lena"), "incidents.resend_outboxmessage")
    return outbox.resend_many(actor=leader, at=timezone.now())


def main(what: str, *words: str) -> None:
    """Owe it and say what."""
    if what == "updates":
        said: Any = updates(int(words[0]), float(words[1]))
    elif what == "callers":
        said = callers(int(words[0]))
    elif what == "resend":
        said = resend()
    else:
        said = notices(int(words[0]), *words[1:])
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
