"""The predicate language of severity criteria and legal triggers, over typed facts.

A predicate is a leaf `{field, operator, value}` or `{all: [..]}`, `{any: [..]}`, `{not: ..}`.
Dots lead into maps, where a missing key reads 0. What is not known (null, or no such fact)
satisfies no operator, so `{not: leaf}` holds of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from incidents.rules.facts import (
    SEVERITY_FACTS,
    Fact,
    FactType,
    TotalFacts,
    Vocabulary,
    complaint,
)
from incidents.rules.operators import OPERATORS, Takes
from incidents.rules.reasons import Invalid

Predicate: TypeAlias = Mapping[str, Any]

# Far deeper than a person can read, far shallower than Python's own recursion limit.
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One leaf and what it found; `negated` if an odd number of `not` stands above it.

    `assumed`: nobody said so, the fact stands at its default.
    """

    field: str
    operator: str
    expected: Any
    actual: Any
    holds: bool
    negated: bool = False
    assumed: bool = False

    def sentence(self, known: Vocabulary) -> str:
        """For people: "customers affected is 1200, at least 1000 needed"."""
        found = _text(self.actual)
        if self.assumed and self.actual is not None:
            found = f"not known (counted as {found})"
        demand = _demand(self.operator, self.expected, negated=self.negated)
        return f"{_label(self.field, known)} is {found}, {demand} needed"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a predicate holds, and the leaves that decided it, in the order written."""

    holds: bool
    findings: tuple[Finding, ...]

    def sentences(self, known: Vocabulary = SEVERITY_FACTS) -> tuple[str, ...]:
        """The findings for people, each fact called as this vocabulary calls it."""
        return tuple(finding.sentence(known) for finding in self.findings)


def holds(predicate: Predicate, facts: Mapping[str, Any]) -> bool:
    """Whether a valid predicate holds of these facts."""
    return explain(predicate, facts).holds


def explain(predicate: Predicate, facts: Mapping[str, Any]) -> Explanation:
    """Whether a valid predicate holds, and why. Invalid if it is malformed or nested too deep."""
    return _explain(predicate, facts, negated=False, depth=0)


def _explain(
    node: object, facts: Mapping[str, Any], *, negated: bool, depth: int
) -> Explanation:
    if depth > MAX_DEPTH:
        raise Invalid.because("predicate_too_deep", f"Nest at most {MAX_DEPTH} levels deep.")

    def parts(nodes: Iterable[object]) -> list[Explanation]:
        return [_explain(part, facts, negated=negated, depth=depth + 1) for part in nodes]

    match node:
        case {"all": list() | tuple() as nodes}:
            return _decided(parts(nodes), all)
        case {"any": list() | tuple() as nodes}:
            return _decided(parts(nodes), any)
        case {"not": inner}:
            denied = _explain(inner, facts, negated=not negated, depth=depth + 1)
            return Explanation(not denied.holds, denied.findings)
        case {"field": str(field), "operator": str(name), **rest} if name in OPERATORS:
            found = _find(field, name, rest.get("value"), facts, negated=negated)
            return Explanation(found.holds, (found,))
    raise Invalid.because("predicate_malformed", "Check the predicate: it cannot be evaluated.")


def _decided(
    parts: list[Explanation], verdict: Callable[[Iterable[bool]], bool]
) -> Explanation:
    # One false part decides an `all` that fails; all parts decide one that holds. `any`: mirrored.
    outcome = verdict(part.holds for part in parts)
    deciders = (part.findings for part in parts if part.holds is outcome)
    return Explanation(outcome, tuple(finding for findings in deciders for finding in findings))


def _find(
    field: str, name: str, expected: Any, facts: Mapping[str, Any], *, negated: bool
) -> Finding:
    actual = _read(field, facts)
    satisfied = actual is not None and OPERATORS[name].test(actual, expected)
    assumed = isinstance(facts, TotalFacts) and field.partition(".")[0] not in facts.given
    return Finding(field, name, expected, actual, satisfied, negated, assumed)


def _read(field: str, facts: Mapping[str, Any]) -> Any:
    name, dot, key = field.partition(".")
    return (facts.get(name) or {}).get(key, 0) if dot else facts.get(name)


def _label(field: str, known: Vocabulary) -> str:
    name, _, key = field.partition(".")
    label = known[name].label if name in known else name.replace("_", " ")
    return f"{label} {key}" if key else label


def _demand(operator: str, expected: Any, *, negated: bool) -> str:
    words = OPERATORS[operator]
    return (words.opposite if negated else words.demand).format(_text(expected))


def _text(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "empty"
    return str(value)


def in_words(
    predicate: Predicate, known: Vocabulary = SEVERITY_FACTS, *, negated: bool = False
) -> str:
    """A valid predicate as a person reads it: "customers affected: at least 1000"."""
    match predicate:
        case {"all": parts}:
            return _joined(parts, " or " if negated else " and ", known, negated=negated)
        case {"any": parts}:
            return _joined(parts, " and " if negated else " or ", known, negated=negated)
        case {"not": inner}:
            return in_words(inner, known, negated=not negated)
    demand = _demand(predicate["operator"], predicate.get("value"), negated=negated)
    return f"{_label(predicate['field'], known)}: {demand}"


def _joined(parts: list[Predicate], word: str, known: Vocabulary, *, negated: bool) -> str:
    said = [in_words(part, known, negated=negated) for part in parts]
    return said[0] if len(said) == 1 else f"({word.join(said)})"


def validate(predicate: object, known: Vocabulary) -> list[str]:
    """What is wrong with a predicate, each problem after its path; empty if it can be used."""
    return [f"{path}: {text}" if path else text for path, text in problems(predicate, known)]


def problems(predicate: object, known: Vocabulary) -> Iterator[tuple[str, str]]:
    """What is wrong with a predicate: the path within it, and the sentence."""
    return _problems(predicate, known)


_Problems: TypeAlias = Iterator[tuple[str, str]]


def _problems(node: object, known: Vocabulary, path: str = "", depth: int = 0) -> _Problems:
    if depth > MAX_DEPTH:
        yield path, f"nested more than {MAX_DEPTH} levels deep"
        return
    names = set(node) if isinstance(node, Mapping) else set()
    match node:
        case {"all": parts} if names == {"all"}:
            yield from _part_problems(parts, known, _at(path, "all"), depth)
        case {"any": parts} if names == {"any"}:
            yield from _part_problems(parts, known, _at(path, "any"), depth)
        case {"not": inner} if names == {"not"}:
            yield from _problems(inner, known, _at(path, "not"), depth + 1)
        case {"field": field, "operator": name, **rest} if rest.keys() <= {"value"}:
            yield from _leaf_problems(field, name, rest.get("value"), known, path)
        case _:
            yield (
                path,
                "must be {field, operator, value}, {all: [..]}, {any: [..]} or {not: ..}",
            )


def _at(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _part_problems(parts: object, known: Vocabulary, path: str, depth: int) -> _Problems:
    # An empty `all` would hold of every incident there is: surely a slip, so neither may be empty.
    if not isinstance(parts, list | tuple) or not parts:
        yield path, "must be a list of one or more predicates"
        return
    for index, part in enumerate(parts):
        yield from _problems(part, known, f"{path}[{index}]", depth + 1)


def _leaf_problems(
    field: object, name: object, value: object, known: Vocabulary, path: str
) -> _Problems:
    fact = _fact_at(field, known)
    if fact is None:
        said = f"there is no fact {field[:80]}" if isinstance(field, str) else "name a fact"
        yield _at(path, "field"), said
    if not isinstance(name, str) or name not in OPERATORS:
        yield _at(path, "operator"), "must be one of " + ", ".join(OPERATORS)
    elif fact and fact.type not in OPERATORS[name].types:
        yield _at(path, "operator"), f"{name} is not for a fact of type {fact.type}"
    elif fact and (text := _value_problem(fact, OPERATORS[name].takes, value)):
        yield _at(path, "value"), text


def _fact_at(field: object, known: Vocabulary) -> Fact | None:
    """The fact a path leads to: a whole fact, or the count behind a key of a map."""
    if not isinstance(field, str):
        return None
    name, dot, key = field.partition(".")
    fact = known.get(name)
    if fact is None or not dot:
        return fact
    closed = fact.choices and key not in fact.choices
    return None if fact.type is not FactType.MAP or closed or not key else fact.item()


def _value_problem(fact: Fact, takes: Takes, value: object) -> str:
    members = value if takes is Takes.MANY and isinstance(value, list | tuple) else (value,)
    right_number = {
        Takes.NOTHING: value is None,
        Takes.ONE: value is not None,
        Takes.MANY: isinstance(value, list | tuple) and len(members) > 0,
    }
    if not right_number[takes]:
        return f"takes {takes.value}"
    if takes is Takes.NOTHING:
        return ""
    like = fact.item() if fact.type is FactType.LIST else fact
    found = next((reason for member in members if (reason := complaint(like, member))), None)
    return found.message if found else ""
