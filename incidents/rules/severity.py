"""Severity is computed from objective criteria; nobody picks it, everybody may ask why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from incidents.rules.facts import TEN_YEARS
from incidents.rules.predicates import Predicate, explain, holds
from incidents.rules.reasons import Refused

# A comparison changes at its number or a minute past it; equality at both.
_TURNS: Mapping[str, tuple[int, ...]] = {"gte": (0,), "lt": (0,), "gt": (1,), "lte": (1,)}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One objective sign of a severity; one that holds is enough."""

    name: str
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Level:
    """One severity level with its criteria; rank 1 is the highest."""

    code: str
    rank: int
    name: str
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """A level's code, why it is that level, and which criteria did not make it so or higher."""

    code: str
    reasons: tuple[str, ...]
    not_fired: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """One criterion before the facts: whether it holds, and what decided that."""

    level: Level
    criterion: Criterion
    holds: bool
    why: str

    @property
    def sentence(self) -> str:
        """For people, with the level it speaks for."""
        return f"{self.level.code}, {self.criterion.name}: {self.why}"


def classify(levels: Iterable[Level], facts: Mapping[str, Any]) -> Classification:
    """The highest level with a criterion that holds, else the lowest. Refuses without levels."""
    ranked = _ranked(levels)
    missed: list[str] = []
    for level in ranked:
        found = examine(level, facts)
        missed += [each.sentence for each in found if not each.holds]
        if fired := tuple(each.sentence for each in found if each.holds):
            return Classification(level.code, fired, tuple(missed))
    lowest = ranked[-1]
    reason = f"{lowest.code}, the lowest level: no criterion of any level holds"
    return Classification(lowest.code, (reason,), tuple(missed))


def decide(levels: Iterable[Level], facts: Mapping[str, Any]) -> tuple[Level, Criterion | None]:
    """The level of these facts and the first criterion that makes it so; None at the lowest.

    The same level as `classify` gives, without the words: for thousands of incidents at once.
    """
    ranked = _ranked(levels)
    for level in ranked:
        for criterion in level.criteria:
            if holds(criterion.predicate, facts):
                return level, criterion
    return ranked[-1], None


def examine(level: Level, facts: Mapping[str, Any]) -> tuple[Examined, ...]:
    """Every criterion of one level before these facts, in the order written."""
    judged = ((each, explain(each.predicate, facts)) for each in level.criteria)
    return tuple(
        Examined(level, each, why.holds, "; ".join(why.sentences())) for each, why in judged
    )


def minutes_running(
    began_at: datetime | None, ended_at: datetime | None, *, at: datetime
) -> int:
    """Whole minutes of impact until `ended_at`, else until `at`; none where clocks disagree."""
    if began_at is None:
        return 0
    passed = ((ended_at or at) - began_at) // timedelta(minutes=1)
    return min(max(passed, 0), TEN_YEARS)


def next_turn(levels: Iterable[Level], minutes: int) -> int | None:
    """The next minute of impact at which a criterion may answer otherwise; None if none may.

    Until then, with the same other facts, every criterion says what it says at `minutes`.
    """
    turns = (
        turn
        for level in levels
        for criterion in level.criteria
        for turn in _turns(criterion.predicate)
    )
    return min((turn for turn in turns if turn > minutes), default=None)


def _turns(predicate: Predicate) -> Iterator[int]:
    """The minutes of impact at which a leaf about them changes its answer."""
    match predicate:
        case {"all": parts} | {"any": parts}:
            for part in parts:
                yield from _turns(part)
        case {"not": inner}:
            yield from _turns(inner)
        case {"field": "minutes_running", "operator": name, "value": value}:
            numbers = value if isinstance(value, list | tuple) else (value,)
            for number in numbers:
                yield from (number + late for late in _TURNS.get(name, (0, 1)))


def _ranked(levels: Iterable[Level]) -> list[Level]:
    ranked = sorted(levels, key=lambda level: (level.rank, level.code))
    if not ranked:
        raise Refused.because("no_severity_levels", "Define the severity levels first.")
    return ranked
