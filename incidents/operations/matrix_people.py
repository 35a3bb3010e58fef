"""A matrix resolved to people: who exactly it would be now, and where it has gaps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incidents.models.calendar import today
from incidents.models.catalogue import Scenario, Service
from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person
from incidents.models.roles import Qualification, Role
from incidents.operations import exclusions, law, staffing
from incidents.operations.candidates import candidates
from incidents.rules import layers, matrix_people
from incidents.rules.assignment import ALWAYS
from incidents.rules.layers import Case
from incidents.rules.matrix_gaps import Gap, gaps
from incidents.rules.matrix_people import Known, People
from incidents.rules.phases import Phase
from incidents.rules.raci import Grid, VariationKind
from incidents.rules.reasons import Invalid, Reason


@dataclass(frozen=True, slots=True)
class ResolvedPeople:
    """One version resolved to people: for which case and services, who, and the gaps."""

    version: MatrixVersion
    case: Case
    phase: str
    at: datetime
    services: tuple[Service, ...]
    people: People
    gaps: tuple[Gap, ...]


def resolve_to_people(
    version: MatrixVersion,
    *,
    case: Case = layers.ANY_CASE,
    phase: str = "",
    services: Sequence[Service] = (),
    at: datetime,
) -> ResolvedPeople:
    """Who would be R, A, C and I at `at`; a constant number of queries however many people.

    The gravest tier of the services holds unless the case names one. Who is away and qualified
    is as of `at`; open roles and commands are as they stand. Invalid: a severity, scenario or
    phase nobody knows.
    """
    grid = law.grid(version)
    _check(case, phase, _severities(_varied(grid), at))
    affected = _affected(services)
    if case.tier is None:
        case = replace(case, tier=min((each.tier for each in affected), default=None))
    known = _known(grid, affected, at)
    people = matrix_people.who(layers.resolve(grid, case), known, phase)
    return ResolvedPeople(
        version, case, phase, at, tuple(affected), people, gaps(people, known)
    )


def severities(version: MatrixVersion, at: datetime) -> tuple[str, ...]:
    """The levels of the scheme in force, and those only this matrix speaks of; two queries."""
    varied = version.variations.filter(depends_on=VariationKind.SEVERITY)
    return _severities(varied.values_list("value", flat=True), at)


def _severities(varied: Iterable[str], at: datetime) -> tuple[str, ...]:
    scheme = law.scheme_in_force(at)
    return tuple(dict.fromkeys([*(law.levels(scheme) if scheme else ()), *varied]))


def _varied(grid: Grid) -> list[str]:
    return [each.value for each in grid.variations if each.kind is VariationKind.SEVERITY]


def _check(case: Case, phase: str, known: tuple[str, ...]) -> None:
    wrong = []
    if case.severity and case.severity not in known:
        wrong.append(_unknown("severity", case.severity, known))
    if case.scenario and not Scenario.objects.filter(slug=case.scenario).exists():
        wrong.append(_unknown("scenario", case.scenario, ()))
    if phase and phase not in tuple(Phase):
        wrong.append(_unknown("phase", phase, tuple(Phase)))
    if wrong:
        raise Invalid(*wrong)


def _unknown(what: str, said: str, known: Iterable[str]) -> Reason:
    listed = ", ".join(known)
    choose = f"choose one of {listed}" if listed else "look it up first"
    return Reason(f"unknown_{what}", f"There is no {what} “{said}”: {choose}.", what)


def _affected(services: Sequence[Service]) -> list[Service]:
    """The services as the catalogue has them now, with owner and team; none costs no query."""
    if not services:
        return []
    rows = Service.objects.select_related("owner__team", "team")
    return list(rows.filter(pk__in=[each.pk for each in services]))


def _known(grid: Grid, services: Sequence[Service], at: datetime) -> Known:
    names = dict(Role.objects.values_list("slug", "name"))
    wanted = {*grid.roles, *ALWAYS}
    owners = [each.owner for each in services if each.owner.is_active]
    return Known(
        roles=names,
        people=candidates(wanted, owners, at=at),
        gone=_gone(wanted, at),
        services=tuple(map(staffing.as_rule, services)),
        exclusions=exclusions.now(),
    )


def _gone(roles: Iterable[str], at: datetime) -> dict[str, list[str]]:
    """The deactivated whose qualification stands, by role."""
    left = Person.objects.filter(is_active=False).order_by()
    rows = Qualification.objects.valid(today(at)).filter(role__in=set(roles), person__in=left)
    found: dict[str, list[str]] = defaultdict(list)
    for role, name in rows.order_by("person__name").values_list("role", "person__name"):
        found[role].append(name)
    return found
