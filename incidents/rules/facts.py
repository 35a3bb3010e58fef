"""Facts: the typed words in which criteria are written, and a total set of them from a partial one."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeAlias

from incidents.rules.reasons import Invalid, Reason


class FactType(StrEnum):
    """What a fact's value looks like; dates are ISO texts, so that they compare as text."""

    BOOL = "bool"
    INT = "int"
    ENUM = "enum"
    LIST = "list"
    MAP = "map"
    DATE = "date"
    STR = "str"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that may be known of an incident. Lists hold texts, maps hold counts by text.

    `choices` bound an enum's value, a list's members and a map's keys (empty: unbounded);
    `minimum` and `maximum` bound whole numbers. A default of None makes "not known" a value.
    `called` is what people call it where its name with spaces would not do.
    """

    name: str
    type: FactType
    default: Any
    choices: tuple[str, ...] = ()
    description: str = ""
    minimum: int = 0
    maximum: int | None = None
    called: str = ""

    @property
    def label(self) -> str:
        """For people, within a sentence."""
        return self.called or self.name.replace("_", " ")

    def item(self) -> "Fact":
        """The fact that one member of this list, or one entry of this map, would be."""
        if self.type is FactType.MAP:
            return replace(self, type=FactType.INT, choices=(), default=0)
        return replace(self, type=FactType.ENUM if self.choices else FactType.STR, default="")

    def refused(self, code: str, demand: str) -> Reason:
        """The reason that names this fact, in the field an interface shows it beside."""
        return Reason(code, f"{self.name} must be {demand}.", f"facts.{self.name}")


Vocabulary: TypeAlias = Mapping[str, Fact]


class TotalFacts(dict[str, Any]):
    """A value for every fact there is; those not `given` stand at their default."""

    def __init__(self, values: Mapping[str, Any], given: Iterable[str]) -> None:
        super().__init__(values)
        self.given = frozenset(given)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two facts that cannot both be so; judged only if both were given, never on a default."""

    one: str
    other: str
    clash: Callable[[Any, Any], bool]
    message: str


def vocabulary(*facts: Fact) -> dict[str, Fact]:
    """These facts by name."""
    return {fact.name: fact for fact in facts}


_SHAPES: dict[FactType, tuple[type | tuple[type, ...], str]] = {
    FactType.BOOL: (bool, "true or false"),
    FactType.INT: (int, "a whole number"),
    FactType.ENUM: (str, "a text"),
    FactType.LIST: ((list, tuple), "a list"),
    FactType.MAP: (Mapping, "a map of counts"),
    FactType.DATE: (str, "a date such as 2026-11-23"),
    FactType.STR: (str, "a text"),
}


def complaint(fact: Fact, value: object) -> Reason | None:
    """Why this value cannot be this fact's; None if it can."""
    if value is None and fact.default is None:
        return None
    shape, demand = _SHAPES[fact.type]
    # bool is a subclass of int, and `true` customers are not one customer.
    stray_bool = isinstance(value, bool) and fact.type is not FactType.BOOL
    if stray_bool or not isinstance(value, shape):
        return fact.refused("fact_has_wrong_type", demand)
    return _BOUNDS[fact.type](fact, value) if fact.type in _BOUNDS else None


def _bounded_number(fact: Fact, value: Any) -> Reason | None:
    if value < fact.minimum:
        return fact.refused("fact_out_of_range", f"{fact.minimum:,} or more")
    if fact.maximum is not None and value > fact.maximum:
        return fact.refused("fact_out_of_range", f"{fact.maximum:,} or less")
    return None


def _one_of_the_choices(fact: Fact, value: Any) -> Reason | None:
    if value in fact.choices:
        return None
    return fact.refused("fact_not_a_choice", "one of " + ", ".join(fact.choices))


def _iso_date(fact: Fact, value: Any) -> Reason | None:
    try:
        # "20261123" and "2026-W48-1" are ISO dates too, but would not sort as text.
        canonical = date.fromisoformat(value).isoformat() == value
    except ValueError:
        canonical = False
    return None if canonical else fact.refused("fact_has_wrong_type", _SHAPES[fact.type][1])


def _good_members(fact: Fact, value: Any) -> Reason | None:
    return _first(complaint(fact.item(), member) for member in value)


def _good_entries(fact: Fact, value: Any) -> Reason | None:
    keys = replace(fact, type=FactType.LIST)
    return _first((_good_members(keys, list(value)), _good_members(fact, value.values())))


def _first(complaints: Iterable[Reason | None]) -> Reason | None:
    return next((found for found in complaints if found), None)


_BOUNDS: dict[FactType, Callable[[Fact, Any], Reason | None]] = {
    FactType.INT: _bounded_number,
    FactType.ENUM: _one_of_the_choices,
    FactType.DATE: _iso_date,
    FactType.LIST: _good_members,
    FactType.MAP: _good_entries,
}


def normalise(
    facts: Mapping[str, Any],
    known: Vocabulary,
    contradictions: Iterable[Contradiction] = (),
) -> TotalFacts:
    """Total facts: what was given, defaults for the rest. Invalid, with a reason a field."""
    problems = [
        reason
        for name, value in facts.items()
        if (reason := complaint(known[name], value) if name in known else _unknown(name, known))
    ]
    problems = problems or list(_clashes(facts, contradictions))
    if problems:
        raise Invalid(*problems)
    values = {name: copy(facts.get(name, fact.default)) for name, fact in known.items()}
    return TotalFacts(values, facts)


