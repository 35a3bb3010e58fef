"""A dry run of an escalation: who would be called, when and how, and who cannot be. Stores nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.roles import Absence, Qualification, Role
from incidents.models.severity import SeverityLevel
from incidents.operations import contacts, escalation, staffing, ways
from incidents.operations.escalation import Setting, Told
from incidents.operations.law import level_law, matrix_in_force
from incidents.rules import calling, layers
from incidents.rules.calling import LEADERSHIP, Contact, Course
from incidents.rules.roles import NAMES

SHOWN = 50  # of those who are left out


@dataclass(frozen=True, slots=True)
class DryRun:
    """The course of every step of a level, and the names of the roles in it."""

    courses: tuple[Course, ...]
    names: Mapping[str, str]
    shortfalls: tuple[str, ...]  # of this installation: channels a step names and nobody set up

    @property
    def unreachable(self) -> list[tuple[str, str]]:
        """Everybody a call may not reach, once, with every reason; roles nobody can be called in."""
        found: dict[str, list[str]] = {}
        for course in self.courses:
            for place in course.places:
                for one in place.told:
                    found.setdefault(one.name, []).extend(one.doubts)
                for name, reason in place.left_out:
                    found.setdefault(name, []).append(reason)
                if not place.told:
                    role = self.names.get(place.role, "Leadership")
                    found.setdefault(role, []).append(
                        "nobody holds or is qualified for this role"
                    )
        return [(name, "; ".join(dict.fromkeys(why))) for name, why in found.items() if why]


def of_level(
    level: SeverityLevel, services: Sequence[Service], *, is_exercise: bool, at: datetime
) -> DryRun:
    """If an incident of these services were declared at this level now, with whom it would be staffed.

    An exercise calls its players, whom nobody has named yet: it reaches nobody.
    """
    wanted = Service.objects.filter(pk__in=[service.pk for service in services])
    held = [] if is_exercise else _staffed(level, services, at)
    return _run(level, Setting(wanted.order_by(), is_exercise, held), at)


def of_incident(incident: Incident, level: SeverityLevel, *, at: datetime) -> DryRun:
    """If this running incident had this level now, with whoever holds its roles."""
    return _run(level, escalation.setting(incident), at)


def _staffed(level: SeverityLevel, services: Sequence[Service], at: datetime) -> list[Told]:
    """The roles as a declaration would fill them now."""
    tiers = [service.tier for service in services]
    case = layers.Case(severity=level.code, tier=min(tiers, default=None))
    roles = staffing.roles_needed(matrix_in_force(at), case)
    plan = staffing.plan(staffing.needs(roles, services), services, at=at)
    names = {chosen.username for chosen in plan.assignments}
    people = Person.objects.in_bulk(names, field_name="username")
    return [(people[one.username], one.role) for one in plan.assignments]


def _run(level: SeverityLevel, here: Setting, at: datetime) -> DryRun:
    law = level_law(level)
    steps = law.escalation if law else ()
    by_role = {step.role: step for step in steps}
    lines = {step: step.line(by_role) for step in steps}
    roles = list(dict.fromkeys(role for line in lines.values() for role in line))
    told = escalation.meant(roles, here, at=at)
    channels = {step.channel for step in steps}
    meant = _contacts(told, channels, at)
    held = {role for _, role in here.held}
    vacant = [role for role in roles if role not in held and role != LEADERSHIP]
    left_out = {} if here.is_exercise else _left_out(vacant, told, at)
    names = dict(Role.objects.filter(pk__in=roles).values_list("slug", "name"))
    return DryRun(
        calling.courses(steps, meant, left_out, at),
        {LEADERSHIP: "Leadership", **NAMES, **names},
        tuple(filter(None, map(contacts.shortfall, sorted(channels)))),
    )


def _contacts(
    told: Mapping[str, Sequence[Told]], channels: Iterable[str], at: datetime
) -> dict[tuple[str, str], list[Contact]]:
    """Each person as a page of each step reaches them first; three queries."""
    people = {person for some in told.values() for person, _ in some}
    proofs = contacts.proofs(people)
    known = ways.of(people, [ways.Purpose.PAGE])
    away = dict(
        Absence.objects.covering(at).filter(person__in=people).order_by()
        .values_list("person").annotate(until=Max("ends_at"))
    )  # fmt: skip
    found: dict[tuple[str, str], list[Contact]] = {}
    for channel in channels:
        for role, some in told.items():
            found[role, channel] = []
            for person, _ in some:
                mine = known.get((person.pk, ways.Purpose.PAGE), ())
                first = ways.first(person, mine, step=channel)
                found[role, channel].append(
                    Contact(
                        name=str(person),
                        address=first.address,
                        proved_at=proofs.get((person.pk, first.address)),
                        away_until=away.get(person.pk),
                        is_active=person.is_active,
                        channel=first.channel,
                    )
                )
    return found


def _left_out(
    roles: Sequence[str], told: Mapping[str, Sequence[Told]], at: datetime
) -> dict[str, list[tuple[str, str]]]:
    """Who was qualified for a role nobody holds and is not called, each with why; two queries."""
    away = dict(
        Absence.objects.covering(at).order_by().values_list("person")
        .annotate(until=Max("ends_at"))
    )  # fmt: skip
    day = today(at)
    unfit = (
        Q(person__is_active=False) | Q(person__email="") | Q(person__in=list(away))
        | Q(expires_on__lte=day)
    )  # fmt: skip
    rows = Qualification.objects.filter(unfit, role__in=roles, level="qualified")
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows.select_related("person").order_by("person__name", "role")[:SHOWN]:
        if row.person in [person for person, _ in told[row.role_id]]:
            continue
        contact = Contact(
            str(row.person), row.person.email, at, away.get(row.person_id), row.person.is_active
        )
        why = list(calling.doubts(contact, at))
        if row.expires_on and row.expires_on <= day:
            why.append(f"qualification lapsed on {row.expires_on:%Y-%m-%d}")
        found.setdefault(row.role_id, []).append((str(row.person), "; ".join(why)))
    return found
