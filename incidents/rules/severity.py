"""Severity is computed from objective criteria; nobody picks it, everybody may ask why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from incidents.rules.predicates import Explanation, Predicate, explain
from incidents.rules.reasons import Refused


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


def classify(levels: Iterable[Level], facts: Mapping[str, Any]) -> Classification:
    """The highest level with a criterion that holds, else the lowest. Refuses without levels."""
    ranked = sorted(levels, key=lambda level: (level.rank, level.code))
    if not ranked:
        raise Refused.because("no_severity_levels", "Define the severity levels first.")
    missed: list[str] = []
    for level in ranked:
        judged = [(each, explain(each.predicate, facts)) for each in level.criteria]
        missed += [_sentence(level, each, why) for each, why in judged if not why.holds]
        if fired := tuple(_sentence(level, each, why) for each, why in judged if why.holds):
            return Classification(level.code, fired, tuple(missed))
    lowest = ranked[-1]
    reason = f"{lowest.code}, the lowest level: no criterion of any level holds"
    return Classification(lowest.code, (reason,), tuple(missed))


def _sentence(level: Level, criterion: Criterion, why: Explanation) -> str:
    return f"{level.code}, {criterion.name}: {'; '.join(why.sentences())}"
