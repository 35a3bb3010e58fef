"""What is known beside the matrix itself: its roles, and the people who could hold them.

The checks that need more than the grid, the load of people and the resolution to people all ask
this; a matrix from a file has none of it, and is then only judged by itself.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from incidents.rules.raci import Grid
from incidents.rules.roles import NAMES, RoleKind


@dataclass(frozen=True, slots=True)
class Holder:
    """One person whose qualification for a role stands or stood; `lapsed_on` the day it ended."""

    username: str
    name: str
    is_active: bool = True
    lapsed_on: date | None = None
    away_until: datetime | None = None
    has_email: bool = True
    has_phone: bool = True

    @property
    def is_ready(self) -> bool:
        """Here and qualified, though perhaps away just now."""
        return self.is_active and self.lapsed_on is None

    @property
    def is_present(self) -> bool:
        """Ready and not away."""
        return self.is_ready and self.away_until is None


@dataclass(frozen=True, slots=True)
class RoleFact:
    """One role of the catalogue and everybody who holds, or held, a qualification for it."""

    slug: str
    name: str
    kind: RoleKind = RoleKind.OTHER
    reports_to: str = ""
    is_retired: bool = False
    holders: tuple[Holder, ...] = ()

    @property
    def ready(self) -> tuple[Holder, ...]:
        """Who could hold it, absences aside."""
        return tuple(each for each in self.holders if each.is_ready)

    @property
    def present(self) -> tuple[Holder, ...]:
        """Who could hold it at this moment."""
        return tuple(each for each in self.holders if each.is_present)


@dataclass(frozen=True, slots=True)
class InForce:
    """How the version that is law stands: what time and other people's work did to it since.

    It is looked at when somebody approves or confirms it; `changed_since` names the teams and
    the roles of the matrix that changed after that. `owed_until` is set while the approval of
    an emergency change is missing. `objecting` and `unattested` name who objected to it in its
    last campaign of attestation, and who did not answer there in time.
    """

    days_since_looked_at: int
    changed_since: tuple[str, ...] = ()
    is_unapproved: bool = False
    owed_until: datetime | None = None
    is_overdue: bool = False
    objecting: tuple[str, ...] = ()
    unattested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Roles by slug, and what the company has: `None` where nobody looked.

    `is_register_used`: whether any qualification at all is recorded; before that, empty pools
    say nothing. `force` is set where the matrix is a version that is in force.
    """

    roles: Mapping[str, RoleFact] = field(default_factory=dict)
    is_register_used: bool = False
    severities: frozenset[str] | None = None
    scenarios: frozenset[str] | None = None
    people_names: frozenset[str] = frozenset()  # folded, of those a column is named like
    force: InForce | None = None

    def name(self, role: str) -> str:
        """The role as people call it; the law's own have a name before anybody made them."""
        return self.roles[role].name if role in self.roles else NAMES.get(role, role)


def loads(grid: Grid, facts: Facts) -> dict[str, float]:
    """Expected A and R letters by username: a letter is shared by all who are ready for its role."""
    letters = Counter(
        role
        for activity in grid.activities
        for role in (*activity.accountable, *activity.responsible)
    )
    load: dict[str, float] = {}
    for role, count in letters.items():
        ready = facts.roles[role].ready if role in facts.roles else ()
        for holder in ready:
            load[holder.username] = load.get(holder.username, 0.0) + count / len(ready)
    return load
