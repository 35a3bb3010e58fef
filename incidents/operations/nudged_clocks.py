"""What is nudged within incidents, for trying a policy out: clocks of updates, law and notices."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Window
from django.db.models.functions import Cast, Coalesce, Lead

from incidents.models import (
    Assignment,
    AuditEvent,
    Customer,
    Incident,
    LegalClock,
    NoticeClause,
    NoticeClock,
    NudgePolicy,
    Person,
    UpdateClock,
)
from incidents.models.private import seen_by
from incidents.operations.composing import Message, page_of
from incidents.operations.sweeps import Clerk
from incidents.operations.try_out import Owed, Writer
from incidents.rules.legal_clocks import COUNSEL
from incidents.rules.nudges import DueStep
from incidents.rules.policy import Policy

What = NudgePolicy.What
SAMPLE = "INC-0000-0000"


def during(
    rows: QuerySet[Any], opened: str, done: str, *, since: datetime, until: datetime
) -> QuerySet[Any]:
    """Those open at any instant of the half-open period, the one due first first."""
    still = Q(**{f"{done}__isnull": True}) | Q(**{f"{done}__gt": since})
    return rows.filter(still, **{f"{opened}__lt": until}).order_by("due_at", "pk")


def begun(model: type[Any], verb: str) -> Coalesce:
    """When a row was made: as its act says, else (it was imported) as its history does."""
    acts = AuditEvent.objects.filter(
        subject_type=model._meta.label_lower,
        subject_id=Cast(OuterRef("pk"), CharField()),
        verb=verb,
    )
    past = model.history.filter(id=OuterRef("pk")).order_by("history_date", "history_id")
    return Coalesce(
        Subquery(acts.order_by("at").values("at")[:1]),
        Subquery(past.values("history_date")[:1]),
    )


def with_holders(path: str, since: datetime, until: datetime) -> Prefetch[Any]:
    """Who held roles of the incident at any instant of the period, as `ever_held`."""
    rows = Assignment.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=since), assigned_at__lt=until
    )
    return Prefetch(
        f"{path}__assignments",
        rows.select_related("person__manager").order_by("assigned_at", "pk"),
        to_attr="ever_held",
    )


def held_at(incident: Incident, at: datetime) -> None:
    """Let `recipients` find in `held` who held a role at this instant, not who does now."""
    ever: Iterable[Assignment] = getattr(incident, "ever_held", ())
    incident.held = [  # type: ignore[attr-defined]  # as prefetched by `sweeps.NEEDED`
        _as_then(one)
        for one in ever
        if one.assigned_at <= at and (one.ended_at is None or one.ended_at > at)
    ]


def _as_then(one: Assignment) -> Assignment:
    """Not ended yet."""
    then = copy(one)
    then.ended_at = None
    return then


def sample_incident(reader: Person, at: datetime) -> Incident:
    """An incident that stands in no table."""
    incident = Incident(
        pk=0, reference=SAMPLE, title="Card payments fail", declared_by=reader, declared_at=at
    )
    incident.ever_held = []  # type: ignore[attr-defined]
    return incident


class Clocks:
    """Of an incident: who is told follows from who held its roles at that instant."""

    def writer(self, policy: Policy, at: datetime) -> Writer:
        """What writes the reminders of these clocks, by this policy."""
        clerk = Clerk(at, updates=policy, questions=policy, duties=policy, notices=policy)

        def at_that_instant(row: Any, step: DueStep) -> Iterable[Message]:
            held_at(row.incident, step.at)
            return clerk.messages(row, step)

        return at_that_instant

    def _rows(self, rows: QuerySet[Any], reader: Person) -> QuerySet[Any]:
        return seen_by(rows.select_related("incident__level"), reader)


class Updates(Clocks):
    """Updates owed: the clock moves with each, so each is read from the history of the clock."""

    what, kind, model = What.UPDATE, "updateclock-nudge", UpdateClock

    def owed(
        self, reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        """One a due instant there was: owed until the clock said another."""
        then = Window(
            Lead("history_date"), partition_by=F("id"), order_by=["history_date", "history_id"]
        )
        past: QuerySet[Any] = UpdateClock.history.filter(
            Q(incident__closed_at=None) | Q(incident__closed_at__gt=since),
            history_date__lt=until,
            incident__declared_at__lt=until,
        )
        moved = seen_by(past, reader).annotate(moved_at=then)
        owed = moved.filter(Q(moved_at=None) | Q(moved_at__gt=since), due_at__isnull=False)
        found = list(owed.order_by("due_at", "history_id")[:limit])
        incidents = self._incidents([row.incident_id for row in found], since, until)
        return [
            Owed(
                self._clock(row, incidents[row.incident_id]),
                f"{incidents[row.incident_id].reference}: {row.audience} update",
                page_of(incidents[row.incident_id]),
                row.history_date,
                row.moved_at or incidents[row.incident_id].closed_at,
            )
            for row in found
        ]

    def sample(self, reader: Person, at: datetime) -> Owed:
        incident = sample_incident(reader, at)
        clock = UpdateClock(pk=0, incident=incident, audience="public", due_at=at)
        return Owed(clock, f"{SAMPLE}: public update", "", at)

    def _incidents(
        self, keys: Sequence[int], since: datetime, until: datetime
    ) -> Mapping[int, Incident]:
        rows = Incident.objects.filter(pk__in=keys).select_related("level")
        held = Prefetch("assignments", with_holders("", since, until).queryset, "ever_held")
        return {one.pk: one for one in rows.prefetch_related(held)}

    def _clock(self, row: Any, incident: Incident) -> UpdateClock:
        return UpdateClock(
            pk=row.id, incident=incident, audience=row.audience, due_at=row.due_at
        )


class Questions(Clocks):
    """The clock of the first hour: counsel."""

    what, kind, model = What.LEGAL_CLOCK, "legalclock-nudge", LegalClock

    def owed(
        self, reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        clocks = LegalClock.objects.filter(due_at__isnull=False, kind=COUNSEL)
        rows = self._rows(clocks, reader)
        found = during(rows, "started_at", "settled_at", since=since, until=until)
        held = with_holders("incident", since, until)
        return [
            Owed(row, str(row), page_of(row.incident), row.started_at, row.settled_at)
            for row in found.prefetch_related(held)[:limit]
        ]

    def sample(self, reader: Person, at: datetime) -> Owed:
        clock = LegalClock(
            pk=0, incident=sample_incident(reader, at), kind="counsel", due_at=at,
            basis="Personal data may be exposed.", started_at=at - timedelta(hours=1),
        )  # fmt: skip
        return Owed(clock, str(clock), "", at - timedelta(hours=1))


class Duties(Questions):
    """Duties to notify: their event may lie long before anybody knew, so each is owed from the
    act that started its clock."""

    what = What.LEGAL_DUTY

    def owed(
        self, reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        past = LegalClock.history.filter(id=OuterRef("pk")).order_by("history_date")
        began = Subquery(past.values("history_date")[:1])
        clocks = LegalClock.objects.filter(due_at__isnull=False).exclude(kind=COUNSEL)
        rows = self._rows(clocks.annotate(began_at=began), reader)
        found = during(rows, "began_at", "settled_at", since=since, until=until)
        held = with_holders("incident", since, until)
        return [
            Owed(row, str(row), page_of(row.incident), row.began_at, row.settled_at)
            for row in found.prefetch_related(held)[:limit]
        ]

    def sample(self, reader: Person, at: datetime) -> Owed:
        clock = LegalClock(
            pk=0, incident=sample_incident(reader, at), kind="eu-gdpr-art33--notification",
            regime="eu-gdpr-art33", stage="notification", clock="awareness", due_at=at,
            title="Notification to the supervisory authority", recipients=["dpa_eu"],
            basis="GDPR art. 33(1).", started_at=at - timedelta(hours=72),
        )  # fmt: skip
        return Owed(clock, str(clock), "", at - timedelta(hours=72))


class Notices(Clocks):
    """Notices that contracts promise; each is owed from the act that started its clock."""

    what, kind, model = What.CUSTOMER_NOTICE, "noticeclock-nudge", NoticeClock

    def owed(
        self, reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        past = NoticeClock.history.filter(id=OuterRef("pk")).order_by("history_date")
        began = Subquery(past.values("history_date")[:1])
        clocks = NoticeClock.objects.filter(due_at__isnull=False).annotate(began_at=began)
        rows = self._rows(clocks.select_related("clause__customer"), reader)
        found = during(rows, "began_at", "given_at", since=since, until=until)
        held = with_holders("incident", since, until)
        return [
            Owed(row, str(row), page_of(row.incident), row.began_at, row.given_at)
            for row in found.prefetch_related(held)[:limit]
        ]

    def sample(self, reader: Person, at: datetime) -> Owed:
        incident, said = sample_incident(reader, at), "What is affected, and since when."
        clause = NoticeClause(customer=Customer(name="Acme"), title="Notice", content=said)
        clock = NoticeClock(pk=0, incident=incident, clause=clause, due_at=at)
        return Owed(clock, str(clock), "", at - timedelta(hours=4))
