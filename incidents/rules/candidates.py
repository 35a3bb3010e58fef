"""Who could take a role: people with what is known of them, in pools by role."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from incidents.rules.roles import NAMES

# Whoever is on shift and holds so many roles in open incidents is asked in turn with the others.
ROLES_A_SHIFT = 2
NOTHING: Mapping[str, date] = MappingProxyType({})
NO_SHIFT: Mapping[str, datetime] = MappingProxyType({})


class Candidate(NamedTuple):
    """One active person; `away_until`, `commands` and `outside` are set only while they are so.

    A tuple, for there are thousands of them.
    """

    username: str
    name: str
    team: str
    qualified_for: Set[str] = frozenset()
    lapsed: Mapping[str, date] = NOTHING  # role: the day it ended
    away_until: datetime | None = None
    commands: str | None = None
    open_roles: int = 0  # in other open incidents
    last_commanded_at: datetime | None = None
    outside: str = ""  # of his hours, such as "03:10 in Asia/Tokyo, outside 09:00 to 18:00"
    on_shift: Mapping[str, datetime] = NO_SHIFT  # role: until when
    is_practising: bool = False  # what they command is an exercise
    in_exercises: int = 0  # so many of the open roles


@dataclass(frozen=True, slots=True)
class Service:
    """An affected service: its owner's username if it has one, the team that runs it, its lead."""

    slug: str
    name: str
    owner: str | None
    team: str
    lead: str | None = None  # known only where nobody else could be found


@dataclass(frozen=True, slots=True)
class Pool:
    """The people whose qualification for one role stands or lapsed, whom to ask first in front."""

    role: str
    title: str
    free: list[Candidate] = field(default_factory=list)
    away: list[Candidate] = field(default_factory=list)
    lapsed: list[Candidate] = field(default_factory=list)

    def of_team(self, service: Service) -> "Pool":
        """Those in the service's team, its owner left out."""
        team, owner, kinds = service.team, service.owner, (self.free, self.away, self.lapsed)
        near = ([p for p in kind if p.team == team and p.username != owner] for kind in kinds)
        return Pool(self.role, f"{self.title} in team {team}", *near)

    @property
    def ready(self) -> list[Candidate]:
        """Who could hold the role, absences aside."""
        return [*self.free, *self.away]


class Register:
    """All who are weighed, by username, and their pools by role; read once, asked often."""

    def __init__(self, people: Iterable[Candidate], roles: Iterable[str]) -> None:
        self.people = {person.username: person for person in _in_turn(people)}
        self.pools = pools(self.people.values(), frozenset(roles))


def load(person: Candidate) -> tuple[bool, bool, int, str]:
    """Who is asked first: whose hours it is, who commands nothing, fewest open roles, username."""
    return bool(person.outside), person.commands is not None, person.open_roles, person.username


def _in_turn(people: Iterable[Candidate]) -> list[Candidate]:
    """As `load` says; most of a company is idle, and of those only the names are compared."""
    idle: list[Candidate] = []
    others: list[Candidate] = []
    for person in people:
        is_idle = not (person.outside or person.open_roles or person.commands)
        (idle if is_idle else others).append(person)
    return [*sorted(idle, key=itemgetter(0)), *sorted(others, key=load)]


def pools(people: Iterable[Candidate], roles: frozenset[str]) -> dict[str, Pool]:
    """One pass over the people; what they lack for a role is known before anybody is chosen.

    Who is on shift for a role stands in front of its pool, the others as they came.
    """
    found = {role: Pool(role, name_of(role)) for role in roles}
    for person in people:
        for role in person.lapsed:
            if role in roles:
                found[role].lapsed.append(person)
        for role in person.qualified_for:
            if role in roles and role not in person.lapsed:
                (found[role].away if person.away_until else found[role].free).append(person)
    for role in {role for person in people for role in person.on_shift} & roles:
        found[role].free.sort(key=lambda person: not comes_first(person, role))
    return found


def name_of(role: str) -> str:
    """The role as people call it where nobody looked it up."""
    return NAMES.get(role, role.replace("_", " ").capitalize())


def absence_of(person: Candidate) -> str:
    """Until when the person is away, in UTC, or ""."""
    until = person.away_until and person.away_until.astimezone(UTC)
    return f"away until {day(until)} {until:%H:%M} UTC" if until else ""


def comes_first(person: Candidate, role: str) -> bool:
    """Whether the person is asked before the others: on shift, with a hand free for one more.

    A role in an exercise binds no hand: what is real goes first.
    """
    real = person.open_roles - person.in_exercises
    return role in person.on_shift and real < ROLES_A_SHIFT


def shift_of(person: Candidate, role: str) -> str:
    """The shift that the person serves in this role now, such as "on shift as Scribe until …"."""
    until = person.on_shift.get(role)
    if until is None:
        return ""
    ends = until.astimezone(UTC)
    return f"on shift as {name_of(role)} until {ends:%H:%M} UTC on {day(ends)}"


def day(on: date) -> str:
    """Such as 3 Dec 2026."""
    return f"{on.day} {on:%b %Y}"
