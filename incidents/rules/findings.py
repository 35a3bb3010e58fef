"""What a check is given, what it says, and how much that weighs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeAlias

from incidents.rules.matrix_facts import Facts, Holder
from incidents.rules.matrix_names import propose_role
from incidents.rules.raci import Activity, Grid
from incidents.rules.roles import KINDS, NAMES, RoleKind


class Level(StrEnum):
    """How much a finding weighs: an error blocks, a warning wants a reason."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many is too many: settings of the organisation, `CheckLimits` where they are stored.

    Counts within one activity, shares of all activities for one role, days, a factor of the median.
    """

    responsible: int = 3
    consulted: int = 4
    informed: int = 5
    accountable_share: float = 0.75
    responsible_share: float = 0.75
    # A share says nothing about a matrix of two or three rows.
    column_activities: int = 4
    holders: int = 2
    span_least: int = 3
    span_most: int = 7
    review_days: int = 180
    load_factor: float = 1.5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found; what it is not about is "".

    `role` is the role as the grid names it, a slug in ours; `message` speaks of it by its name.
    `case` is the variation it is about, or the case in which it holds: “severity sev1”.
    """

    rule: str
    level: Level
    phase: str
    activity: str
    role: str
    message: str
    case: str = ""


class Spot(NamedTuple):
    """Where a check found something, and what to do about it."""

    message: str
    activity: Activity | None = None
    role: str = ""
    case: str = ""
    phase: str = ""  # where it is about a phase and no single activity


@dataclass(frozen=True)
class Matter:
    """What a check looks at: the grid, the thresholds, and what is known beside them, if anything."""

    grid: Grid
    limits: Thresholds = Thresholds()
    facts: Facts | None = None

    @cached_property
    def known(self) -> Facts:
        """The facts; where nobody gathered any, empty ones."""
        return self.facts or Facts()

    @cached_property
    def working_roles(self) -> tuple[str, ...]:
        """The roles with an A or R anywhere, in a variation too; in column order."""
        given = [
            *(each.letters for each in self.grid.activities),
            *(letters for each in self.grid.variations for letters in each.letters.values()),
        ]
        found = {
            role
            for letters in given
            for role, letter in letters.items()
            if letter and (letter.is_accountable or letter.is_responsible)
        }
        return tuple(role for role in self.grid.roles if role in found)

    def name(self, role: str) -> str:
        """The role as people call it."""
        return self.known.name(role)

    def names(self, roles: tuple[str, ...]) -> str:
        """Several of them."""
        return ", ".join(self.name(role) for role in roles)

    def kind(self, role: str) -> RoleKind:
        """What sort of work the role does; of a foreign name only where it is well known."""
        if role in self.known.roles:
            return self.known.roles[role].kind
        ours = role if role in NAMES else propose_role(role)
        return KINDS[ours] if ours else RoleKind.OTHER

    @cached_property
    def _ready(self) -> dict[str, tuple[Holder, ...]]:
        return {slug: role.ready for slug, role in self.known.roles.items()}

    def ready(self, role: str) -> tuple[Holder, ...]:
        """Who could hold the role, absences aside."""
        return self._ready.get(role, ())

    def only_one(self, role: str) -> Holder | None:
        """The one person who could hold the role, if it is just one."""
        ready = self.ready(role)
        return ready[0] if len(ready) == 1 else None

    def superior(self, role: str) -> str:
        """The role it reports to; "" where that is nobody, or not known."""
        known = self.known.roles.get(role)
        return known.reports_to if known else ""


class Needs(StrEnum):
    """What must be known before a check is asked."""

    GRID = "grid"  # the matrix alone: a file has all of it
    FACTS = "facts"  # the catalogue of roles, severities, scenarios
    REGISTER = "register"  # and who is qualified for what
    FORCE = "force"  # and that the version is in force
    REGISTER_IN_FORCE = "register, force"


Look: TypeAlias = Callable[[Matter], Iterator[Spot]]


class Check(NamedTuple):
    """One rule of the catalogue, at one level."""

    rule: str
    level: Level
    look: Look
    needs: Needs = Needs.GRID

    def is_asked(self, facts: Facts | None) -> bool:
        """Whether enough is known."""
        if self.needs is Needs.GRID:
            return True
        if facts is None:
            return False
        is_register_missing = not facts.is_register_used
        if self.needs in (Needs.REGISTER, Needs.REGISTER_IN_FORCE) and is_register_missing:
            return False
        in_force = self.needs in (Needs.FORCE, Needs.REGISTER_IN_FORCE)
        return facts.force is not None if in_force else True
