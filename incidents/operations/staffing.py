"""Roles filled at declaration: who is weighed, the plan written down, the gaps told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from simple_history.utils import bulk_create_with_history

from incidents.models.catalogue import Service
from incidents.models.incident import Assignment, Incident
from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person
from incidents.models.roles import Absence, Role
from incidents.operations import escalation, exclusions
from incidents.operations.candidates import candidates, hours_of
from incidents.operations.composing import Message
from incidents.operations.law import holding_roles
from incidents.rules import assignment as rules
from incidents.rules import layers
from incidents.rules.assignment import Chosen, Need, Plan, Unfilled
from incidents.rules.candidates import Service as Affected
from incidents.rules.hours import is_within
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import NAMES

REASON_LENGTH = 300
STAND_INS = 3  # so many of leadership are named for a role that nobody holds


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
    """Who fills these needs now; five queries however many people there are.

    Players take the roles of an exercise as they were given out, and nobody else is weighed.
    """
    if players is not None:
        return _cast(needs, players)
    asked, owners = {need.role for need in needs}, _owners(services)
    apart = exclusions.now()
    teams = {service.team.slug for service in services}
    found = rules.fill(needs, candidates(asked, owners, teams=teams, at=at), apart)
    leads = leads_of(each.service for each in found.unfilled)
    if not leads:
        return found
    # Only where nobody else is left are the leads read, and the table is filled anew.
    everybody = candidates(asked, [*owners, *leads.values()], teams=teams, at=at)
    return rules.fill([led(need, leads) for need in needs], everybody, apart)


def plan_here(
    incident: Incident, needs: Sequence[Need], services: Sequence[Service] = (), *, at: datetime
) -> Plan:
    """The same beside what people hold in this incident already."""
    holds: dict[str, list[str]] = {}
    for person, role in escalation.participants(incident):
        holds.setdefault(person.username, []).append(role)
    weighed = candidates({need.role for need in needs}, _owners(services), at=at)
    return rules.fill(needs, weighed, exclusions.now(), holds)


def _owners(services: Iterable[Service]) -> list[Person]:
    return [service.owner for service in services if service.owner.is_active]


def leads_of(services: Iterable[Affected | None]) -> dict[str, Person]:
    """Who leads the teams of these services, by team, the active ones; no service, no query."""
    teams = {service.team for service in services if service}
    if not teams:
        return {}
    leads = Person.objects.filter(leads_teams__slug__in=teams, is_active=True)
    named = leads.select_related("team").annotate(leads_team=F("leads_teams__slug"))
    return {person.leads_team: person for person in named}


def led(need: Need, leads: Mapping[str, Person]) -> Need:
    """The need with the lead of its service's team, where one is known."""
    lead = leads.get(need.service.team) if need.service else None
    if lead is None or need.service is None:
        return need
    return replace(need, service=replace(need.service, lead=lead.username))


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


def unfilled(plan: Plan, incident: Incident, *, at: datetime) -> list[dict[str, Any]]:
    """The roles nobody could be found for, as the incident keeps them; no gap, no query."""
    leaders = stand_ins(incident, at=at) if plan.unfilled else []
    return [
        gap(each.role, each.reasons, leaders, each.service.slug if each.service else None)
        for each in plan.unfilled
    ]


def gap(
    role: str, reasons: Iterable[str], leaders: Sequence[Person], service: str | None = None
) -> dict[str, Any]:
    """One role nobody holds, as the incident keeps it: why, and who of leadership stands in."""
    said = [*reasons]
    if leaders:
        said.append(f"Leadership stands in: {', '.join(map(str, leaders))}.")
    names = [one.username for one in leaders]
    return {"role": role, "service": service, "reasons": said, "stand_in": names}


def stand_ins(incident: Incident, *, at: datetime) -> list[Person]:
    """The few of leadership to turn to, whose hours it is in front; of an exercise nobody."""
    told = [person for person, _ in escalation.leadership(incident)]
    if not told:
        return []
    away = set(
        Absence.objects.covering(at).filter(person__in=told).values_list("person", flat=True)
    )
    here = [person for person in told if person.pk not in away] or told
    return sorted(here, key=lambda one: not is_within(hours_of(one), at))[:STAND_INS]


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
