"""Whom a line of the matrix means in an incident: who holds the role, else whom the rules would choose."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import escalation, staffing, standing
from incidents.operations.composing import Message
from incidents.operations.escalation import Told
from incidents.rules.roles import DOMAIN_OWNER


def holders(incident: Incident) -> list[Told]:
    """Who holds a role here and is active; once it is closed, who held it to the end. One query."""
    rows = incident.assignments.filter(person__is_active=True).select_related("person")
    if incident.is_open:
        rows = rows.filter(ended_at=None)
    else:
        rows = rows.filter(end_reason=standing.CLOSED, ended_at__gte=incident.closed_at)
    return [(one.person, one.role_id) for one in rows]


def reach(
    incident: Incident, roles: Iterable[str], held: Sequence[Told], *, at: datetime
) -> list[Told]:
    """Who is to be asked or told in these roles: their holders, else whom the rules would choose.

    At most a few are called from outside, nobody into an exercise, and into what is private only
    who may see it.
    """
    wanted = tuple(dict.fromkeys(roles))
    here = [(person, role) for role in wanted for person, one in held if one == role]
    filled = {role for _, role in here}
    missing = [role for role in wanted if role not in filled]
    return [*here, *_from_outside(incident, missing, at)]


def _from_outside(incident: Incident, roles: Sequence[str], at: datetime) -> list[Told]:
    if not roles or incident.kind == Incident.Kind.EXERCISE:
        return []
    owned = incident.services.select_related("owner__team", "team")
    services = list(owned) if DOMAIN_OWNER in roles else []
    asked = [Role(pk=role) for role in roles]
    needs = [need for need in staffing.needs(asked, services) if need.role in roles]
    chosen = staffing.plan(needs, services, at=at).assignments[: escalation.STAND_INS]
    people = Person.objects.in_bulk([one.username for one in chosen], field_name="username")
    allowed = escalation.may_hear(incident)
    told = [(people[one.username], one.role) for one in chosen]
    return [each for each in told if allowed is None or each[0].pk in allowed]


def others(told: Iterable[Told], *known: Person) -> list[Told]:
    """Without these people, who know already, and without those nobody can write to."""
    keys = {person.pk for person in known}
    return [
        (person, role)
        for person, role in told
        if person.pk not in keys and person.is_active and person.email
    ]


def by_role(
    incident: Incident,
    told: Sequence[Told],
    *,
    key: str,
    kind: str,
    subject: str,
    what: str,
    why: str,
    priority: int = escalation.NOTICE,
) -> Iterator[Message]:
    """One message a person, in the role named first; `why` says {role}. One query."""
    once = {person.pk: (person, role) for person, role in reversed(told)}
    names = Role.objects.in_bulk({role for _, role in once.values()}) if once else {}
    for person, role in once.values():
        yield from escalation.about(
            incident, [(person, role)], key=key, kind=kind, subject=subject,
            body=f"{what}\n\n{why.replace('{role}', names[role].name)}", priority=priority,
        )  # fmt: skip
