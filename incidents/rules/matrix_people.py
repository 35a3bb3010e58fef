"""Who exactly would be responsible, accountable, consulted and informed, were it to happen now.

The roles a declaration fills are filled as a declaration fills them; the others, which are only
consulted or informed or work before or after an incident, are filled from who is left.
Source of the idea: an auditor asks for roles resolved to people on a date (DORA Art. 17(3)(c)).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from incidents.rules import assignment
from incidents.rules.assignment import ALWAYS, Chosen, Need, Plan, Rejected, Unfilled
from incidents.rules.candidates import Candidate, Pool, Service
from incidents.rules.exclusions import SHIPPED, Exclusions
from incidents.rules.layers import BASE, Resolved, holding
from incidents.rules.phases import OPEN_STATES
from incidents.rules.raci import Activity, Letter
from incidents.rules.roles import COMMANDER


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the matrix, all of it at one instant.

    `roles` are the names of the catalogue's roles in its order; `gone`, by role, the names of
    those deactivated whose qualification still stands; services have owner and team; `exclusions`
    say which roles nobody holds together.
    """

    roles: Mapping[str, str]
    people: Sequence[Candidate]
    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)
    services: Sequence[Service] = ()
    exclusions: Exclusions = SHIPPED

    def name(self, role: str) -> str:
        """The role as people call it."""
        return self.roles.get(role, role)


@dataclass(frozen=True, slots=True)
class Answer:
    """Who would take a role and why; nobody ("") and why not.

    `others` could be asked in their stead at this moment; `weighed` says why they were not.
    """

    username: str
    name: str
    reasons: tuple[str, ...]
    others: int = 0
    service: Service | None = None
    weighed: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class RolePeople:
    """One role resolved: a domain owner has an answer for each owner, every other role one.

    `works`: it answers or acts somewhere in what is shown. `is_declared`: a declaration fills it.
    """

    role: str
    name: str
    why: str
    answers: tuple[Answer, ...]
    works: bool
    is_declared: bool
    pool: Pool

    @property
    def usernames(self) -> frozenset[str]:
        """Those found."""
        return frozenset(each.username for each in self.answers if each.username)


class Part(NamedTuple):
    """One role's part in one activity, and where its letter came from: base, or a variation."""

    role: RolePeople
    letter: Letter
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """One activity with its people; an A/R stands under both letters."""

    activity: Activity
    parts: tuple[Part, ...]

    @property
    def accountable(self) -> tuple[Part, ...]:
        """Who answers for it."""
        return tuple(each for each in self.parts if each.letter.is_accountable)

    @property
    def responsible(self) -> tuple[Part, ...]:
        """Who does it."""
        return tuple(each for each in self.parts if each.letter.is_responsible)

    @property
    def consulted(self) -> tuple[Part, ...]:
        """Who is asked before."""
        return tuple(each for each in self.parts if each.letter is Letter.C)

    @property
    def informed(self) -> tuple[Part, ...]:
        """Who is told afterwards."""
        return tuple(each for each in self.parts if each.letter is Letter.I)


@dataclass(frozen=True, slots=True)
class People:
    """A matrix resolved: its lines in order, its roles in the order of the columns."""

    lines: tuple[Line, ...]
    roles: tuple[RolePeople, ...]
    is_register_empty: bool = False


def who(resolved: Resolved, known: Known, phase: str = "") -> People:
    """The people of one phase, or of all; the phase shown never changes who is chosen."""
    declared = _declared(resolved, known)
    needs = assignment.needs(declared, known.services)
    lettered = frozenset().union(*(each.letters for each in resolved.grid.activities))
    rest = [role for role in resolved.grid.roles if role in lettered and role not in declared]
    also = [need for need in assignment.needs(rest, known.services) if need.role in rest]
    plan, pools = assignment.fill_also(needs, also, known.people, known.exclusions)
    shown = tuple(each for each in resolved.grid.activities if not phase or each.phase == phase)
    filled = _Filled(known, plan, pools, [*needs, *also], declared, shown)
    roles = {role: filled.role(role) for role in _columns(resolved, shown, phase, declared)}
    return People(
        lines=tuple(_line(each, resolved, roles) for each in shown),
        roles=tuple(roles.values()),
        is_register_empty=not any(
            one.qualified_for or one.lapsed for one in known.people
        ) and not any(known.gone.values()),
    )  # fmt: skip


def _declared(resolved: Resolved, known: Known) -> list[str]:
    """What a declaration fills, in its order, which is the catalogue's."""
    wanted = {*ALWAYS, *holding(resolved.grid)}
    return [role for role in known.roles if role in wanted]


def _columns(
    resolved: Resolved, shown: Iterable[Activity], phase: str, declared: Iterable[str]
) -> list[str]:
    """The roles with a letter in what is shown, and those that every open incident has."""
    lettered = {role for each in shown for role in each.letters}
    is_open = not phase or phase in OPEN_STATES
    silent = [role for role in declared if is_open and role in ALWAYS]
    return [
        *(role for role in resolved.grid.roles if role in lettered),
        *(role for role in silent if role not in lettered),
    ]


def _line(activity: Activity, resolved: Resolved, roles: Mapping[str, RolePeople]) -> Line:
    place = activity.place
    is_varied = place in resolved.sources
    return Line(
        activity,
        tuple(
            Part(roles[role], letter, resolved.source(place, role) if is_varied else BASE)
            for role, letter in activity.letters.items()
        ),
    )


class _Filled:
    """The plan, read role by role."""

    def __init__(
        self,
        known: Known,
        plan: Plan,
        pools: Mapping[str, Pool],
        needs: Sequence[Need],
        declared: Sequence[str],
        shown: Iterable[Activity],
    ) -> None:
        self.known = known
        self.declared = declared
        self.whys = {need.role: need.why for need in needs}
        self.working = {
            role for each in shown for role in (*each.accountable, *each.responsible)
        }
        self.people = {one.username: one for one in known.people}
        self.pools = pools
        self.found: dict[str, list[Chosen | Unfilled]] = {}
        answers: list[Chosen | Unfilled] = [*plan.assignments, *plan.unfilled]
        for answer in answers:
            self.found.setdefault(answer.role, []).append(answer)

    def role(self, role: str) -> RolePeople:
        """One role with its answers."""
        is_declared = role in self.declared
        return RolePeople(
            role=role,
            name=self.known.name(role),
            why=self._why(role, is_declared=is_declared),
            answers=tuple(self._answer(each) for each in self.found[role]),
            works=role in self.working or (is_declared and role in ALWAYS),
            is_declared=is_declared,
            pool=self.pools[role],
        )

    def _why(self, role: str, *, is_declared: bool) -> str:
        if not is_declared:
            return "Not given out when an incident is declared"
        several = len(self.found[role]) > 1
        return "One for each owner of what is affected" if several else self.whys[role]

    def _answer(self, found: Chosen | Unfilled) -> Answer:
        if isinstance(found, Unfilled):
            return Answer("", "", found.reasons, service=found.service)
        return Answer(
            username=found.username,
            name=self.people[found.username].name,
            reasons=(found.reason,),
            others=self._others(found),
            service=found.service,
            weighed=found.rejected,
        )

    def _others(self, found: Chosen) -> int:
        """How many are here and qualified beside the one chosen; of commanders, without a command."""
        pool = self.pools[found.role]
        if found.service:
            return len(pool.of_team(found.service).free)
        able = len(pool.free)
        if found.role == COMMANDER:
            able -= sum(one.commands is not None for one in pool.free)
        return able - 1
