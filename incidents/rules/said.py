"""What people say is known of an incident: its names, checked against severity and the law."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS
from incidents.rules.law_pack import Pack
from incidents.rules.legal_facts import DERIVED_CLOCKS
from incidents.rules.reasons import Invalid, Reason

# Counted from the awareness and the zone; said by nobody.
_COUNTED = frozenset({"evaluation_date"})


@dataclass(frozen=True, slots=True)
class Names:
    """What may be said of an incident: facts of severity and of the law, and clocks of the law."""

    facts: frozenset[str]
    clocks: frozenset[str]

    def check(self, facts: Iterable[str], unknown: Collection[str] = ()) -> None:
        """Return only if all of these may be said; Invalid by path, with the nearest name.

        Facts of severity that the catalogue derives are left to severity, which says why.
        """
        found = [*self._fact_problems(facts), *self._unknown_problems(unknown)]
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
            elif name not in known:
                hint = _hint(name, known)
                yield Reason("unknown_fact", f"There is no fact {name[:80]}; {hint}", path)


def names(pack: Pack | None) -> Names:
    """What may be said under this law; without one severity alone has facts."""
    own = SEVERITY_FACTS.keys() - DERIVED_FACTS
    if pack is None:
        return Names(frozenset(own), frozenset())
    return Names(
        frozenset((own | pack.facts.keys()) - _COUNTED),
        frozenset(pack.clocks.keys() - DERIVED_CLOCKS),
    )


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
