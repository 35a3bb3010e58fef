"""The facts of the law in plain words: what is asked, why, and what each answer is called.

Written for somebody woken at night who is no lawyer. A fact this catalogue does not know (a pack
may bring its own) is asked by its own description.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from incidents.rules import legal_facts, legal_places
from incidents.rules.facts import Fact, FactType, Vocabulary
from incidents.rules.legal_labels import LABELS
from incidents.rules.legal_wording import CLOCKS, FACTS, PER_PLACE, Asked
from incidents.rules.operators import OPERATORS

Words = Mapping[str, Mapping[str, str]]  # the vocabularies of a pack, such as entity_types
_NONE: Words = MappingProxyType({})
_NO_FACTS: Vocabulary = MappingProxyType({})
# Facts whose members are codes of countries and their parts.
PLACES = frozenset({"operates_in", "affected_jurisdictions", "holiday_calendar"})


def question(name: str, known: Vocabulary = _NO_FACTS) -> str:
    """What to ask for this fact, or for one count of a map such as "persons….US-CA"."""
    return _asked(name, known).text


def why(name: str, known: Vocabulary = _NO_FACTS) -> str:
    """Why it is asked, in one sentence."""
    return _asked(name, known).why


def clock_question(name: str, known: Mapping[str, str] = MappingProxyType({})) -> str:
    """What to ask for the instant that starts this clock; `known` describes a pack's clocks."""
    return _clock(name, known).text


def clock_why(name: str, known: Mapping[str, str] = MappingProxyType({})) -> str:
    """Why that instant is asked for, in one sentence."""
    return _clock(name, known).why


def clock_called(name: str) -> str:
    """What a clock's event is called within a sentence: "the decision on materiality"."""
    return CLOCKS[name].called if name in CLOCKS else name.replace("_", " ")


def label(name: str, value: Any, words: Words = _NONE) -> str:
    """What people call this value of this fact; a list's members one after the other."""
    base = name.partition(".")[0]
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple | set | frozenset):
        members = [label(base, each, words) for each in value]
        return (
            ", ".join(map(quoted, members) if len(members) > 1 else members) or "none of them"
        )
    if isinstance(value, Mapping):
        counts = (
            f"{legal_places.name(str(key))} {label(base, count)}"
            for key, count in value.items()
        )
        return ", ".join(counts) or "none counted"
    return _text_label(base, str(value), words)


def called(field: str, known: Vocabulary = _NO_FACTS) -> str:
    """What a fact is called within a sentence: "persons affected in California"."""
    name, _, key = field.partition(".")
    if name == "derived":
        return _DERIVED.get(key, key.replace("_", " "))
    if key:
        return PER_PLACE.called.format(legal_places.name(key))
    if name in FACTS:
        return FACTS[name].called
    return known[name].label if name in known else name.replace("_", " ")


_DERIVED = {
    "max_us_state_persons": "the most persons affected in one US state",
    "shortest_fixed_hours": "the shortest clock in hours of all duties that may be running",
}


def _text_label(name: str, value: str, words: Words) -> str:
    own = LABELS.get(name, {}).get(value)
    if own:
        return own
    if name in PLACES:
        return legal_places.name(value)
    described = words.get(name, {}).get(value)
    return described or value.replace("_", " ")


def _asked(field: str, known: Vocabulary) -> Asked:
    name, _, key = field.partition(".")
    if key:
        place = legal_places.name(key)
        return Asked(PER_PLACE.text.format(place), PER_PLACE.why.format(place), "")
    if name in FACTS:
        return FACTS[name]
    return _described(name, known.get(name))


def _described(name: str, fact: Fact | None) -> Asked:
    said = (fact.description if fact else "") or name.replace("_", " ")
    text = f"{said[:1].upper()}{said[1:]}".rstrip(".?")
    is_open = fact is not None and fact.type not in (FactType.BOOL, FactType.ENUM)
    lead = "What is so here" if is_open else "Is this so"
    return Asked(f"{lead}? {text}.", "The law pack in force rests duties on it.", name)


# What several countries are called together, the larger first.
_EEA = frozenset(legal_facts.with_countries(["EU"])) - {"EU"}
_GROUPS = {"the EEA": _EEA, "the EU": _EEA - {"IS", "LI", "NO"}}
_SHOWN = 6


def expected(name: str, value: Any, words: Words = _NONE) -> str:
    """What a predicate demands of this fact, as people say it: "the EEA" for its thirty codes."""
    if not isinstance(value, list | tuple):
        return label(name, value, words)
    left, said = list(value), []
    for group, codes in _GROUPS.items():
        if name in PLACES and codes <= set(left):
            said.append(group)
            left = [code for code in left if code not in codes]
    shown = [quoted(label(name, each, words)) for each in left[:_SHOWN]]
    more = [f"{len(left) - _SHOWN} more"] if len(left) > _SHOWN else []
    return ", ".join([*said, *shown, *more])


def demand(
    leaf: Mapping[str, Any],
    known: Vocabulary = _NO_FACTS,
    words: Words = _NONE,
    *,
    negated: bool = False,
) -> str:
    """What a leaf of a valid predicate asks for: "possible or confirmed", "at least 500"."""
    field, operator, value = leaf["field"], OPERATORS[leaf["operator"]], leaf.get("value")
    fact = known.get(field)
    if fact is not None and fact.type is FactType.ENUM:
        # Of a few choices those that will do are said: nobody has to subtract.
        good = [each for each in fact.choices if operator.test(each, value) is not negated]
        return one_of(field, good, words)
    wording = operator.opposite if negated else operator.demand
    return wording.format(expected(field.partition(".")[0], value, words))


def quoted(said: str) -> str:
    """In quotation marks where it would run into its neighbours in a list."""
    return f"“{said}”" if "," in said else said


def one_of(name: str, values: Iterable[Any], words: Words = _NONE) -> str:
    """These values as alternatives: "possible or confirmed"."""
    said = [label(name, each, words) for each in values]
    if len(said) < 2:
        return said[0] if said else "nothing"
    *others, last = map(quoted, said)
    return f"{', '.join(others)} or {last}"


def _clock(name: str, known: Mapping[str, str]) -> Asked:
    if name in CLOCKS:
        return CLOCKS[name]
    said = known.get(name) or name.replace("_", " ")
    text = f"When was this? {said[:1].upper()}{said[1:].rstrip('.')}."
    return Asked(text, "A period of the law pack in force runs from this instant.", name)