def _unknown(name: str, known: Vocabulary) -> Reason:
    close = get_close_matches(name, known, n=1)
    hint = (
        f"did you mean {close[0]}?" if close else "known are " + ", ".join(sorted(known)) + "."
    )
    return Reason("unknown_fact", f"There is no fact {name}; {hint}", f"facts.{name}")


def _clashes(facts: Mapping[str, Any], pairs: Iterable[Contradiction]) -> Iterable[Reason]:
    for pair in pairs:
        both_given = pair.one in facts and pair.other in facts
        if both_given and pair.clash(facts[pair.one], facts[pair.other]):
            yield Reason("facts_contradict", pair.message, f"facts.{pair.other}")


# Beyond these a number is a slip of the keyboard: nobody has more customers than there are people.
MOST = 10_000_000_000
TEN_YEARS = 10 * 366 * 24 * 60  # minutes


def _count(name: str, description: str, *, maximum: int = MOST, called: str = "") -> Fact:
    return Fact(name, FactType.INT, 0, description=description, maximum=maximum, called=called)


def _flag(name: str, description: str) -> Fact:
    return Fact(name, FactType.BOOL, default=False, description=description)


def _choice(name: str, choices: tuple[str, ...], description: str) -> Fact:
    return Fact(name, FactType.ENUM, choices[0], choices, description)


# Defaults invent no harm: nothing said, nothing counted. A workaround nobody has named does not
# exist: when unsure assume the higher severity and settle it in the review.
# Names shared with the notification duties are spelt and valued as there.
SEVERITY_FACTS: Vocabulary = vocabulary(
    _count("customers_affected", "Customers who notice, estimated"),
    _count(
        "customers_affected_percent",
        "Share of all customers",
        maximum=100,
        called="percent of customers affected",
    ),
    _choice(
        "functionality_lost",
        ("none", "degraded", "major", "total"),
        "How much of what the affected services do is gone",
    ),
    _count(
        "service_unavailability_minutes",
        "Length of the outage so far, in minutes",
        maximum=TEN_YEARS,
        called="minutes of outage",
    ),
    _flag("workaround_available", "Customers can reach their goal another way"),
    _flag("cause_known", "What caused it is known, not only supposed"),
    _flag("safety_risk", "Someone may come to physical harm"),
    _flag("security_compromise", "Someone is in who must not be"),
    _choice(
        "personal_data_exposure",
        ("none", "possible", "confirmed"),
        "Unauthorised access to, or disclosure of, personal data",
    ),
    _count(
        "persons_affected_total",
        "Persons whose data is concerned, estimated",
        called="persons whose data is concerned",
    ),
    Fact("service_tier", FactType.INT, 4, (), "Highest tier affected; 1 is vital", 1, 4),
    _flag("revenue_service_affected", "An affected service earns money"),
    _count(
        "dependents_affected",
        "Services that depend on an affected one",
        called="dependent services",
    ),
    _count(
        "minutes_running",
        "Whole minutes from the start of the impact, else its detection, until it was mitigated",
        maximum=TEN_YEARS,
        called="minutes of impact",
    ),
)

# Where each fact nobody types comes from, and what to do instead of typing it.
_FROM_THE_CATALOGUE = "comes from the service catalogue: leave it out and name the services."
_DERIVED = {
    "service_tier": _FROM_THE_CATALOGUE,
    "revenue_service_affected": _FROM_THE_CATALOGUE,
    "dependents_affected": _FROM_THE_CATALOGUE,
    "minutes_running": "is counted from the instants of the incident: leave it out.",
}
DERIVED_FACTS = frozenset(_DERIVED)

CONTRADICTIONS = (
    Contradiction(
        "customers_affected",
        "customers_affected_percent",
        lambda count, percent: count == 0 and percent > 0,
        "No customer is affected, yet a share of them is: correct one of the two.",
    ),
    Contradiction(
        "functionality_lost",
        "service_unavailability_minutes",
        lambda lost, minutes: lost == "none" and minutes > 0,
        "Nothing is lost, yet a service was unavailable: correct one of the two.",
    ),
)


def severity_facts(given: Mapping[str, Any], derived: Mapping[str, Any]) -> TotalFacts:
    """Total facts from what a person gave and what was derived; nobody types the latter."""
    typed = sorted(DERIVED_FACTS & given.keys())
    if typed:
        raise Invalid(
            *(Reason("fact_is_derived", f"{n} {_DERIVED[n]}", f"facts.{n}") for n in typed)
        )
    return normalise({**given, **derived}, SEVERITY_FACTS, CONTRADICTIONS)


def severity_part(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of the facts of an incident those that decide its severity: the law has its own beside."""
    return {name: value for name, value in facts.items() if name in SEVERITY_FACTS}


def personal_data_may_be_exposed(facts: Mapping[str, Any]) -> bool:
    """Whether exposure of personal data is possible or confirmed."""
    return facts.get("personal_data_exposure") in ("possible", "confirmed")
