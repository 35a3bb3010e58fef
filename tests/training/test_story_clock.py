"""The story's clock and its ratings, as pure rules."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW
from training.rules import ratings
from training.rules.ratings import Given, Seen
from training.rules.story_clock import StoryClock, parsed, shown

SECOND = timedelta(seconds=1)


def test_a_clock_runs_as_fast_as_agreed_and_stands_when_stopped():
    clock = StoryClock(60, NOW, 12)
    assert clock.now(NOW + 5 * SECOND) == 120
    assert clock.stopped(NOW + 5 * SECOND).now(NOW + 500 * SECOND) == 120
    assert clock.stopped(NOW).due_at(600) is None
    assert clock.due_at(600) == NOW + 45 * SECOND


def test_an_instant_before_it_was_set_takes_nothing_back():
    assert StoryClock(60, NOW).now(NOW - 5 * SECOND) == 60


@given(st.floats(0, 9000), st.integers(1, 120), st.integers(0, 9000))
def test_what_is_due_at_an_instant_is_what_the_clock_says_then(seconds, factor, target):
    clock = StoryClock(seconds, NOW, factor)
    due = clock.due_at(target)
    if target >= seconds:
        assert clock.now(due) == pytest.approx(target, abs=0.01)


@given(st.integers(0, 9000), st.integers(0, 9000), st.integers(1, 120))
def test_stopping_and_starting_loses_no_second(before, between, factor):
    clock = StoryClock(0, NOW, factor)
    at = NOW + before * SECOND
    later = at + between * SECOND
    assert clock.stopped(at).started(later).now(later + SECOND) == (before + 1) * factor


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12", 720), ("12:30", 750), ("1:05:30", 3930), ("T+03:00", 180), ("90", 5400)],
)
def test_a_time_of_the_story_is_read_as_people_write_it(text, seconds):
    assert parsed(text) == seconds
    assert parsed(shown(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "soon", "1:75", "1:2:3:4", "-5", "²"])
def test_what_is_no_time_is_none(text):
    assert parsed(text) is None


def test_a_rating_goes_no_higher_than_what_was_seen():
    assert ratings.ceiling([]) == "U"
    assert ratings.ceiling([Seen("improve"), Seen("neutral", "M")]) == "S"
    assert ratings.ceiling([Seen("strength", "M")]) == "M"
    assert ratings.ceiling([Seen("strength")]) == "P"


def test_in_the_end_the_lead_evaluator_counts_else_the_lowest():
    assert ratings.final([Given("P"), Given("M")]) == "M"
    assert ratings.final([Given("P", is_lead=True), Given("U")]) == "P"
    assert ratings.final([]) == ""
