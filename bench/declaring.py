"""Declaring, with assignment, audit and messages, beside plain ORM and beside mere inserts."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import F, Model

from bench import plain
from bench.company import Company
from bench.measured import NO_AIM, Aim, Effort, Measured, medians, statements
from incidents.models import (
    Assignment,
    AuditEvent,
    AuditHead,
    Incident,
    OutboxMessage,
    TimelineEntry,
    UpdateClock,
)
from incidents.models.records import Counter
from incidents.operations.declaration import declare
from incidents.rules.phases import State

# A table and its rows as the declaration wrote them.
Part = tuple[type[Model], list[dict[str, Any]]]

_numbers = count(1)


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """The aim, half the bare rate, is twice the bare time: of who does the same work.

    Beside mere inserts, which neither read nor decide, there is no aim.
    """
    ours, plainly = (
        partial(_declare, company, declare),
        partial(_declare, company, plain.declare),
    )
    ours()
    sample = Sample(Incident.objects.latest("id"))
    release()
    sent = statements(ours, between=release)
    for name, bare, aim in (
        ("declare, beside plain ORM", plainly, Aim(ratio=2)),
        ("declare, beside bare inserts", sample.insert, NO_AIM),
    ):
        times = medians(ours, bare, effort, between=release)
        yield Measured(name, database, rows, *times, statements=sent, aim=aim)


def _declare(company: Company, by: Callable[..., Incident]) -> Incident:
    n = next(_numbers)
    return by(
        title=f"Checkout fails for everybody, {n}",
        services=[company.services[n % 40], company.services[(n + 7) % 40]],
        facts={"customers_affected": 2000},
        actor=company.leader,
        at=company.at,
    )


def release() -> None:
    """End what was declared, so that every run finds the same people free."""
    made = Incident.objects.open().filter(reference__startswith="INC-")
    Assignment.objects.filter(incident__in=made).update(ended_at=F("assigned_at"))
    made.update(state=State.CLOSED, closed_at=F("declared_at"))


class Sample:
    """Every row one declaration wrote, to be inserted again by plain ORM in one transaction."""

    def __init__(self, incident: Incident) -> None:
        of = {"incident": incident.pk}
        self.incident = Incident.objects.filter(pk=incident.pk).values().get()
        self.parts: list[Part] = [
            (model, [dict(row) for row in model._base_manager.filter(**which).values()])
            for model, which in (
                (Incident.services.through, of),
                (Incident.history.model, {"id": incident.pk}),
                (Assignment, of),
                (Assignment.history.model, of),
                (TimelineEntry, of),
                (UpdateClock, of),
                (UpdateClock.history.model, of),
                (OutboxMessage, {"topic": incident.reference}),
                (AuditEvent, {"subject_id": incident.pk, "verb": "declare"}),
            )
        ]

    def insert(self) -> None:
        """The same rows once more, and the two counters moved on."""
        n = next(_numbers)
        with transaction.atomic():
            Counter.objects.filter(name="INC").update(value=F("value") + 1)
            new = Incident(**self.incident | {"id": None, "reference": f"INC-BARE-{n}"})
            new.save(force_insert=True)
            AuditHead.objects.filter(id=1).update(sequence=F("sequence") + 1)
            sequence = AuditHead.objects.values_list("sequence", flat=True).get(id=1)
            for model, rows in self.parts:
                model._base_manager.bulk_create(
                    model(**_fresh(model, row, new.pk, n, sequence)) for row in rows
                )


def _fresh(
    model: type[Model], row: dict[str, Any], incident: int, n: int, sequence: int
) -> dict[str, Any]:
    """The row without its key, of the new incident, different where it must be unique."""
    fresh = {name: value for name, value in row.items() if name != model._meta.pk.attname}
    if "incident_id" in fresh:
        fresh["incident_id"] = incident
    if model is OutboxMessage:
        fresh["dedupe_key"] += f":{n}"
    if model is AuditEvent:
        fresh["sequence"] = sequence
    return fresh
