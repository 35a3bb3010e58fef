"""Who hears of an incident: its participants, the steps of its level, leadership."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from incidents.models.calendar import today
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import OutboxMessage
from incidents.models.roles import Absence, Qualification, Role
from incidents.operations import outbox, records, standing
from incidents.operations.law import level_law
from incidents.operations.records import Message
from incidents.rules.calling import Step

STAND_INS = 5  # so many qualified people are told of a role that nobody holds
PAGE, NOTICE = OutboxMessage.Priority.PAGE, OutboxMessage.Priority.NOTICE
_BY_LEVEL = "escalation"

# A person and the role's slug in which he is told; leadership is told in no role.
Told = tuple[Person, str]


def tell_by_level(
    incident: Incident, *, at: datetime, held: Iterable[Told] | None = None
) -> list[Message]:
    """The messages of the level's escalation, each held back until its minutes have passed.

    Told are the holders of each step's role, else a few who are qualified for it; who holds what
    is read unless the caller knows (`held`). Nobody hears twice of the same level in the same
    role. Who is told is settled now: whoever takes the role before its minutes have passed is
    told of the role itself. The caller composes them.
    """
    level = incident.level
    if level is None:
        return []
    found = steps(incident, participants(incident) if held is None else held, at)
    roles = Role.objects.in_bulk([step.role for step, _ in found])
    return [
        message
        for step, told in found
        for message in about(
            incident,
            told,
            key=f"escalation:{incident.reference}:{level.code}:{step.role}",
            kind=_BY_LEVEL,
            subject=level.name,
            body=f"The incident is {level.name}. You are told as {roles[step.role].name}.",
            priority=PAGE,
            not_before=incident.declared_at + timedelta(minutes=step.within_minutes),
        )
    ]


def withdraw(incident: Incident, *, at: datetime) -> int:
    """Nobody is paged any more who was to be told later by the level's escalation; how many."""
    return outbox.void(topic=incident.reference, kind=_BY_LEVEL, at=at)


def about(
    incident: Incident,
    told: Iterable[Told],
    *,
    key: str,
    kind: str,
    subject: str,
    body: str,
    priority: int = NOTICE,
    not_before: datetime | None = None,
) -> Iterator[Message]:
    """One message a person about one incident, in the role named first."""
    roles: dict[Person, str] = {}
    for person, role in told:
        roles.setdefault(person, role)
    for person, role in roles.items():
        yield Message(
            key=f"{key}:{person.pk}",
            kind=kind,
            to=person,
            subject=f"{called(incident)}: {subject}",
            body=f"{incident.title}\n\n{body}",
            link=records.page_of(incident),
            role=role,
            topic=incident.reference,
            priority=priority,
            not_before=not_before,
        )


def participants(incident: Incident, *roles: str) -> list[Told]:
    """Who holds a role here now and is active; with `roles`, one of these."""
    held = incident.assignments.open().filter(person__is_active=True).select_related("person")
    if roles:
        held = held.filter(role__in=roles)
    return [(one.person, one.role_id) for one in held]


def leadership(incident: Incident) -> list[Told]:
    """The leaders to tell; nobody is called to an exercise who does not play in it."""
    if incident.kind == Incident.Kind.EXERCISE:
        return []
    return [(leader, "") for leader in standing.leaders()]


def steps(
    incident: Incident, held: Iterable[Told], at: datetime
) -> list[tuple[Step, list[Told]]]:
    """The steps of the level, each with whom it tells."""
    law = level_law(incident.level)
    if law is None:
        return []
    here: dict[str, list[Told]] = defaultdict(list)
    for person, role in held:
        here[role].append((person, role))
    return [
        (step, here[step.role] or _stand_ins(incident, step.role, at))
        for step in law.escalation
    ]


def _stand_ins(incident: Incident, role: str, at: datetime) -> list[Told]:
    """The first few, by name, who could hold the role and are not away; none in an exercise."""
    if incident.kind == Incident.Kind.EXERCISE:
        return []
    away = Absence.objects.covering(at).values("person")
    able = Qualification.objects.valid(today(at)).filter(role=role).values("person")
    people = Person.objects.filter(is_active=True, pk__in=able).exclude(pk__in=away)
    return [(person, role) for person in people.order_by("name", "username")[:STAND_INS]]


def called(incident: Incident) -> str:
    """The reference; nobody may take an exercise for the real thing."""
    exercise = incident.kind == Incident.Kind.EXERCISE
    return f"EXERCISE {incident.reference}" if exercise else incident.reference
