"""Roles filled at declaration: candidates gathered in few queries, the plan written down."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Case, CharField, Count, Max, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast
from simple_history.utils import bulk_create_with_history

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Assignment, Incident
from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification, Role
from incidents.operations import escalation
from incidents.operations.law import holding_roles
from incidents.operations.records import Message
from incidents.rules import assignment as rules
from incidents.rules import layers
from incidents.rules.assignment import Chosen, Need, Plan, Unfilled
from incidents.rules.candidates import Candidate
from incidents.rules.candidates import Service as Affected
from incidents.rules.phases import OPEN_STATES
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import COMMANDER, NAMES

REASON_LENGTH = 300
_NONE: Mapping[str, date] = {}


def case_of(incident: Incident, services: Iterable[Service]) -> layers.Case:
    """What its matrix may depend on: its level, the gravest tier affected, its scenario."""
    return layers.Case(
        severity=incident.level.code if incident.level else "",
        tier=min((service.tier for service in services), default=None),
        scenario=incident.scenario.slug if incident.scenario else "",
    )


def roles_needed(
    matrix: MatrixVersion | None, case: layers.Case = layers.ANY_CASE, also: Iterable[str] = ()
) -> list[Role]:
    """Commander, voice, whoever answers or acts while an incident is open, and `also`; one query."""
    needed = {*rules.ALWAYS, *holding_roles(matrix, case), *also}
    return list(Role.objects.filter(pk__in=needed))


def needs(roles: Iterable[Role], services: Sequence[Service]) -> tuple[Need, ...]:
    """The roles to fill; the services come with their owner and team loaded."""
    return rules.needs((role.slug for role in roles), map(as_rule, services))


def plan(
    needs: Sequence[Need],
    services: Iterable[Service],
    players: Mapping[str, Person] | None = None,
    *,
    at: datetime,
) -> Plan:
    """Who fills these needs now; three queries however many people there are.

    Players take the roles of an exercise as they were given out, and nobody else is weighed.
    """
    if players is not None:
        return _cast(needs, players)
    owners = [service.owner for service in services if service.owner.is_active]
    return rules.fill(needs, candidates({need.role for need in needs}, owners, at=at))


def _cast(needs: Iterable[Need], players: Mapping[str, Person]) -> Plan:
    chosen = (
        Chosen(role, player.username, "Plays this role in the exercise")
        for role, player in players.items()
    )
    nobody = ("Nobody plays this role in the exercise.",)
    missing = (need for need in needs if need.role not in players)
    return Plan(
        tuple(chosen), tuple(Unfilled(need.role, nobody, need.service) for need in missing)
    )


def candidates(
    roles: Iterable[str], owners: Iterable[Person], *, at: datetime
) -> list[Candidate]:
    """The active people ever qualified for one of these roles, and these owners; nobody else."""
    qualified = Qualification.objects.filter(
        role__in=set(roles), level=Qualification.Level.QUALIFIED, person__is_active=True
    )
    # Of the whole company: those away and those busy today are few, naming whom to ask costs more.
    away, loads, day = _away(at), _loads(), today(at).isoformat()
    able: dict[int, set[str]] = defaultdict(set)
    found: dict[int, Candidate] = {}

    def seen(pk: int, username: str, name: str, team: str | None) -> Candidate:
        open_roles, commands = loads.get(pk, (0, None))
        return Candidate(
            username, name, team or "", able[pk], _NONE, away.get(pk), commands, open_roles
        )

    for each in owners:
        found[each.pk] = seen(
            each.pk, each.username, each.name, each.team.slug if each.team else None
        )
    # Thousands of rows: nothing is made twice, and only what is rare is made anew.
    for pk, role, ends, last, username, name, team in _rows(qualified):
        if pk not in found:
            found[pk] = seen(pk, username, name, team)
        if ends is None or ends > day:
            able[pk].add(role)
        else:
            lapsed = {**found[pk].lapsed, role: date.fromisoformat(ends)}
            found[pk] = found[pk]._replace(lapsed=lapsed)
        if last:
            found[pk] = found[pk]._replace(last_commanded_at=_instant(last))
    return list(found.values())


def _rows(qualified: QuerySet[Qualification]) -> Iterable[tuple[Any, ...]]:
    """Person, role, expiry, when a commander last took command, then username, name and team.

    Days and instants come as text: of thousands only few are looked at.
    """
    commands = Assignment.objects.filter(role=COMMANDER, person=OuterRef("person"))
    last = Subquery(commands.order_by("-assigned_at").values("assigned_at")[:1])
    # Only commanders take turns, so only their past is read: one index probe each.
    rows = qualified.order_by().annotate(
        ends=Cast("expires_on", CharField()),
        last=Cast(Case(When(role=COMMANDER, then=last)), CharField()),
    )
    return rows.values_list(
        "person", "role", "ends", "last",
        "person__username", "person__name", "person__team__slug",
    )  # fmt: skip


def _instant(text: str) -> datetime:
    """As the databases write it: PostgreSQL with its offset, SQLite without, in UTC."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _away(at: datetime) -> dict[int, datetime]:
    absences = Absence.objects.covering(at).order_by()
    return dict(absences.values_list("person").annotate(until=Max("ends_at")))


