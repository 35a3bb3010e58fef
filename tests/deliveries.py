"""Plain functions for tests of nudges and messages: bare incidents, holders, letters."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

from incidents.models import Assignment, Incident, OutboxMessage, Person
from tests.factories import NOW, person, role

_numbers = count(1)

Sweep = Callable[[datetime, Callable[[str], None]], None]


def acts(sweep: Sweep, at: datetime) -> list[str]:
    """What a sweep says it did, a line an act."""
    said: list[str] = []
    sweep(at, said.append)
    return said


def incident(**fields) -> Incident:
    """An open incident as it stands in the table, without the act of declaring it."""
    fields.setdefault("reference", f"INC-2026-{next(_numbers):04}")
    fields.setdefault("title", "Card payments fail")
    fields.setdefault("declared_at", NOW)
    return Incident.objects.create(**fields)


def hold(where: Incident, slug: str, who: Person) -> Assignment:
    return Assignment.objects.create(
        incident=where, role=role(slug), person=who, reason="On call", assigned_at=NOW
    )


def letter(to: Person | None = None, *, due_at: datetime = NOW, **fields) -> OutboxMessage:
    """A message in the outbox that waits to be sent."""
    number = next(_numbers)
    to = to or person()
    fields.setdefault("dedupe_key", f"letter:{number}")
    fields.setdefault("subject", f"INC-2026-0001: letter {number}")
    fields.setdefault("body", "Please look.")
    fields.setdefault("address", to.email)
    return OutboxMessage.objects.create(
        kind="test",
        recipient=to,
        created_at=due_at,
        due_at=due_at,
        next_attempt_at=due_at,
        **fields,
    )
