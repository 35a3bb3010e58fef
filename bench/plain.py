"""Declaring as a competent developer writes it with Django alone: plain ORM, no layers.

It decides what ours decides, more simply: any criterion that holds makes the level, the least busy
person qualified and present takes the role. It explains nothing and weighs nobody in words.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q

from incidents.models import (
    Absence,
    Assignment,
    AuditEvent,
    AuditHead,
    Cell,
    Incident,
    MatrixVersion,
    OutboxMessage,
    Person,
    Qualification,
    Service,
    SeverityLevel,
    SeverityScheme,
    TimelineEntry,
    UpdateClock,
)
from incidents.models.records import Counter
from incidents.rules.phases import OPEN_STATES
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DOMAIN_OWNER

# A role and who takes it.
Pick = tuple[str, int]


def declare(
    *,
    title: str,
    services: Iterable[Service],
    facts: dict[str, Any],
    actor: Person,
    at: datetime,
) -> Incident:
    """Open an incident: level, roles, clocks, messages and audit line in one transaction."""
    with transaction.atomic():
        keys = [service.pk for service in services]
        affected = list(Service.objects.select_related("owner").filter(pk__in=keys))
        scheme = SeverityScheme.objects.in_force(at)
        matrix = MatrixVersion.objects.in_force(at)
        level = _level(scheme, facts)
        Counter.objects.filter(name="INC").update(value=F("value") + 1)
        number = Counter.objects.values_list("value", flat=True).get(name="INC")
        incident = Incident(
            reference=f"INC-{number}",
            title=title,
            facts=facts,
            level=level,
            computed_level=level,
            matrix_version=matrix,
            severity_scheme=scheme,
            detected_at=at,
            declared_at=at,
            declared_by=actor,
            commander_assigned_at=at,
        )
        incident.save()  # writes its row of history too
        incident.services.add(*affected)
        held = _assign(incident, _picks(matrix, affected, at), actor, at)
        TimelineEntry.objects.create(
            incident=incident,
            at=at,
            source="act",
            text="Declared",
            author=actor,
            recorded_at=at,
        )
        _start_clocks(incident, level, at)
        OutboxMessage.objects.bulk_create(_messages(incident, level, held, at))
        _audit(incident, actor, at)
    return incident


def _level(scheme: SeverityScheme | None, facts: dict[str, Any]) -> SeverityLevel:
    levels = SeverityLevel.objects.filter(scheme=scheme).prefetch_related("criteria")
    for level in levels:
        for criterion in level.criteria.all():
            asked = criterion.predicate
            if facts.get(asked["field"], 0) >= asked["value"]:
                return level
    return list(levels)[-1]


def _picks(matrix: MatrixVersion | None, services: list[Service], at: datetime) -> list[Pick]:
    """For each role somebody qualified, present and free of a role here; owners for services."""
    cells = Cell.objects.filter(
        activity__version=matrix, activity__phase__in=OPEN_STATES, variation=None
    )
    in_matrix = cells.filter(letters__in=["A", "R", "A/R"]).values_list("role", flat=True)
    roles = dict.fromkeys([COMMANDER, COMMUNICATIONS, *in_matrix])
    away = set(Absence.objects.covering(at).values_list("person", flat=True))
    loads = _loads()
    commands = set(Assignment.objects.commanding().values_list("person", flat=True))
    picks = [(DOMAIN_OWNER, service.owner_id) for service in services]
    taken = {person for _, person in picks}
    able = Qualification.objects.valid(at).filter(role__in=roles, person__is_active=True)
    rows = able.values_list("role", "person", "person__username")
    for role, person, _ in sorted(rows, key=lambda row: (loads.get(row[1], 0), row[2])):
        is_busy = role == COMMANDER and person in commands
        if (
            role in roles
            and role != DOMAIN_OWNER
            and person not in taken | away
            and not is_busy
        ):
            picks.append((role, person))
            taken.add(person)
            del roles[role]
    return picks


def _loads() -> dict[int, int]:
    here = Count("pk", filter=Q(incident__state__in=OPEN_STATES))
    held = Assignment.objects.filter(ended_at=None).order_by()
    return dict(held.values_list("person").annotate(here=here))


def _assign(
    incident: Incident, picks: list[Pick], actor: Person, at: datetime
) -> list[Assignment]:
    people = Person.objects.in_bulk([person for _, person in picks])
    held = Assignment.objects.bulk_create(
        Assignment(
            incident=incident, role_id=role, person=people[person], reason="Least busy",
            assigned_at=at, assigned_by=actor,
        )
        for role, person in picks
    )  # fmt: skip
    _keep_history(held, at)
    return held


def _start_clocks(incident: Incident, level: SeverityLevel, at: datetime) -> None:
    clocks = UpdateClock.objects.bulk_create(
        UpdateClock(
            incident=incident,
            audience=cadence.audience,
            due_at=at + timedelta(minutes=cadence.first_minutes),
            next_nudge_at=at + timedelta(minutes=cadence.first_minutes - 5),
        )
        for cadence in level.cadences.all()
    )
    _keep_history(clocks, at)


def _keep_history(rows: list[Any], at: datetime) -> None:
    """One row of history each, as `HistoricalRecords` would write it."""
    history = type(rows[0]).history.model
    tracked = [field.attname for field in history.tracked_fields]
    history.objects.bulk_create(
        history(
            history_date=at,
            history_type="+",
            **{name: getattr(row, name) for name in tracked},
        )
        for row in rows
    )


def _messages(
    incident: Incident, level: SeverityLevel, held: list[Assignment], at: datetime
) -> Iterator[OutboxMessage]:
    for one in held:
        yield _message(incident, one, f"you are {one.role_id}", at, at)
    for step in level.escalation.all():
        for one in held:
            if one.role_id == step.role_id:
                later = at + timedelta(minutes=step.within_minutes)
                yield _message(incident, one, level.name, at, later)


def _message(
    incident: Incident, to: Assignment, what: str, at: datetime, later: datetime
) -> OutboxMessage:
    return OutboxMessage(
        dedupe_key=f"plain:{incident.reference}:{to.pk}:{what}",
        kind="plain",
        recipient=to.person,
        role=to.role_id,
        address=to.person.email,
        subject=f"{incident.reference}: {what}",
        body=f"{incident.title}\n\n{what}",
        link=f"/admin/incidents/incident/{incident.pk}/change/",
        topic=incident.reference,
        created_at=at,
        due_at=later,
        next_attempt_at=later,
    )


def _audit(incident: Incident, actor: Person, at: datetime) -> None:
    """The next line, without a chain of hashes."""
    head = AuditHead.objects.select_for_update().get(id=1)
    AuditEvent.objects.create(
        sequence=head.sequence + 1,
        at=at,
        actor=actor,
        actor_name=actor.name,
        verb="declare",
        subject_type="incidents.incident",
        subject_id=str(incident.pk),
        subject=incident.title,
        detail={"facts": incident.facts},
    )
    AuditHead.objects.filter(id=1).update(sequence=head.sequence + 1)
