"""Severity is computed, highest level first, and says why."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.facts import severity_facts
from incidents.rules.reasons import Refused
from incidents.rules.severity import (
    Criterion,
    Level,
    classify,
    examine,
    minutes_running,
    next_turn,
)


def many_customers(number):
    return Criterion(
        "Many customers",
        {"field": "customers_affected", "operator": "gte", "value": number},
    )


SAFETY = Criterion("Safety", {"field": "safety_risk", "operator": "is_true"})
STUCK = Criterion(
    "No way round",
    {
        "all": [
            {"field": "functionality_lost", "operator": "in", "value": ["major", "total"]},
            {"not": {"field": "workaround_available", "operator": "is_true"}},
        ]
    },
)
HIGH = Level("sev1", 1, "Critical", (SAFETY, many_customers(1000)))
MIDDLE = Level("sev2", 2, "Major", (many_customers(100), STUCK))
LOW = Level("sev3", 3, "Minor")
LEVELS = (LOW, HIGH, MIDDLE)


def severity_of(**given):
    return classify(LEVELS, severity_facts(given, {}))


def test_the_highest_level_with_a_criterion_that_holds_wins():
    assert severity_of(customers_affected=1200).code == "sev1"
    assert severity_of(customers_affected=999).code == "sev2"
    assert severity_of(customers_affected=99).code == "sev3"


def test_every_criterion_that_fired_is_a_reason_with_its_facts():
    found = severity_of(customers_affected=1200, safety_risk=True)
    assert found.reasons == (
        "sev1, Safety: safety risk is yes, yes needed",
        "sev1, Many customers: customers affected is 1200, at least 1000 needed",
    )
    assert found.not_fired == ()


def test_a_reason_names_all_the_facts_that_decided():
    assert severity_of(functionality_lost="total").reasons == (
        "sev2, No way round: functionality lost is total, one of major, total needed; "
        "workaround available is not known (counted as no), no needed",
    )


def test_what_kept_the_severity_down_is_told_too():
    found = severity_of(customers_affected=100)
    assert found.not_fired == (
        "sev1, Safety: safety risk is not known (counted as no), yes needed",
        "sev1, Many customers: customers affected is 100, at least 1000 needed",
        "sev2, No way round: functionality lost is not known (counted as none), one of major, total needed",
    )


def test_without_any_sign_the_lowest_level_applies_and_says_so():
    found = severity_of()
    assert found.code == "sev3"
    assert found.reasons == ("sev3, the lowest level: no criterion of any level holds",)
    assert len(found.not_fired) == 4


def test_levels_are_needed_to_classify():
    assert classify([LOW], severity_facts({}, {})).code == "sev3"
    with pytest.raises(Refused) as caught:
        classify([], severity_facts({}, {}))
    assert caught.value.has("no_severity_levels")


@given(st.permutations(LEVELS), st.integers(0, 2000), st.booleans())
def test_the_order_in_which_levels_are_stored_changes_nothing(levels, customers, safety):
    facts = severity_facts({"customers_affected": customers, "safety_risk": safety}, {})
    assert classify(levels, facts) == classify(LEVELS, facts)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_more_customers_never_lower_the_severity(one, other):
    rank = {level.code: level.rank for level in LEVELS}
    fewer, more = sorted((one, other))
    higher = severity_of(customers_affected=more)
    assert rank[higher.code] <= rank[severity_of(customers_affected=fewer).code]


# --- how long it has been running


def running(operator, value):
    return {"field": "minutes_running", "operator": operator, "value": value}


LEAVES = st.one_of(
    st.builds(
        running, st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"]), st.integers(0, 30)
    ),
    st.builds(
        running,
        st.sampled_from(["in", "not_in"]),
        st.lists(st.integers(0, 30), min_size=1, max_size=3),
    ),
    st.just({"field": "safety_risk", "operator": "is_true"}),
)
PREDICATES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@given(PREDICATES, st.integers(0, 35), st.booleans())
def test_until_the_next_turn_time_alone_changes_no_answer(predicate, minutes, safety):
    level = Level("sev1", 1, "Critical", (Criterion("Long", predicate),))
    turn = next_turn([level, LOW], minutes)

    def answer(at):
        facts = severity_facts({"safety_risk": safety}, {"minutes_running": at})
        return [each.holds for each in examine(level, facts)]

    assert turn is None or turn > minutes
    for later in range(minutes, 40 if turn is None else turn):
        assert answer(later) == answer(minutes)


def test_the_next_turn_is_the_nearest_threshold_still_ahead():
    hour = Level("sev1", 1, "Critical", (Criterion("Hour", running("gte", 60)),))
    half = Level("sev2", 2, "Major", (Criterion("Half", {"not": running("lte", 30)}),))
    assert next_turn([hour, half], 0) == 31
    assert next_turn([hour, half], 31) == 60
    assert next_turn([hour, half], 60) is None
    assert next_turn(LEVELS, 0) is None


BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_minutes_of_impact_are_whole_and_end_with_it():
    def lasted(**passed):
        return minutes_running(BEGAN, None, at=BEGAN + timedelta(**passed))

    assert (lasted(seconds=59), lasted(seconds=60), lasted(hours=2)) == (0, 1, 120)
    ended = BEGAN + timedelta(minutes=5)
    assert minutes_running(BEGAN, ended, at=BEGAN + timedelta(days=1)) == 5
    assert minutes_running(None, None, at=BEGAN) == 0


def test_clocks_that_disagree_make_no_impossible_fact():
    assert minutes_running(BEGAN, None, at=BEGAN - timedelta(hours=1)) == 0
    long_ago = BEGAN.replace(year=1990)
    most = minutes_running(long_ago, None, at=BEGAN)
    assert severity_facts({}, {"minutes_running": most})["minutes_running"] == most


def test_every_criterion_of_a_level_is_examined():
    facts = severity_facts({"safety_risk": True}, {})
    assert [(each.criterion.name, each.holds) for each in examine(HIGH, facts)] == [
        ("Safety", True),
        ("Many customers", False),
    ]
