"""The board of people by role, and how many people each role could lose."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet

from incidents.models import Person, Qualification, Role
from incidents.models.calendar import today
from incidents.rules import hours
from incidents.rules.hours import Hours
from training.operations import role_standards
from training.operations.competence import LAPSED, LAPSING, LEARNING, QUALIFIED, state_of
from training.rules import competence as rules
from training.rules.competence import NINETY, SOON, Holder, Standard, Strength

PAGE = 50
WHOLE = 5000  # people in a file
# Of whoever keeps no hours of their own: when people can be expected to hear a call.
_WAKING = (time(8), time(22))
# Thousands of holders are counted: no rows are made of them.
_HOLDER = (
    "role", "person__name", "person__username", "person__team__name", "person__time_zone",
    "person__works_from", "person__works_until", "expires_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the board: a person and how they stand with each role that concerns them."""

    person: Person
    cells: Mapping[str, tuple[str, Qualification]]


@dataclass(frozen=True, slots=True)
class Board:
    """People by roles; `counts` says per role how many are in which state, of everybody asked for."""

    roles: tuple[Role, ...]
    rows: tuple[Row, ...]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    strengths: Mapping[str, Strength]


def board(*, team: str = "", page: int = 1, size: int = PAGE, at: datetime) -> Board:
    """A page of people who hold, held or learn a role, of this team; seven queries."""
    on = today(at)
    roles = tuple(Role.objects.active())
    concerned = Person.objects.filter(is_active=True, qualifications__isnull=False)
    if team:
        concerned = concerned.filter(team__slug=team)
    concerned = concerned.distinct().order_by("name", "username")
    total = concerned.count()
    shown = list(concerned.select_related("team")[(page - 1) * size : page * size])
    cells: dict[int, dict[str, tuple[str, Qualification]]] = defaultdict(dict)
    for held in Qualification.objects.filter(person__in=shown):
        cells[held.person_id][held.role_id] = (state_of(held, on), held)
    counts = _counts(Qualification.objects.filter(person__is_active=True), team, on)
    rows = tuple(Row(person, cells[person.pk]) for person in shown)
    return Board(roles, rows, total, counts, strengths(roles, at=at, team=team))


def strengths(roles: Iterable[Role], *, at: datetime, team: str = "") -> Mapping[str, Strength]:
    """How strong each of these roles is; two queries and those of the standards.

    Of one team nothing is wanted: a standard speaks of everybody.
    """
    on, standards = today(at), {} if team else role_standards.everything()
    valid = Qualification.objects.valid(on).filter(person__is_active=True)
    if team:
        valid = valid.filter(person__team__slug=team)
    holders: dict[str, list[Holder]] = defaultdict(list)
    awake: dict[Hours, frozenset[int]] = {}
    for held, name, username, home, zone, begins, ends, expires_on in valid.values_list(
        *_HOLDER
    ):
        kept = Hours(zone, begins, ends)
        if kept not in awake:
            awake[kept] = _awake(kept, at)
        holders[held].append(Holder(name or username, home or "", awake[kept], expires_on))
    return {
        role.slug: rules.strength(
            role.slug, holders[role.slug], _wanted(standards, role.slug), on
        )
        for role in roles
    }


def short(at: datetime) -> list[tuple[str, Strength]]:
    """The roles that have fewer holders than their standard wants, now or in ninety days.

    Whatever the number of people, two queries and none of their hours.
    """
    on, wanted = today(at), role_standards.wanted()
    valid = Qualification.objects.valid(on).filter(person__is_active=True).values("pk")
    now = Q(qualifications__in=valid)
    lasting = Q(qualifications__expires_on=None) | Q(qualifications__expires_on__gt=on + NINETY)
    roles = Role.objects.active().filter(slug__in=wanted)
    counted = roles.annotate(
        held=Count("qualifications", filter=now),
        held_later=Count("qualifications", filter=now & lasting),
    ).values_list("slug", "name", "held", "held_later")
    found = (
        (name, Strength(slug, held, later, wanted[slug])) for slug, name, held, later in counted
    )
    return [(role, strength) for role, strength in found if strength.is_short]


def _wanted(standards: Mapping[str, Standard], role: str) -> int:
    return standards[role].holders_wanted if role in standards else 0


def _counts(
    rows: QuerySet[Qualification], team: str, on: date
) -> Mapping[str, Mapping[str, int]]:
    if team:
        rows = rows.filter(person__team__slug=team)
    soon = on + SOON
    states: Mapping[str, Q] = {
        LEARNING: Q(level=Qualification.Level.LEARNING),
        QUALIFIED: Q(level="qualified") & (Q(expires_on=None) | Q(expires_on__gt=soon)),
        LAPSING: Q(level="qualified", expires_on__gt=on, expires_on__lte=soon),
        LAPSED: Q(level="qualified", expires_on__lte=on),
    }
    named = {name: Count("id", filter=which) for name, which in states.items()}
    counted = rows.order_by().values_list("role").annotate(**named)
    return {role: dict(zip(states, found, strict=True)) for role, *found in counted}


def _awake(kept: Hours, at: datetime) -> frozenset[int]:
    """The hours of the day, in UTC, in which they work or are awake; every day counts alike."""
    begins, ends = (kept.begins, kept.ends) if kept.begins else _WAKING
    always = Hours(kept.zone, begins, ends)
    midnight = datetime.combine(at.astimezone(UTC).date(), time(), tzinfo=UTC)
    return frozenset(
        hour for hour in range(24) if hours.is_within(always, midnight + timedelta(hours=hour))
    )
