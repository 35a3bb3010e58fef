"""The clocks of contract clauses: which clauses an incident touches, and from when their hours count."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q
from simple_history.utils import bulk_update_with_history

from incidents.models.broadcast import NoticeClock
from incidents.models.customer import Customer, NoticeClause
from incidents.models.incident import Incident
from incidents.models.legal import FactSaid
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.operations import nudges, policies
from incidents.rules import notices as rules
from incidents.rules.facts import personal_data_may_be_exposed
from incidents.rules.notices import AWARENESS, Promise


@dataclass(frozen=True, slots=True)
class Aware:
    """What was said last of a breach of personal data: since when we are aware (None: nobody knows), and when it was said."""

    since: datetime | None = None
    said_at: datetime | None = None


def aware(incident: Incident) -> Aware:
    """What was said last of this incident. One query; none while no personal data may be exposed."""
    if not personal_data_may_be_exposed(incident.facts):
        return Aware()
    said = FactSaid.objects.filter(
        incident=incident.pk, kind=FactSaid.Kind.CLOCK, name=AWARENESS
    )
    row = said.order_by("-said_at", "-id").first()
    if row is None:
        return Aware()
    since = datetime.fromisoformat(row.value).astimezone(UTC) if row.value else None
    return Aware(since, row.said_at)


def newly_touched(incident: Incident) -> list[NoticeClause]:
    """Clauses of what it affects, as it stands, that have no clock here yet; one query."""
    services = incident.services.through.objects.filter(incident=incident.pk).values("service")
    names, uses = NoticeClause.services.through.objects, Customer.services.through.objects
    named = names.filter(service__in=services).values("noticeclause")
    used = uses.filter(service__in=services).values("customer")
    names_any = Exists(names.filter(noticeclause=OuterRef("pk")))
    touched = Q(pk__in=named) | (Q(customer__in=used) & ~names_any)
    running = NoticeClock.objects.filter(incident=incident.pk).values("clause")
    rows = NoticeClause.objects.filter(touched, is_active=True, customer__is_active=True)
    level = incident.level.code if incident.level else None
    is_exposed = personal_data_may_be_exposed(incident.facts)
    return [
        clause
        for clause in rows.exclude(pk__in=running).select_related("customer")
        if rules.is_owed(_promise(clause), level, is_exposed=is_exposed)
    ]


def made(incident: Incident, clause: NoticeClause, aware_at: datetime | None) -> NoticeClock:
    """The clock of this clause, not saved yet."""
    promise = _promise(clause)
    began_at = rules.begins_at(
        promise,
        detected_at=incident.detected_at,
        declared_at=incident.declared_at,
        aware_at=aware_at,
    )
    return NoticeClock(
        incident=incident,
        clause=clause,
        started_at=began_at,
        due_at=rules.due_at(promise, began_at),
    )


def move(
    incident: Incident, since: datetime, *, actor: Person | None, at: datetime
) -> list[NoticeClock]:
    """Let the open notices that count from awareness count from this instant; those that moved.

    Each keeps its hours, whatever became of the clause; its reminders begin anew.
    """
    moved = []
    for clock in _open(incident):
        if clock.started_at == since or clock.due_at is None:
            continue
        clock.due_at += since - clock.started_at
        clock.started_at = since
        moved.append(clock)
    if moved:
        policy = policies.of(NudgePolicy.What.CUSTOMER_NOTICE)
        for clock in moved:
            nudges.schedule(clock, policy, at=at)
        fields = ["started_at", "due_at", "next_nudge_at", "nudged_through"]
        bulk_update_with_history(
            moved, NoticeClock, fields, default_user=actor, default_date=at
        )
    return moved


def _open(incident: Incident) -> list[NoticeClock]:
    owed = incident.notice_clocks.filter(
        given_at=None, due_at__isnull=False, clause__starts=AWARENESS
    )
    return list(owed.select_related("clause__customer").order_by("due_at", "id"))


def _promise(clause: NoticeClause) -> Promise:
    return Promise(
        clause.hours,
        clause.starts,
        tuple(clause.levels),
        clause.concerns == NoticeClause.Concern.PERSONAL_DATA,
    )
