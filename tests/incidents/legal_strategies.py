"""Any facts, clocks and documents a program might hand to the law, for properties of all of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from incidents.rules.facts import Fact, FactType
from incidents.rules.legal_facts import DERIVED_CLOCKS, total_facts
from incidents.rules.reasons import Invalid
from tests.incidents.packs import shipped

CODES = (
    "DE",
    "FR",
    "IE",
    "GB",
    "US",
    "US-CA",
    "US-NY",
    "US-TX",
    "CA-QC",
    "AU",
    "JP",
    "BR",
    "NO",
)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "Pacific/Apia",
)

zones = st.sampled_from(ZONES)
# Samoa left out a whole day once: a period cannot end on it.
zones_with_every_day = st.sampled_from([zone for zone in ZONES if zone != "Pacific/Apia"])
_begin = datetime(2026, 1, 1, tzinfo=UTC)
_minutes = st.integers(-20 * 366 * 24 * 60, 20 * 366 * 24 * 60)
# Half of them close together, so that periods meet the weekends, holidays and clock changes.
instants = (_minutes | st.integers(0, 400 * 24 * 60)).map(
    lambda minutes: _begin + timedelta(minutes=minutes)
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def _values(fact: Fact) -> st.SearchStrategy[Any]:
    counts = st.sampled_from((0, 1, 30, 499, 500, 501, 999, 1_000, 5_001, 250_000))
    members = st.sampled_from(fact.choices or CODES)
    if fact.name == "clock_timezone":
        return zones
    if fact.name == "holiday_calendar":
        return st.sampled_from(("", "DE", "IE", "FR", "XX"))
    return {
        FactType.BOOL: st.booleans(),
        FactType.INT: counts,
        FactType.ENUM: members,
        FactType.LIST: st.lists(members, max_size=4, unique=True),
        FactType.MAP: st.dictionaries(members, counts, max_size=3),
        FactType.DATE: st.none() | st.sampled_from(("2024-05-01", "2026-11-23", "2028-01-01")),
        FactType.STR: st.text(max_size=4),
    }[fact.type]


def well_typed_facts() -> st.SearchStrategy[Mapping[str, Any]]:
    """Facts of the shipped vocabulary, any of them left out; some sets contradict themselves."""
    return st.fixed_dictionaries(
        {}, optional={name: _values(fact) for name, fact in shipped().facts.items()}
    )


def clocks() -> st.SearchStrategy[Mapping[str, datetime]]:
    """Clocks of the shipped pack, any of them left out; some are out of order."""
    names = sorted(set(shipped().clocks) - DERIVED_CLOCKS)
    return st.dictionaries(st.sampled_from(names), instants, max_size=5)


def submissions() -> st.SearchStrategy[Mapping[str, datetime]]:
    """Submissions of stages of the shipped pack."""
    names = [
        f"{each.id}/{stage.id}" for each in shipped().regimes.values() for stage in each.stages
    ]
    return st.dictionaries(st.sampled_from(names), instants, max_size=3)


def predicates() -> list[Any]:
    """Every predicate the shipped pack holds."""
    found: list[Any] = [rule.when for rule in shipped().counsel]
    for regime in shipped().regimes.values():
        found += [regime.trigger, regime.watch, *(stage.condition for stage in regime.stages)]
    return [each for each in found if each is not None]


def total(facts: Any) -> Any:
    """Total facts, where these can be."""
    try:
        return total_facts(shipped(), facts)
    except Invalid:
        assume(False)
