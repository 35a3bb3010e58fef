"""Predicates of a law pack made fast: each becomes a closure, once a pack.

What a predicate says before all facts are known is `legal_knowledge`'s.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from incidents.rules.operators import OPERATORS
from incidents.rules.predicates import MAX_DEPTH, Predicate
from incidents.rules.reasons import Invalid

Facts: TypeAlias = Mapping[str, Any]
Test: TypeAlias = Callable[[Facts], bool]


def compile(predicate: Predicate) -> Test:
    """A closure that holds of exactly those facts of which `predicates.holds` says it does.

    Invalid if the predicate is malformed or nested too deep.
    """
    return _compiled(predicate, 0)


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
