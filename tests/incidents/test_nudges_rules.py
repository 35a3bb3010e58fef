"""A ladder sends each step once, never an old one, and always knows when it is due again."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.ladders import ACTION_ITEM, GAME_DAY, REVIEW, UPDATE
from incidents.rules.nudges import Ladder, Step, due_step, end_of_day, next_at
from incidents.rules.reasons import Invalid

DUE = datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
LADDERS = {
    "action item": ACTION_ITEM,
    "review": REVIEW,
    "update": UPDATE,
    "game day": GAME_DAY,
}


def climb(ladder, until, due_at=DUE):
    """Every step a punctual scheduler sends, as (key, offset from due, to whom)."""
    sent, done, at = [], "", due_at - 100 * DAY
    while (at := next_at(ladder, due_at, at)) and at <= until:
        step = due_step(ladder, due_at, done, at)
        sent.append((step.key, step.at - due_at, step.step.to))
        done = step.key
    return sent


def test_an_action_item_is_nudged_before_at_and_after_its_due_date():
    owner, both = ("owner",), ("owner", "manager")
    assert climb(ACTION_ITEM, DUE + 22 * DAY) == [
        ("due-7d", -7 * DAY, owner),
        ("due", 0 * DAY, owner),
        ("overdue+3d", 3 * DAY, owner),
        ("overdue+7d", 7 * DAY, both),
        ("overdue+7d#1", 14 * DAY, both),
        ("overdue+7d#2", 21 * DAY, both),
    ]


def test_a_review_is_nudged_every_third_day_once_the_manager_knows():
    owner, both = ("owner",), ("owner", "manager")
    assert climb(REVIEW, DUE + 6 * DAY) == [
        ("due-2d", -2 * DAY, owner),
        ("due", 0 * DAY, owner),
        ("overdue+2d", 2 * DAY, both),
        ("overdue+2d#1", 5 * DAY, both),
    ]


def test_an_update_is_nudged_by_the_minute():
    owner, all_three = ("owner",), ("owner", "deputy_commander", "incident_commander")
    assert climb(UPDATE, DUE + 20 * MINUTE) == [
        ("due-5m", -5 * MINUTE, owner),
        ("due", 0 * MINUTE, all_three),
        ("overdue+10m", 10 * MINUTE, all_three),
        ("overdue+10m#1", 20 * MINUTE, all_three),
    ]


def test_a_game_day_is_announced_and_never_overdue():
    assert [(key, offset) for key, offset, _ in climb(GAME_DAY, DUE + 400 * DAY)] == [
        ("due-14d", -14 * DAY),
        ("due-3d", -3 * DAY),
        ("due-1d", -1 * DAY),
    ]
    assert next_at(GAME_DAY, DUE, DUE - DAY) is None


def test_nothing_is_due_before_the_first_step():
    first = DUE - 7 * DAY
    assert due_step(ACTION_ITEM, DUE, "", first - INSTANT) is None
    assert due_step(ACTION_ITEM, DUE, "", first).key == "due-7d"


def test_a_scheduler_that_was_down_sends_only_the_latest_step():
    late = DUE + 14 * DAY
    step = due_step(ACTION_ITEM, DUE, "due-7d", late)
    assert (step.key, step.at) == ("overdue+7d#1", late)
    assert due_step(ACTION_ITEM, DUE, step.key, late) is None


def test_a_step_renamed_since_is_sent_once_more_rather_than_never():
    assert due_step(ACTION_ITEM, DUE, "one_week_late", DUE).key == "due"
    assert due_step(ACTION_ITEM, DUE, "due#second", DUE).key == "due"
    assert due_step(ACTION_ITEM, DUE, "due", DUE) is None


def test_the_next_instant_is_strictly_later():
    assert next_at(ACTION_ITEM, DUE, DUE - INSTANT) == DUE
    assert next_at(ACTION_ITEM, DUE, DUE) == DUE + 3 * DAY
    assert next_at(ACTION_ITEM, DUE, DUE + 7 * DAY) == DUE + 14 * DAY


def test_a_due_date_at_the_end_of_time_is_no_accident():
    never = datetime.max.replace(tzinfo=UTC)
    assert due_step(ACTION_ITEM, never, "", DUE) is None
    assert next_at(ACTION_ITEM, never, DUE) == never - 7 * DAY
    assert next_at(ACTION_ITEM, never, never) is None
    assert next_at(Ladder((Step("late", DAY),)), never, DUE) is None


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step("one", DAY), Step("one", 2 * DAY)),
        (Step("one", DAY), Step("two", DAY)),
        (Step("one", 2 * DAY), Step("two", DAY)),
        (Step("one", DAY, repeat_every=DAY), Step("two", 5 * DAY)),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_not_built(steps):
    with pytest.raises(ValueError, match="Steps need"):
        Ladder(steps)


OFFSETS = st.timedeltas(-20 * DAY, 60 * DAY)


@pytest.mark.parametrize("ladder", LADDERS.values(), ids=LADDERS)
@given(st.lists(OFFSETS, max_size=30))
def test_no_step_is_sent_twice_and_the_last_is_never_skipped(ladder, wakings):
    """However seldom the scheduler wakes: each sent step is later, and the latest due is sent."""
    done, sent = "", []
    for at in sorted(DUE + offset for offset in wakings):
        if step := due_step(ladder, DUE, done, at):
            done = step.key
            sent.append(step)
        latest = due_step(ladder, DUE, "", at)
        assert done == (latest.key if latest else "")
    assert all(one.at < other.at for one, other in pairwise(sent))
    assert len({step.key for step in sent}) == len(sent)


@pytest.mark.parametrize("ladder", LADDERS.values(), ids=LADDERS)
@given(OFFSETS)
def test_nothing_becomes_due_between_now_and_the_next_instant(ladder, offset):
    after = DUE + offset
    now = due_step(ladder, DUE, "", after)
    done = now.key if now else ""
    following = next_at(ladder, DUE, after)
    if following is None:
        assert due_step(ladder, DUE, done, after + 1000 * DAY) is None
        return
    assert following > after
    assert due_step(ladder, DUE, done, following - INSTANT) is None
    assert due_step(ladder, DUE, done, following).at == following


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("on", "over_at", "hours"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 23, tzinfo=UTC), 24),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC), 23),
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC), 24),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC), 25),
    ],
)
def test_a_day_ends_at_local_midnight_on_the_nights_the_clocks_change(on, over_at, hours):
    assert end_of_day(on, BERLIN) == over_at
    assert over_at - end_of_day(on - DAY, BERLIN) == timedelta(hours=hours)


def test_a_day_whose_midnight_is_skipped_or_doubled_ends_once():
    # Chile jumps from 24:00 to 01:00 on 6 September 2025; Cuba goes from 01:00 back to 00:00 on
    # 2 November 2025, so that the first of the two midnights ends the day before.
    assert end_of_day(date(2025, 9, 6), ZoneInfo("America/Santiago")) == datetime(
        2025, 9, 7, 4, tzinfo=UTC
    )
    assert end_of_day(date(2025, 11, 1), ZoneInfo("America/Havana")) == datetime(
        2025, 11, 2, 4, tzinfo=UTC
    )


def test_the_last_day_of_the_calendar_has_no_end_and_is_refused():
    assert end_of_day(date(9998, 12, 31), BERLIN).year == 9998
    with pytest.raises(Invalid) as caught:
        end_of_day(date.max, BERLIN)
    assert caught.value.has("date_out_of_range")
