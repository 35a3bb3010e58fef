"""Past incidents before other criteria: which would have been classed otherwise, and which way."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from incidents.rules.facts import severity_facts
from incidents.rules.reasons import Invalid
from incidents.rules.severity import Level, decide, examine


@dataclass(frozen=True, slots=True)
class Past:
    """One incident as it ended: what was known of it, and what is derived of it today."""

    key: int
    facts: Mapping[str, Any]
    derived: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """A level by its code, and how grave it is in the scheme it belongs to; rank 1 is the gravest."""

    code: str
    rank: int


@dataclass(frozen=True, slots=True)
class Moved:
    """One incident beside the level it is compared with. `shift` below 0: graver now; 0: the same."""

    key: int
    before: str
    now: str
    shift: int

    @property
    def is_other(self) -> bool:
        """Classed otherwise: another code, even where it is as grave."""
        return self.before != self.now


@dataclass(frozen=True, slots=True)
class Comparison:
    """Many incidents beside the levels they are compared with."""

    rows: tuple[Moved, ...]

    @property
    def changed(self) -> tuple[Moved, ...]:
        """Those classed otherwise, in the order given."""
        return tuple(row for row in self.rows if row.is_other)

    @property
    def graver(self) -> int:
        """How many are graver now: they were called too low before."""
        return sum(row.shift < 0 for row in self.changed)

    @property
    def lighter(self) -> int:
        """How many are less grave now: they were called too high before."""
        return sum(row.shift > 0 for row in self.changed)

    @property
    def matrix(self) -> Mapping[tuple[str, str], int]:
        """How many went from which code to which."""
        return Counter((row.before, row.now) for row in self.rows)


def judged(levels: Collection[Level], past: Iterable[Past]) -> dict[int, Mark]:
    """The level of each by these criteria; what facts cannot be judged by is left out."""
    found = {}
    for one in past:
        try:
            facts = severity_facts(one.facts, one.derived)
        except Invalid:
            continue
        level, _ = decide(levels, facts)
        found[one.key] = Mark(level.code, level.rank)
    return found


def compare(
    levels: Collection[Level], before: Mapping[int, Mark], now: Mapping[int, Mark]
) -> Comparison:
    """Each incident of both, in the order of `before`.

    A code that both schemes know is as grave as the new one says; of any other its own rank counts.
    """
    ranks = {level.code: level.rank for level in levels}
    return Comparison(
        tuple(
            Moved(key, was.code, now[key].code, now[key].rank - ranks.get(was.code, was.rank))
            for key, was in before.items()
            if key in now
        )
    )


def why(levels: Collection[Level], one: Past) -> str:
    """The criterion that decides its level, in words; that none holds, where it is the lowest."""
    facts = severity_facts(one.facts, one.derived)
    level, criterion = decide(levels, facts)
    found = (each.sentence for each in examine(level, facts) if each.criterion is criterion)
    return next(found, "no criterion of any level holds")


def reach(dependents: Mapping[int, Collection[int]], affected: Collection[int]) -> int:
    """How many others need one of these, directly or through others; a circle ends."""
    seen, ahead = set(affected), list(affected)
    while ahead:
        new = set(dependents.get(ahead.pop(), ())) - seen
        seen |= new
        ahead.extend(new)
    return len(seen) - len(set(affected))
