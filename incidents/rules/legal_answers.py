"""The answers to a question that matter: those between which some predicate tells a difference."""

from collections.abc import Iterable, Sequence
from typing import Any

from incidents.rules.facts import Fact, FactType, Vocabulary
from incidents.rules.legal_knowledge import COUNTS, MAX_US_STATE, US_STATE, Leaf
from incidents.rules.legal_words import Words, label

NONE_OF_THESE = "none of these"


def fact_of(name: str, known: Vocabulary) -> Fact:
    """The fact a question is about; one count of a map is a whole number."""
    base, dot, _ = name.partition(".")
    return known[base].item() if dot else known[base]


def reads(leaf: Leaf, name: str) -> bool:
    """Whether this leaf reads what the question is about, itself."""
    is_of_a_state = leaf.field == MAX_US_STATE and name.startswith(f"{COUNTS}.{US_STATE}")
    return leaf.field == name or is_of_a_state


def values(name: str, fact: Fact, leaves: Iterable[Leaf]) -> list[Any]:
    """Values worth telling apart, as these leaves do. A list's are its members one at a time."""
    about = [leaf for leaf in leaves if reads(leaf, name)]
    match fact.type:
        case FactType.BOOL:
            return [True, False]
        case FactType.ENUM:
            return list(fact.choices)
        case FactType.INT:
            return [_stands_for(span) for span in _spans(about, fact)]
        case FactType.LIST:
            return _members(fact, _mentioned(about))
    # Of a text or a day those some predicate names; "not known" is no answer.
    return [
        each for each in dict.fromkeys([*_mentioned(about), fact.default]) if each is not None
    ]


def said(name: str, value: Any, fact: Fact, leaves: Iterable[Leaf], words: Words) -> str:
    """The answer as people read it: a number as the span it stands for."""
    if fact.type is FactType.INT:
        about = [leaf for leaf in leaves if reads(leaf, name)]
        spans = {_stands_for(span): span for span in _spans(about, fact)}
        return _span_said(spans[value]) if value in spans else label(name, value, words)
    if fact.type is FactType.LIST and value == list(fact.default):
        return NONE_OF_THESE
    return label(name, value, words)


def _mentioned(leaves: Iterable[Leaf]) -> list[Any]:
    found: dict[Any, None] = {}
    for leaf in leaves:
        many = leaf.expected if isinstance(leaf.expected, list | tuple) else (leaf.expected,)
        found |= dict.fromkeys(many)
    return list(found)


def _members(fact: Fact, mentioned: Sequence[Any]) -> list[list[Any]]:
    in_order = sorted(mentioned, key=_rank(fact)) if fact.choices else mentioned
    others = list(fact.default)
    singles = [[each] for each in in_order if [each] != others]
    is_all = fact.choices and set(fact.choices) <= set(mentioned)
    return singles + [others] * (not is_all or others in [[each] for each in mentioned])


def _rank(fact: Fact) -> Any:
    places = {choice: place for place, choice in enumerate(fact.choices)}
    return lambda each: places.get(each, len(places))


# A comparison tells its number from the one before, or from the one after.
_CUTS = {"gte": (0,), "lt": (0,), "gt": (1,), "lte": (1,)}


def _spans(leaves: Iterable[Leaf], fact: Fact) -> list[tuple[int, int | None]]:
    """The whole numbers in spans no leaf tells apart; the last one without an end."""
    cuts = {
        number + late
        for leaf in leaves
        for number in _mentioned([leaf])
        if isinstance(number, int)
        for late in _CUTS.get(leaf.operator, (0, 1))
    }
    starts = [fact.minimum, *sorted(cut for cut in cuts if cut > fact.minimum)]
    ends: list[int | None] = [start - 1 for start in starts[1:]]
    return list(zip(starts, [*ends, None], strict=True))


def _stands_for(span: tuple[int, int | None]) -> int:
    # The most the answer can mean: who says "fewer than 500" has not said "none".
    start, end = span
    return start if end is None else end


def _span_said(span: tuple[int, int | None]) -> str:
    start, end = span
    if end is None:
        return f"{start:,} or more" if start else "any number"
    if start == end:
        return f"exactly {start:,}" if start else "none"
    return f"{start:,} to {end:,}" if start else f"fewer than {end + 1:,}"