def _loads() -> dict[int, tuple[int, str | None]]:
    """Per person the roles in open incidents, and the incident commanded."""
    held = Assignment.objects.open().order_by().values("person")
    rows = held.annotate(
        here=Count("id", filter=Q(incident__state__in=OPEN_STATES)),
        commands=Max("incident__reference", filter=Q(role=COMMANDER)),
    )
    return {row["person"]: (row["here"], row["commands"]) for row in rows}


def as_rule(service: Service) -> Affected:
    """The service as the rules know it; owner and team are loaded."""
    return Affected(service.slug, service.name, service.owner.username, service.team.slug)


def write(
    plan: Plan,
    incident: Incident,
    *,
    roles: Iterable[Role],
    services: Iterable[Service],
    actor: Person,
    at: datetime,
) -> list[Assignment]:
    """Keep the plan's assignments, each with its reason and who was not chosen."""
    role_of = {role.slug: role for role in roles}
    service_of = {service.slug: service for service in services}
    names = [chosen.username for chosen in plan.assignments]
    person_of = Person.objects.in_bulk(names, field_name="username")
    rows = [
        Assignment(
            incident=incident,
            role=role_of[chosen.role],
            person=person_of[chosen.username],
            service=service_of[chosen.service.slug] if chosen.service else None,
            reason=chosen.reason[:REASON_LENGTH],
            rejected=[asdict(each) for each in chosen.rejected],
            assigned_at=at,
            assigned_by=actor,
        )
        for chosen in plan.assignments
    ]
    bulk_create_with_history(rows, Assignment, default_user=actor, default_date=at)
    return rows


def unfilled(plan: Plan) -> list[dict[str, Any]]:
    """The roles nobody could be found for, as the incident keeps them."""
    return [
        {
            "role": each.role,
            "service": each.service.slug if each.service else None,
            "reasons": list(each.reasons),
        }
        for each in plan.unfilled
    ]


def told_assigned(assignments: Iterable[Assignment]) -> Iterator[Message]:
    """One message to each person for each role taken."""
    for one in assignments:
        yield from escalation.about(
            one.incident,
            [(one.person, one.role_id)],
            key=f"assigned:{one.pk}",
            kind="assigned",
            subject=f"you are {one.role.name}",
            body=f"You are {one.role.name}. Why you: {one.reason}",
            priority=escalation.PAGE,
        )


def told_unfilled(incident: Incident) -> Iterator[Message]:
    """Leadership hears which roles nobody could be found for; of an exercise it hears nothing."""
    if not incident.unfilled:
        return
    gaps = [(NAMES.get(each["role"], each["role"]), each) for each in incident.unfilled]
    missing = ", ".join(dict.fromkeys(name for name, _ in gaps))
    reasons = (f"{name}: {each['reasons'][0]}" for name, each in gaps)
    yield from escalation.about(
        incident,
        escalation.leadership(incident),
        key=f"unfilled:{incident.reference}",
        kind="unfilled",
        subject=f"nobody holds {missing}",
        body="\n".join([*reasons, "", "Assign somebody to each of them."]),
        priority=escalation.PAGE,
    )


def not_active(person: Person) -> Reason:
    """Somebody who has left cannot take a role."""
    message = f"{person} is deactivated: choose somebody active."
    return Reason("not_active", message, "person")


# The constraint that was violated -> what a person is told. PostgreSQL names the constraint,
# SQLite the columns of the unique index.
_JUDGEMENTS = (
    ("one_command_a_person", "failed: incidents_assignment.person_id", Reason(
        "commands_another", "This person commands another incident: choose somebody else.", "person"
    )),
    ("excluded_roles_held_together", "excluded_roles_held_together", Reason(
        "holds_another_role",
        "This person holds a role here that excludes this one: choose somebody else.",
        "person",
    )),
    ("one_commander_an_incident", "failed: incidents_assignment.incident_id", Reason(
        "commanded_already", "Somebody commands this incident already: look again.", "role"
    )),
)  # fmt: skip


def last_judge(error: IntegrityError) -> Refused:
    """The database's refusal of an assignment, said as a rule says it; other errors come back."""
    said = str(error).splitlines()[0]
    for constraint, columns, reason in _JUDGEMENTS:
        if f'"{constraint}"' in said or said.endswith(columns):
            return Refused(reason)
    raise error
