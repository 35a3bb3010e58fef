"""Filling twelve roles of an incident in a large company: five thousand people, two thousand services."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from bench.company import Company
from bench.dialect import settle
from bench.measured import Aim, Effort, Measured, median_and_p95, statements
from incidents.models import (
    Absence,
    Assignment,
    Incident,
    Person,
    Qualification,
    Role,
    Service,
    Team,
)
from incidents.operations import staffing
from incidents.rules.assignment import Plan
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    ENGINEERING,
    EXECUTIVE,
    RESPONDER,
    SCRIBE,
    SUPPORT,
    TEAM_LEAD,
)
from tests import factories

PEOPLE, SERVICES, TEAMS = 5000, 2000, 100
QUICK = Aim(p95_ms=50)
# Of a thousand people so many are qualified; most for what most do.
QUALIFIED = {
    RESPONDER: 600, DOMAIN_OWNER: 250, SCRIBE: 120, TEAM_LEAD: 80, SUPPORT: 60, COMMANDER: 40,
    DEPUTY: 40, COMMUNICATIONS: 30, ENGINEERING: 15, "privacy_officer": 10, COUNSEL: 8,
    EXECUTIVE: 5,
}  # fmt: skip
# Where they sit and when they work; a third at any hour, some through the night.
_HOURS: tuple[tuple[str, time | None, time | None, bool], ...] = (
    ("Europe/Berlin", time(9), time(18), False),
    ("UTC", None, None, True),
    ("America/New_York", time(8, 30), time(17), False),
    ("Asia/Tokyo", time(9), time(18), False),
    ("Asia/Kolkata", None, None, True),
    ("America/Los_Angeles", time(10), time(19), True),
    ("Australia/Sydney", time(22), time(6), True),
)


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """After all other parts: its people would take roles in their declarations."""
    _grow(company)
    settle()
    fill = Filling(company)
    _check(fill())
    sent = statements(fill)
    # Thirty milliseconds each: enough runs that five in a hundred are several.
    long = replace(effort, seconds=3 * effort.seconds, most=5 * effort.most)
    middle, p95 = median_and_p95(fill, long)
    yield Measured(
        f"assign {len(QUALIFIED)} roles among {PEOPLE:,} people", database, rows, middle,
        statements=sent, aim=QUICK, p95_ms=p95,
    )  # fmt: skip


class Filling:
    """What a declaration does to fill its roles, each time for other services."""

    def __init__(self, company: Company) -> None:
        self.at = company.at
        self.services = list(Service.objects.order_by("pk").values_list("pk", flat=True))
        self.numbers = count()

    def __call__(self) -> Plan:
        """Read roles and services, and weigh everybody."""
        n = next(self.numbers)
        keys = [self.services[(n * 7 + step) % len(self.services)] for step in (0, 31)]
        roles = list(Role.objects.filter(pk__in=QUALIFIED))
        services = list(
            Service.objects.select_related("owner__team", "team").filter(pk__in=keys)
        )
        return staffing.plan(staffing.needs(roles, services), services, at=self.at)


def _check(plan: Plan) -> None:
    """A benchmark of a plan that fills nothing would measure nothing."""
    filled = {each.role for each in plan.assignments}
    if missing := QUALIFIED.keys() - filled:
        raise RuntimeError(f"Nobody was found for {', '.join(sorted(missing))}")


def _grow(company: Company) -> None:
    """As many people and services as said, qualified, busy, away and lapsed as people are."""
    for slug in QUALIFIED:
        factories.role(slug)
    teams = Team.objects.bulk_create(
        Team(slug=f"large{n}", name=f"Large team {n}") for n in range(TEAMS)
    )
    first = Person.objects.count()
    people = Person.objects.bulk_create(_person(n, teams) for n in range(first, PEOPLE))
    grown = range(Service.objects.count(), SERVICES)
    Service.objects.bulk_create(_service(n, people, teams) for n in grown)
    _qualify(people, company.at.date())
    _let_away(people[::20], company.at)
    _let_command(people, company.at)


def _person(n: int, teams: list[Team]) -> Person:
    zone, begins, ends, weekends = _HOURS[n % len(_HOURS)]
    return Person(
        username=f"large{n}", name=f"Large {n}", email=f"large{n}@example.com",
        team=teams[n % TEAMS], is_active=n % 50 != 0,
        time_zone=zone, works_from=begins, works_until=ends, works_weekends=weekends,
    )  # fmt: skip


def _service(n: int, people: list[Person], teams: list[Team]) -> Service:
    owner = people[n % len(people)]
    return Service(
        slug=f"large{n}", name=f"Large service {n}", owner=owner, team=teams[n % TEAMS],
        tier=1 + n % 4,
    )  # fmt: skip


def _qualify(people: list[Person], today: date) -> None:
    """Each role its own share of people, spread by a stride that meets every team."""
    Qualification.objects.bulk_create(
        Qualification(
            person=people[(place * 137 + step * 7) % len(people)],
            role_id=role, level="qualified", granted_on=today - timedelta(days=200),
            expires_on=_expiry(step, today),
        )
        for place, (role, share) in enumerate(QUALIFIED.items())
        for step in range(len(people) * share // 1000)
    )  # fmt: skip


def _expiry(step: int, today: date) -> date | None:
    """One in thirty lapsed; half of the others never do."""
    if step % 30 == 1:
        return today - timedelta(days=10)
    return today + timedelta(days=90) if step % 2 else None


def _let_away(people: list[Person], at: datetime) -> None:
    Absence.objects.bulk_create(
        Absence(person=one, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=3))
        for one in people
    )


def _let_command(people: list[Person], at: datetime) -> None:
    """Every commander took command before, so that there is a rotation."""
    able = {one.pk: one for one in people}
    held = Qualification.objects.filter(role=COMMANDER, person__in=able)
    past = Incident.objects.filter(state="closed").first()
    Assignment.objects.bulk_create(_past(past, each, n, at) for n, each in enumerate(held))


def _past(incident: Any, held: Qualification, n: int, at: datetime) -> Assignment:
    since = at - timedelta(days=1 + n)
    return Assignment(
        incident=incident, role_id=COMMANDER, person_id=held.person_id, reason="benchmark",
        assigned_at=since, ended_at=since + timedelta(hours=2),
    )  # fmt: skip
