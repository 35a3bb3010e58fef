"""When a call is made, repeated and passed on; who is doubtful; said in words."""

from datetime import timedelta

import pytest

from incidents.rules.calling import (
    LEADERSHIP,
    PROOF_COUNTS_FOR,
    SMS,
    Contact,
    Step,
    doubts,
    in_words,
    masked,
)
from tests.factories import NOW

COMMANDER = Step("commander", 5, repeat_minutes=10, repeats=2, next_role="deputy")
NAMES = {"deputy": "Deputy commander"}


def test_a_call_is_repeated_at_its_pace_and_then_the_next_in_line_is_called_alike() -> None:
    assert COMMANDER.minutes() == (5, 15, 25)
    assert COMMANDER.minutes(1) == (35, 45, 55)
    assert COMMANDER.given_up_after(2) == 65


def test_what_is_told_once_is_never_given_up() -> None:
    once = Step("counsel", 15)
    assert (once.minutes(), once.given_up_after(1), once.line({})) == (
        (15,),
        None,
        ("counsel",),
    )


def test_a_line_goes_on_as_the_steps_of_the_level_say_and_ends_at_leadership() -> None:
    deputy = Step("deputy", 0, repeat_minutes=5, next_role="executive")
    assert COMMANDER.line({}) == ("commander", "deputy", LEADERSHIP)
    steps = {"commander": COMMANDER, "deputy": deputy}
    assert COMMANDER.line(steps) == ("commander", "deputy", "executive", LEADERSHIP)


def test_a_circle_calls_nobody_twice() -> None:
    back = Step("deputy", 0, repeat_minutes=5, next_role="commander")
    assert COMMANDER.line({"deputy": back}) == ("commander", "deputy", LEADERSHIP)


@pytest.mark.parametrize(
    ("contact", "doubt"),
    [
        (Contact("Zoe", "zoe@example.com", NOW), None),
        (Contact("Zoe", "zoe@example.com", NOW - PROOF_COUNTS_FOR), None),
        (Contact("Zoe", "zoe@example.com"), "the address for e-mail was never verified"),
        (
            Contact("Zoe", "z@example.com", NOW - PROOF_COUNTS_FOR - timedelta(days=1)),
            "the address for e-mail was last verified on 2026-05-26, more than 180 days ago",
        ),
        (Contact("Zoe", "", NOW), "no address for e-mail"),
        (Contact("Zoe", "z@example.com", NOW, NOW), "on leave until 2026-11-23 09:00 UTC"),
        (Contact("Zoe", "z@example.com", NOW, is_active=False), "deactivated"),
    ],
)
def test_whoever_may_not_be_reached_is_doubted_for_a_reason(contact, doubt) -> None:
    assert list(doubts(contact, NOW)) == ([doubt] if doubt else [])


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zoe@example.com", "z…@example.com"), ("+44 20 7946 0101", "…101"), ("", "")],
)
def test_an_address_is_shown_so_that_nobody_can_write_to_it(address, shown) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("x", 0), "at once by e-mail"),
        (Step("x", 15, SMS), "within 15 min by text message"),
        (
            COMMANDER,
            "within 5 min by e-mail, again every 10 min (2 times) until somebody answers; "
            "without an answer after 30 min: Deputy commander",
        ),
        (
            Step("x", 0, repeat_minutes=5),
            "at once by e-mail; without an answer after 5 min: leadership",
        ),
    ],
)
def test_a_step_is_said_in_words(step, words) -> None:
    assert in_words(step, NAMES) == words
