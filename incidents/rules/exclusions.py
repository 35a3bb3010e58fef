"""Which roles one person never holds together in one incident.

Beside the pairs that leadership keeps stands a floor nobody lifts: who commands does no technical
work and does not speak (PagerDuty incident response, FEMA ICS).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from incidents.rules.roles import COMMANDER, EVERY_OTHER, EXCLUSIONS, KINDS, RoleKind

APART_FROM_COMMAND = (RoleKind.TECHNICAL, RoleKind.VOICE)
FLOOR = "Who commands does no technical work and does not speak."


class Conflict(NamedTuple):
    """Another role that a person holds, and why it does not go with this one."""

    other: str
    why: str


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The pairs that hold now, the floor among them; {role, EVERY_OTHER} excludes every other."""

    reasons: Mapping[frozenset[str], str]

    def why(self, role: str, other: str) -> str:
        """Why one person never holds both; "" where they may. No role excludes itself."""
        if role == other:
            return ""
        pairs = ((role, other), (role, EVERY_OTHER), (other, EVERY_OTHER))
        return next(filter(None, (self.reasons.get(frozenset(pair)) for pair in pairs)), "")

    def conflicts(self, held: Iterable[str], role: str) -> list[Conflict]:
        """Which of the held roles exclude this one, in their order, each once with why."""
        found = ((other, self.why(role, other)) for other in dict.fromkeys(held))
        return [Conflict(other, why) for other, why in found if why]


def of(pairs: Iterable[tuple[str, str, str]]) -> Exclusions:
    """The exclusions of (role, other, why); of a pair said twice the first reason stays."""
    reasons: dict[frozenset[str], str] = {}
    for role, other, why in pairs:
        reasons.setdefault(frozenset((role, other)), why)
    return Exclusions(reasons)


def floor(kinds: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The pairs that always hold, of roles with these kinds."""
    for role, kind in kinds.items():
        if role != COMMANDER and kind in APART_FROM_COMMAND:
            yield COMMANDER, role, FLOOR


# What an installation begins with.
SHIPPED = of([*EXCLUSIONS, *floor(KINDS)])
