"""Who may be planned into a year's exercises, and at which of the possible dates they can come."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Q

from incidents.models import Absence, Person, Qualification, Role
from incidents.models.calendar import today
from incidents.operations import quiet
from incidents.operations.candidates import hours_of
from incidents.rules import hours
from incidents.rules.hours import Hours
from incidents.rules.roles import RoleKind
from training.models import GameDay, GameDayRole, GameDayStaff

# Nobody who said nothing of their hours is asked to practise at night.
WAKING = (time(7), time(22))
# What somebody comes from and may see of another: engineers of communication, support of
# engineering. Command, scribes and executives belong to no side.
DOMAINS = {
    RoleKind.TECHNICAL: "engineering",
    RoleKind.VOICE: "communications",
    RoleKind.LEGAL: "legal",
}
SUPPORT_DOMAIN = "support"

Busy = tuple[datetime, datetime]


class Able(NamedTuple):
    """One person: what they are ready for, what they learn, and what is wrong in their entry."""

    person: Person
    qualified: frozenset[str]
    learning: frozenset[str]
    domain: str


def domains(roles: Iterable[Role]) -> dict[str, str]:
    """Which domain each role belongs to; "" for those of all."""
    found = {role.slug: DOMAINS.get(RoleKind(role.kind), "") for role in roles}
    return {
        slug: SUPPORT_DOMAIN if slug.startswith("support") else domain
        for slug, domain in found.items()
    }


def able(roles: Sequence[Role], *, at: datetime) -> list[Able]:
    """Everybody active who is qualified today for one of these roles, or learning it; one query.

    A qualification that lapses before an exercise counts: practice is what renews it.
    """
    day, of_role = today(at), domains(roles)
    rows = (
        Qualification.objects.filter(person__is_active=True, role__in=of_role)
        .filter(Q(expires_on=None) | Q(expires_on__gt=day))
        .select_related("person__team")
        .order_by("person__username", "role__position", "role")
    )
    qualified: dict[Person, list[str]] = defaultdict(list)
    learning: dict[Person, list[str]] = defaultdict(list)
    for row in rows:
        is_ready = row.level == Qualification.Level.QUALIFIED
        (qualified if is_ready else learning)[row.person].append(row.role_id)
    everybody = dict.fromkeys([*qualified, *learning])
    return [
        Able(
            one,
            frozenset(qualified.get(one, ())),
            frozenset(learning.get(one, ())),
            _home(qualified.get(one, ()), of_role),
        )
        for one in sorted(everybody, key=lambda one: one.username)
    ]


class Diary:
    """When people are away or busy in a stretch of time; three queries, however many there are.

    Parts in other game days count for their whole day; those of the days in `but` do not.
    """

    def __init__(
        self, first: datetime, last: datetime, minutes: int, *, but: Iterable[GameDay] = ()
    ) -> None:
        self.length = timedelta(minutes=minutes)
        self.busy: dict[int, list[Busy]] = defaultdict(list)
        away = Absence.objects.filter(starts_at__lt=last, ends_at__gt=first).order_by()
        for person, begins, ends in away.values_list("person", "starts_at", "ends_at"):
            self.busy[person].append((begins, ends))
        for person, begins, minutes_there in _parts(first, last, but):
            self.busy[person].append((begins, begins + timedelta(minutes=minutes_there)))
        self._open: dict[tuple[object, ...], dict[datetime, bool]] = defaultdict(dict)

    def comes(self, person: Person, instants: Sequence[datetime]) -> frozenset[datetime]:
        """At which of them this person works, is not away and has the whole time free."""
        key = (
            *hours_of(person), person.quiet_from, person.quiet_until, person.holidays,
        )  # fmt: skip
        is_open = self._open[key]  # many people keep the same hours in the same place
        for instant in instants:
            if instant not in is_open:
                is_open[instant] = self._is_open(person, instant)
        busy = self.busy.get(person.pk, ())
        return frozenset(
            instant for instant in instants if is_open[instant]
            and not any(begins < instant + self.length and ends > instant for begins, ends in busy)
        )  # fmt: skip

    def _is_open(self, person: Person, instant: datetime) -> bool:
        kept = _kept(person)
        last = instant + self.length - timedelta(minutes=1)
        if hours.outside(kept, instant) or hours.outside(kept, last):
            return False
        return quiet.opens_at(person, instant) == instant


def names_beyond(known: Container[str], days: Iterable[GameDay]) -> dict[str, str]:
    """The names, by username, of those cast in these days whom the planner does not know any more."""
    cast = [part.person for day in days for part in day.roles.all()]
    return {one.username: str(one) for one in cast if one.username not in known}


def strange_zones(people: Iterable[Person]) -> Iterator[str]:
    """A sentence for everybody whose zone no clock knows: they are taken to live by UTC."""
    for one in people:
        if hours.zone(one.time_zone).key != one.time_zone:
            yield (
                f"{one}'s time zone “{one.time_zone}” is unknown and read as UTC: correct it in "
                "their entry."
            )


def _kept(person: Person) -> Hours:
    said = hours_of(person)
    if said.begins is None:
        return said._replace(begins=WAKING[0], ends=WAKING[1])
    return said


def _home(roles: Iterable[str], of_role: Mapping[str, str]) -> str:
    """The domain most of their roles belong to; of several the first in the matrix."""
    named = [of_role[role] for role in roles if of_role[role]]
    return max(named, key=named.count, default="")


def _parts(
    first: datetime, last: datetime, but: Iterable[GameDay]
) -> Iterator[tuple[int, datetime, int]]:
    ahead = {
        "game_day__starts_at__gte": first, "game_day__starts_at__lt": last,
        "game_day__status__in": [GameDay.Status.PLANNED, GameDay.Status.RUNNING],
    }  # fmt: skip
    left_out = [one.pk for one in but]
    for model in (GameDayRole, GameDayStaff):
        rows = model._default_manager.filter(**ahead).exclude(game_day__in=left_out).order_by()
        yield from rows.values_list(
            "person", "game_day__starts_at", "game_day__duration_minutes"
        )
