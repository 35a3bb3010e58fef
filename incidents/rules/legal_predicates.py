"""Predicates of a law pack made fast, and read with three values where facts are missing.

`compile` turns a predicate into a closure once a pack; `verdict` says whether what was given
settles it, whatever the facts nobody gave turn out to be.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeAlias

from incidents.rules.law_pack_facts import MAX_STATE, most_in_a_state
from incidents.rules.operators import OPERATORS
from incidents.rules.predicates import MAX_DEPTH, Predicate
from incidents.rules.reasons import Invalid

Facts: TypeAlias = Mapping[str, Any]
Test: TypeAlias = Callable[[Facts], bool]

# What is counted from facts people give is as good as given once those are.
_COUNTED_FROM = {f"derived.{MAX_STATE}": "persons_affected_by_jurisdiction"}


def compile(predicate: Predicate) -> Test:
    """A closure that holds of exactly those facts of which `predicates.holds` says it does.

    Invalid if the predicate is malformed or nested too deep.
    """
    return _compiled(predicate, 0)


def verdict(predicate: Predicate, facts: Facts, given: Collection[str]) -> bool | None:
    """Whether a valid predicate holds as far as the `given` facts tell; None: it rests on others.

    Three values as in Kleene's logic: one false part settles an `all`, one true part an `any`.
    """
    match predicate:
        case {"all": parts}:
            return _settled((verdict(part, facts, given) for part in parts), decides=False)
        case {"any": parts}:
            return _settled((verdict(part, facts, given) for part in parts), decides=True)
        case {"not": inner}:
            found = verdict(inner, facts, given)
            return None if found is None else not found
    field = predicate["field"]
    if not is_given(field, given):
        return None
    actual = _read(field, facts)
    test = OPERATORS[predicate["operator"]].test
    return actual is not None and test(actual, predicate.get("value"))


def is_given(field: str, given: Collection[str]) -> bool:
    """Whether the fact at this path of a predicate rests on what was given."""
    return _COUNTED_FROM.get(field, field.partition(".")[0]) in given or field in given


def fact_of(field: str) -> str:
    """The fact to ask for where a predicate reads this path: the one somebody can give."""
    return _COUNTED_FROM.get(field, field.partition(".")[0])


def _read(path: str, facts: Facts) -> Any:
    name, dot, key = path.partition(".")
    if not dot:
        return facts.get(name)
    if path in _COUNTED_FROM and name not in facts:
        return most_in_a_state(facts.get(_COUNTED_FROM[path]) or {})
    return (facts.get(name) or {}).get(key, 0)


def _settled(parts: Iterable[bool | None], *, decides: bool) -> bool | None:
    found: bool | None = not decides
    for part in parts:
        if part is decides:
            return decides
        if part is None:
            found = None
    return found


def _compiled(node: object, depth: int) -> Test:
    if depth > MAX_DEPTH:
        raise Invalid.because("predicate_too_deep", f"Nest at most {MAX_DEPTH} levels deep.")
    match node:
        case {"all": list() | tuple() as parts}:
            return _every(tuple(_compiled(part, depth + 1) for part in parts))
        case {"any": list() | tuple() as parts}:
            return _some(tuple(_compiled(part, depth + 1) for part in parts))
        case {"not": inner}:
            denied = _compiled(inner, depth + 1)
            return lambda facts: not denied(facts)
        case {"field": str(field), "operator": str(name), **rest} if name in OPERATORS:
            return _leaf(field, name, rest.get("value"))
    raise Invalid.because("predicate_malformed", "Check the predicate: it cannot be evaluated.")


def _every(parts: tuple[Test, ...]) -> Test:
    if len(parts) == 1:
        return parts[0]

    def test(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110  (a generator would cost more than what it asks)
            if not part(facts):
                return False
        return True

    return test


def _some(parts: tuple[Test, ...]) -> Test:
    if len(parts) == 1:
        return parts[0]

    def test(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110
            if part(facts):
                return True
        return False

    return test


def _leaf(path: str, name: str, expected: Any) -> Test:
    satisfies = _fast(name, expected) or OPERATORS[name].test
    field, dot, key = path.partition(".")
    if dot:

        def within(facts: Facts) -> bool:
            actual = (facts.get(field) or {}).get(key, 0)
            return actual is not None and satisfies(actual, expected)

        return within

    def whole(facts: Facts) -> bool:
        actual = facts.get(field)
        return actual is not None and satisfies(actual, expected)

    return whole


def _fast(name: str, expected: Any) -> Callable[[Any, Any], bool] | None:
    """Sets instead of lists, where all members are texts; the same answer."""
    if not isinstance(expected, list | tuple) or not all(isinstance(e, str) for e in expected):
        return None
    members = frozenset(expected)
    among: Mapping[str, Callable[[Any, Any], bool]] = {
        "in": lambda actual, _: actual in members,
        "not_in": lambda actual, _: actual not in members,
        "contains_any": lambda actual, _: not members.isdisjoint(actual),
        "not_contains_any": lambda actual, _: members.isdisjoint(actual),
    }
    return among.get(name)
