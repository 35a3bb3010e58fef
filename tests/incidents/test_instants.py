"""The instants of an incident stand in order, or each disorder is named."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.instants import CHAINS, INSTANTS, order_violations

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(**minutes):
    return {f"{name}_at": NOON + timedelta(minutes=value) for name, value in minutes.items()}


def fields(instants):
    return [reason.field for reason in order_violations(instants)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("impact_started", "detected"),
        ("detected", "declared"),
        ("declared", "acknowledged"),
        ("declared", "commander_assigned"),
        ("detected", "contained"),
        ("contained", "mitigated"),
        ("mitigated", "resolved"),
        ("resolved", "closed"),
        ("impact_started", "first_public_update"),
        ("detected", "first_public_update"),
        ("detected", "first_internal_update"),
        ("impact_started", "closed"),
        ("detected", "resolved"),
    ],
)
def test_an_order_that_must_hold_is_refused_the_other_way_round(earlier, later):
    assert fields(at(**{earlier: 0, later: 1})) == []
    assert fields(at(**{earlier: 1, later: 1})) == []
    assert fields(at(**{earlier: 1, later: 0})) == [f"{later}_at"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("acknowledged", "commander_assigned"),
        ("declared", "contained"),
        ("declared", "first_public_update"),
        ("first_public_update", "first_internal_update"),
        ("acknowledged", "mitigated"),
    ],
)
def test_instants_without_a_necessary_order_may_come_either_way(one, other):
    assert fields(at(**{one: 0, other: 1})) == []
    assert fields(at(**{one: 1, other: 0})) == []


def test_the_reason_names_both_instants_in_utc():
    east = timezone(timedelta(hours=2))
    instants = {
        "declared_at": NOON,
        "acknowledged_at": NOON.astimezone(east) - timedelta(hours=1),
    }
    (reason,) = order_violations(instants)
    assert reason.code == "instants_out_of_order"
    assert reason.field == "acknowledged_at"
    assert reason.message.startswith(
        "acknowledged (2026-11-23 11:00:00 UTC) is before declared (2026-11-23 12:00:00 UTC)"
    )


def test_each_disorder_is_named_once():
    assert fields(at(impact_started=9, detected=1, declared=5, resolved=0)) == [
        "detected_at",
        "resolved_at",
    ]


def test_nothing_set_is_in_order():
    assert order_violations({}) == []
    assert order_violations(dict.fromkeys(INSTANTS)) == []


def test_every_instant_stands_in_a_chain():
    assert set(chain.from_iterable(CHAINS)) == set(INSTANTS)


@given(st.dictionaries(st.sampled_from(INSTANTS), st.none() | st.integers(0, 5)))
def test_no_pair_out_of_order_goes_unnoticed(minutes):
    instants = {
        name: None if value is None else NOON + timedelta(minutes=value)
        for name, value in minutes.items()
    }
    ordered = all(
        minutes[one] <= minutes[other]
        for names in CHAINS
        for index, one in enumerate(names)
        for other in names[index + 1 :]
        if minutes.get(one) is not None and minutes.get(other) is not None
    )
    assert (order_violations(instants) == []) == ordered
