"""When the next update is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.cadence import Cadence, next_due_at

START = datetime(2026, 3, 29, 0, 50, tzinfo=UTC)
# PagerDuty Incident Response, "External Communication Guidelines": the first public post within
# five minutes, then at least every twenty for two hours. Hourly after that is our own choice.
PUBLIC_REFERENCE = Cadence(
    first_minutes=5, every_minutes=20, until_minutes=120, then_every_minutes=60
)


def minutes(count):
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("published_after", "due_after"),
    [(None, 5), (0, 20), (4, 24), (119, 139), (120, 180), (180, 240)],
)
def test_the_reference_cadence_is_five_minutes_then_twenty_then_hourly(
    published_after, due_after
):
    published_at = None if published_after is None else START + minutes(published_after)
    due_at = next_due_at(PUBLIC_REFERENCE, START, published_at)
    assert due_at == START + minutes(due_after)


def test_without_a_cadence_nothing_is_due():
    assert next_due_at(Cadence(), START) is None
    assert next_due_at(Cadence(), START, START) is None


def test_a_first_update_alone_may_be_owed():
    once = Cadence(first_minutes=30)
    assert next_due_at(once, START) == START + minutes(30)
    assert next_due_at(once, START, START) is None


def test_without_a_first_limit_the_interval_counts_from_the_start():
    assert next_due_at(Cadence(every_minutes=60), START) == START + minutes(60)


def test_a_cadence_may_end():
    ending = Cadence(every_minutes=20, until_minutes=60)
    assert next_due_at(ending, START, START + minutes(59)) == START + minutes(79)
    assert next_due_at(ending, START, START + minutes(60)) is None


def test_zero_minutes_means_at_once():
    assert next_due_at(Cadence(first_minutes=0, every_minutes=60), START) == START


def test_an_earlier_promise_wins_and_a_later_one_does_not():
    published_at = START + minutes(10)
    for promised, due in ((15, 15), (45, 30)):
        promised_at = START + minutes(promised)
        due_at = next_due_at(PUBLIC_REFERENCE, START, published_at, promised_at)
        assert due_at == START + minutes(due)


def test_a_promise_binds_where_no_cadence_does():
    promised_at = START + minutes(45)
    assert next_due_at(Cadence(), START, START, promised_at) == promised_at


def test_a_promise_older_than_the_last_update_is_settled():
    published_at = START + minutes(10)
    due_at = next_due_at(PUBLIC_REFERENCE, START, published_at, promised_at=published_at)
    assert due_at == published_at + minutes(20)


INTERVALS = st.integers(1, 600)


@given(
    st.builds(Cadence, INTERVALS, st.integers(1, 60), INTERVALS, st.integers(60, 600)),
    INTERVALS,
    INTERVALS,
)
def test_publishing_later_never_makes_the_next_update_due_sooner(cadence, one, other):
    sooner, later = (START + minutes(count) for count in sorted((one, other)))
    assert next_due_at(cadence, START, sooner) <= next_due_at(cadence, START, later)


@given(
    st.builds(Cadence, INTERVALS, INTERVALS, st.none() | INTERVALS, INTERVALS),
    st.none() | INTERVALS,
    INTERVALS,
)
def test_the_next_update_is_due_after_the_last_and_no_later_than_promised(
    cadence, published_after, promised_later
):
    published_at = None if published_after is None else START + minutes(published_after)
    base = published_at or START
    promised_at = base + minutes(promised_later)
    assert base < next_due_at(cadence, START, published_at, promised_at) <= promised_at
