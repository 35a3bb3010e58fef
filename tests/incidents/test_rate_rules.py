"""A rate is kept in every minute, however the messages come; waits grow and spread."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules import backoff, rate
from incidents.rules.backoff import PACES
from incidents.rules.rate import Bucket
from tests.factories import NOW

EMPTY = Bucket(0, None)


def sent(per_minute: int, asks: list[tuple[float, int]]) -> list[float]:
    """When each message went: the asks are seconds since the last one, and how many wait."""
    bucket, now, went = EMPTY, 0.0, list[float]()
    for pause, wanted in asks:
        now += pause
        bucket = rate.filled(bucket, per_minute, NOW + timedelta(seconds=now))
        count = min(wanted, rate.room(bucket))
        bucket = rate.taken(bucket, count)
        went += [now] * count
    return went


@given(
    per_minute=st.integers(1, 600),
    asks=st.lists(st.tuples(st.floats(0, 40), st.integers(0, 700)), max_size=40),
)
def test_no_minute_sees_more_than_the_rate(per_minute, asks) -> None:
    went = sent(per_minute, asks)
    for begin in set(went):
        assert sum(begin <= one < begin + 59.999 for one in went) <= per_minute


@pytest.mark.parametrize("per_minute", [1, 7, 60, 600])
def test_and_the_rate_is_reached(per_minute: int) -> None:
    """Ten minutes of asking each second: nine tenths of it at the least."""
    went = sent(per_minute, [(1.0, per_minute)] * 600)
    assert len(went) >= per_minute * 10 * 0.9 - 1


def test_a_clock_that_goes_back_takes_nothing_and_gives_nothing() -> None:
    bucket = Bucket(3.0, NOW)
    assert rate.filled(bucket, 60, NOW - timedelta(hours=1)).tokens == 3.0


def test_waits_double_up_to_the_longest_and_differ_by_a_quarter_at_most() -> None:
    for attempts, seconds in ((1, 30), (2, 60), (5, 480), (8, 3600), (500, 3600)):
        wait = backoff.of_message("email", 1, attempts).total_seconds()
        assert seconds <= wait <= seconds * 1.25
        assert backoff.of_message("email", 1, attempts).total_seconds() == wait


def test_messages_that_failed_together_come_back_apart() -> None:
    assert len({backoff.of_message("email", key, 1) for key in range(20)}) == 20


@pytest.mark.parametrize("channel", PACES)
def test_a_provider_is_asked_again_within_minutes(channel: str) -> None:
    waits = [backoff.of_provider(channel, failures) for failures in range(1, 30)]
    assert timedelta(seconds=10) <= waits[0] <= timedelta(seconds=40)
    assert max(waits) <= timedelta(minutes=5) * 1.25


def test_what_wakes_somebody_is_given_up_within_the_hour() -> None:
    tried = [backoff.of_message("sms", 1, one) for one in range(1, backoff.MAX_ATTEMPTS)]
    assert sum(tried, timedelta()) < timedelta(hours=1)
