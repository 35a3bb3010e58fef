"""Who hears of an incident: its participants, whom a step of its level means, leadership."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.models.private import seers
from incidents.models.roles import Absence, Qualification
from incidents.operations import composing, standing
from incidents.operations.composing import Message
from incidents.rules.calling import LEADERSHIP
from incidents.rules.roles import ENGINEERING, TEAM_LEAD

STAND_INS = 5  # so many qualified people are told of a role that nobody holds
PAGE, NOTICE = OutboxMessage.Priority.PAGE, OutboxMessage.Priority.NOTICE

# A person and the role's slug in which he is told; leadership is told in no role.
Told = tuple[Person, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides who is meant by a role: an incident, or one there might be."""

    services: QuerySet[Service]  # those affected
    is_exercise: bool
    held: Sequence[Told]
    may_hear: frozenset[int] | None = (
        None  # of a private incident, by their keys; None: anybody
    )


def setting(incident: Incident, held: Iterable[Told] | None = None) -> Setting:
    """Of this incident; who holds what is read unless the caller knows. At most one query."""
    return Setting(
        services=incident.services.order_by(),
        is_exercise=incident.kind == Incident.Kind.EXERCISE,
        held=tuple(participants(incident) if held is None else held),
        may_hear=may_hear(incident),
    )


def may_hear(incident: Incident) -> frozenset[int] | None:
    """Who may be called or told: of a private one who sees it, else anybody (None)."""
    if not incident.is_private:
        return None
    return frozenset(seers(incident).values_list("pk", flat=True))


def meant(roles: Iterable[str], here: Setting, *, at: datetime) -> dict[str, list[Told]]:
    """Whom each role means now, of those somebody can write to; at most three queries.

    Its holders; else for the team lead those who lead the teams of the affected services; else a
    few who are qualified and not away, those teams first. Engineering leadership nobody holds or
    is qualified for, and what comes last in line, is leadership. An exercise calls its players.
    """
    found: dict[str, list[Told]] = {role: [] for role in roles}
    for person, role in here.held:
        if role in found and _can_be_written_to(person):
            found[role].append((person, role))
    if here.is_exercise:
        return found
    if TEAM_LEAD in found and not found[TEAM_LEAD]:
        found[TEAM_LEAD] = _team_leads(here)
    vacant = [role for role, told in found.items() if role != LEADERSHIP and not told]
    for person, role in _stand_ins(vacant, here, at):
        found[role].append((person, role))
    for role in {LEADERSHIP, ENGINEERING} & found.keys():
        found[role] = found[role] or [(leader, role) for leader in leaders()]
    return {role: _allowed(told, here.may_hear) for role, told in found.items()}


def _allowed(told: list[Told], allowed: frozenset[int] | None) -> list[Told]:
    return [each for each in told if allowed is None or each[0].pk in allowed]


def _can_be_written_to(person: Person) -> bool:
    return person.is_active and bool(person.email)


def leaders() -> list[Person]:
    """Leadership, without those nobody can write to."""
    return [leader for leader in standing.leaders() if leader.email]


def _team_leads(here: Setting) -> list[Told]:
    teams = here.services.values("team")
    leads = Person.objects.filter(leads_teams__in=teams, is_active=True)
    people = leads.exclude(email="").order_by("name", "username").distinct()
    return [(person, TEAM_LEAD) for person in people]


def _stand_ins(roles: Sequence[str], here: Setting, at: datetime) -> list[Told]:
    """The first few of each role, by name, who could hold it, can be written to and are not away."""
    if not roles:
        return []
    away = Absence.objects.covering(at).values("person")
    able = Qualification.objects.valid(today(at)).filter(role__in=roles, person__is_active=True)
    distance = Case(
        When(person__team__in=here.services.values("team"), then=Value(0)), default=Value(1)
    )
    place = Window(
        RowNumber(),
        partition_by=F("role"),
        order_by=[distance, "person__name", "person__username"],
    )
    rows = able.exclude(Q(person__email="") | Q(person__in=away)).annotate(place=place)
    first = rows.filter(place__lte=STAND_INS).order_by("role", "place")
    return [(one.person, one.role_id) for one in first.select_related("person")]


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
            link=composing.page_of(incident),
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
    """The leaders to tell; nobody is called to an exercise who does not play in it.

    Of a private incident only those hear who see it.
    """
    if incident.kind == Incident.Kind.EXERCISE:
        return []
    return _allowed([(leader, "") for leader in standing.leaders()], may_hear(incident))


def called(incident: Incident) -> str:
    """The reference; nobody may take an exercise for the real thing."""
    exercise = incident.kind == Incident.Kind.EXERCISE
    return f"EXERCISE {incident.reference}" if exercise else incident.reference
