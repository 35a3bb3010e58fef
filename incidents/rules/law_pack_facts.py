"""The vocabulary a law pack brings along: its typed facts, checked by path and read.

The engine reads a few facts by name (the zone, the day, the calendar …): a pack must have them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from incidents.rules.facts import MOST, Fact, FactType, Vocabulary, complaint
from incidents.rules.law_pack_paths import (
    Problems,
    at,
    is_text,
    strangers,
    twice,
    wrong,
)
from incidents.rules.reasons import Reason

# A zone is a text that zoneinfo must know; a case is refused where it does not.
TYPES: Mapping[str, FactType] = {
    "bool": FactType.BOOL,
    "int": FactType.INT,
    "enum": FactType.ENUM,
    "list": FactType.LIST,
    "map": FactType.MAP,
    "date": FactType.DATE,
    "string": FactType.STR,
    "iana_timezone": FactType.STR,
}

# What the engine itself reads, beside the predicates of the pack.
NEEDED: Mapping[str, FactType] = {
    "evaluation_date": FactType.DATE,
    "clock_timezone": FactType.STR,
    "holiday_calendar": FactType.STR,
    "entity_types": FactType.LIST,
    "operates_in": FactType.LIST,
    "affected_jurisdictions": FactType.LIST,
    "data_categories": FactType.LIST,
    "persons_affected_total": FactType.INT,
    "persons_affected_by_jurisdiction": FactType.MAP,
}

MAX_STATE = "max_us_state_persons"
SHORTEST = "shortest_fixed_hours"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_KEYS = frozenset({"type", "enum", "default", "description"})


def derived(*keys: str) -> Fact:
    """The fact behind `derived.…`: what the engine counts itself and nobody types."""
    return Fact("derived", FactType.MAP, {}, keys, "Counted from the other facts", 0, MOST)


def most_in_a_state(counts: Mapping[str, int]) -> int:
    """The largest number of persons in one state of the United States; 0 in none."""
    return max((count for code, count in counts.items() if code.startswith("US-")), default=0)


def with_derived(facts: Vocabulary, *keys: str) -> Vocabulary:
    """The vocabulary of predicates: what is said, and what is counted from it."""
    return {**facts, "derived": derived(*keys)}


def read_facts(vocabularies: Mapping[str, Any]) -> dict[str, Fact]:
    """The facts that are well declared; `fact_problems` says what is wrong with the others."""
    declared = vocabularies.get("facts")
    rows = declared.items() if isinstance(declared, Mapping) else ()
    return {
        name: _fact(name, row, vocabularies)
        for name, row in rows
        if not any(True for _ in _row_problems(name, row, vocabularies))
    }


def fact_problems(vocabularies: Mapping[str, Any]) -> Problems:
    """What is wrong with the facts of these vocabularies."""
    declared = vocabularies.get("facts")
    if not isinstance(declared, Mapping) or not declared:
        yield wrong("law_bad_fact", "vocabularies.facts", "name each fact with its type")
        return
    for name, row in declared.items():
        yield from _row_problems(name, row, vocabularies)
    yield from _lacking(declared)


def _row_problems(name: object, row: object, vocabularies: Mapping[str, Any]) -> Problems:
    path = at("vocabularies.facts", name)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == "derived":
        yield wrong("law_bad_fact", path, "a name is small letters, digits and _")
        return
    if not isinstance(row, Mapping):
        yield wrong("law_bad_fact", path, "say `type:` and `default:`")
        return
    yield from strangers(row, _KEYS, path)
    kind = row.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        yield wrong("law_bad_fact", f"{path}.type", f"use one of {', '.join(TYPES)}")
        return
    if not _are_choices(row.get("enum"), needed=TYPES[kind] is FactType.ENUM):
        yield wrong("law_bad_fact", f"{path}.enum", "list its values as texts, each once")
        return
    yield from _default_problems(_fact(name, row, vocabularies), row, path)


def _default_problems(fact: Fact, row: Mapping[str, Any], path: str) -> Iterator[Reason]:
    if not is_text(row.get("description", ""), 1_000):
        yield wrong("law_bad_text", f"{path}.description", "write some text")
    if fact.default is None and fact.type is not FactType.DATE:
        yield wrong("law_bad_fact", f"{path}.default", "only a date may be unknown: give one")
    elif reason := complaint(fact, fact.default):
        yield wrong("law_bad_fact", f"{path}.default", reason.message.rstrip("."))


def _are_choices(values: object, *, needed: bool) -> bool:
    if values is None:
        return not needed
    if not isinstance(values, list) or not values:
        return False
    return all(is_text(one, 100, needed=True) for one in values) and not twice(values)


def _lacking(declared: Mapping[str, Any]) -> Problems:
    for name, kind in NEEDED.items():
        row = declared.get(name)
        path = f"vocabularies.facts.{name}"
        if row is None:
            yield wrong("law_fact_missing", path, "the clocks rest on this fact: declare it")
        elif _is_other(row, kind):
            yield wrong("law_bad_fact", f"{path}.type", f"the clocks need a {kind} here")


def _is_other(row: object, kind: FactType) -> bool:
    """Whether this fact is well typed, and as something else."""
    said = row.get("type") if isinstance(row, Mapping) else None
    return isinstance(said, str) and TYPES.get(said, kind) is not kind


def _fact(name: str, row: Mapping[str, Any], vocabularies: Mapping[str, Any]) -> Fact:
    kind = TYPES[row["type"]]
    # A list such as entity_types has its words in the vocabulary of the same name.
    words = vocabularies.get(name) if kind is FactType.LIST else None
    choices = row.get("enum") or (words if isinstance(words, Mapping) else ())
    return Fact(
        name,
        kind,
        row.get("default"),
        tuple(str(choice) for choice in choices),
        row.get("description") or "",
        maximum=MOST if kind in (FactType.INT, FactType.MAP) else None,
    )
