"""The operators of the predicate language: one row says all there is to know of each."""

import operator as op
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from incidents.rules.facts import FactType


class Takes(Enum):
    """What an operator needs beside it."""

    NOTHING = "no value"
    ONE = "one value"
    MANY = "a list of one or more values"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: the facts it is for, its test, and its demand in words, plain and negated."""

    types: frozenset[FactType]
    takes: Takes
    test: Callable[[Any, Any], bool]
    demand: str
    opposite: str


_BOOLS = frozenset({FactType.BOOL})
_LISTS = frozenset({FactType.LIST})
_ORDERED = frozenset({FactType.INT, FactType.DATE})
_SCALARS = _ORDERED | {FactType.ENUM, FactType.STR}


def _share_a_member(actual: Iterable[Any], expected: Iterable[Any]) -> bool:
    return any(member in actual for member in expected)


# fmt: off
OPERATORS: Mapping[str, Operator] = {
    "eq": Operator(_SCALARS, Takes.ONE, op.eq, "{}", "anything but {}"),
    "ne": Operator(_SCALARS, Takes.ONE, op.ne, "anything but {}", "{}"),
    "in": Operator(_SCALARS, Takes.MANY, lambda a, e: a in e, "one of {}", "none of {}"),
    "not_in": Operator(_SCALARS, Takes.MANY, lambda a, e: a not in e, "none of {}", "one of {}"),
    "contains": Operator(_LISTS, Takes.ONE, op.contains, "{} among them", "{} not among them"),
    "contains_any": Operator(_LISTS, Takes.MANY, _share_a_member, "any of {}", "none of {}"),
    "not_contains_any": Operator(
        _LISTS, Takes.MANY, lambda a, e: not _share_a_member(a, e), "none of {}", "any of {}"),
    "gt": Operator(_ORDERED, Takes.ONE, op.gt, "more than {}", "at most {}"),
    "gte": Operator(_ORDERED, Takes.ONE, op.ge, "at least {}", "less than {}"),
    "lt": Operator(_ORDERED, Takes.ONE, op.lt, "less than {}", "at least {}"),
    "lte": Operator(_ORDERED, Takes.ONE, op.le, "at most {}", "more than {}"),
    "is_true": Operator(_BOOLS, Takes.NOTHING, lambda a, _: a is True, "yes", "no"),
    "is_false": Operator(_BOOLS, Takes.NOTHING, lambda a, _: a is False, "no", "yes"),
}
# fmt: on
