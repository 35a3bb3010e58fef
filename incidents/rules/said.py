"""What people say is known of an incident: its names, checked against severity and the law."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any

from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS, FactType
from incidents.rules.law_pack import Pack
from incidents.rules.legal_facts import DERIVED_CLOCKS
from incidents.rules.reasons import Invalid, Reason

# Counted from the awareness and the zone; said by nobody.
_COUNTED = frozenset({"evaluation_date"})
# PostgreSQL stores no NUL; half of a pair (RFC 8259, 8.2) is written by nobody.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DEEPEST = 4  # a list or a map of plain values is what any fact may be
_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Names:
    """What may be said of an incident: facts of severity and of the law, and clocks of the law.

    Of the `maps` among the facts, one count may be what nobody knows: "persons….US-CA".
    """

    facts: frozenset[str]
    clocks: frozenset[str]
    maps: frozenset[str] = frozenset()

    def check(
        self,
        facts: Collection[str],
        unknown: Collection[str] = (),
        clocks: Collection[str] = (),
    ) -> None:
        """Return only if all of these may be said; Invalid by path, with the nearest name.

        Facts of severity that the catalogue derives are left to severity, which says why.
        """
        found = [*self._fact_problems(facts), *self._unknown_problems(unknown)]
        found += self._clock_problems(clocks)
        twice = [name for name in facts if name in unknown]
        message = "{} is given, and not known as well: choose one of the two."
        found += [Reason("known_and_unknown", message.format(n), f"facts.{n}") for n in twice]
        if found:
            raise Invalid(*found)

    def _fact_problems(self, facts: Iterable[str]) -> Iterator[Reason]:
        for name in facts:
            if name in _COUNTED:
                yield _is_counted(name, f"facts.{name}")
            elif name not in self.facts and name not in DERIVED_FACTS:
                hint = _hint(name, self.facts)
                message = f"There is no fact {name[:80]}; {hint}"
                yield Reason("unknown_fact", message, f"facts.{name[:80]}")

    def _unknown_problems(self, unknown: Iterable[str]) -> Iterator[Reason]:
        known = self.facts | self.clocks
        for index, name in enumerate(unknown):
            path = f"unknown[{index}]"
            if name in DERIVED_FACTS or name in _COUNTED:
                yield _is_counted(name, path)
            elif name not in known and not self._is_one_count(name):
                hint = _hint(name, known)
                yield Reason("unknown_fact", f"There is no fact {name[:80]}; {hint}", path)

    def _is_one_count(self, name: str) -> bool:
        base, _, place = name.partition(".")
        return base in self.maps and _PLACE.fullmatch(place) is not None

    def _clock_problems(self, clocks: Iterable[str]) -> Iterator[Reason]:
        for name in clocks:
            path = f"clocks.{name[:80]}"
            if not self.clocks:
                message = (
                    "No law is pinned to this incident, so it has no clocks: give facts alone."
                )
                yield Reason("no_law_pinned", message, path)
            elif name in DERIVED_CLOCKS:
                message = f"{name} follows from what is sent and discovered: leave it out."
                yield Reason("clock_is_derived", message, path)
            elif name not in self.clocks:
                message = f"There is no clock {name[:80]}; {_hint(name, self.clocks)}"
                yield Reason("unknown_clock", message, path)


def names(pack: Pack | None) -> Names:
    """What may be said under this law; without one severity alone has facts."""
    own = SEVERITY_FACTS.keys() - DERIVED_FACTS
    if pack is None:
        return Names(frozenset(own), frozenset())
    return Names(
        frozenset((own | pack.facts.keys()) - _COUNTED),
        frozenset(pack.clocks.keys() - DERIVED_CLOCKS),
        frozenset(name for name, fact in pack.facts.items() if fact.type is FactType.MAP),
    )


def unstorable(facts: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Why these values cannot be kept, by path: no database takes them as JSON."""
    return tuple(
        Reason("fact_not_storable", f"{name[:80]}: {fault}", f"facts.{name[:80]}")
        for name, value in facts.items()
        if (fault := _fault(value))
    )


def _fault(value: Any) -> str:
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, Mapping | list | tuple):
            if depth == _DEEPEST:
                return "it is nested too deep."
            within = [*part, *part.values()] if isinstance(part, Mapping) else part
            waiting += ((each, depth + 1) for each in within)
        elif isinstance(part, float) and not isfinite(part):
            return "give a number."
        elif isinstance(part, str) and _UNSTORABLE.search(part):
            return "leave out the NUL, or the half of a character."
    return ""


def without(known: Mapping[str, Any], unknown: Iterable[str]) -> dict[str, Any]:
    """What is known after these were taken back, single counts of a map among them."""
    kept = dict(known)
    for name in unknown:
        base, _, place = name.partition(".")
        counts = kept.pop(name, None) if not place else kept.get(base)
        if place and isinstance(counts, Mapping):
            kept[base] = {key: count for key, count in counts.items() if key != place}
    return kept


def is_known(name: str, known: Mapping[str, Any]) -> bool:
    """Whether this fact, or this one count of a map, is among those known."""
    base, _, place = name.partition(".")
    counts = known.get(base)
    return place in counts if place and isinstance(counts, Mapping) else name in known


def in_words(value: Any) -> str:
    """A value as the timeline has it: lists and counts without their brackets."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items()) or "none"
    return str(value)


def _is_counted(name: str, path: str) -> Reason:
    message = f"{name} is counted from what is known: leave it out."
    return Reason("fact_is_derived", message, path)


def _hint(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}."
