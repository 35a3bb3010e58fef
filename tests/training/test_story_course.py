"""Every instant of an exercise in the story's time, however its clock was steered."""

from datetime import timedelta

import pytest

from incidents.models import Incident
from tests.training.exercise import MINUTE, START, under_way
from training.models import GameDay
from training.operations import running, story, story_course
from training.rules.story_clock import StoryClock
from training.rules.story_course import Act, Counted, StoryCourse, replayed

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def course(room):
    return story_course.of(GameDay.objects.select_related("incident").get(pk=room.day.pk))


def test_a_story_in_real_time_without_a_break_needs_no_minutes_of_its_own():
    room = under_way()
    found = course(room)
    assert found.counted is Counted.PLAIN
    assert found.minutes(START, START + 7 * MINUTE) == 7
    assert found.minutes(START, None) is None


def test_pause_jump_pace_and_gate_are_all_in_the_storys_time():
    room = under_way(pace="compressed", factor=20)
    by = {"actor": room.fay}
    told = {}

    def note(at):
        told[at] = story.clock_of(room.again()).now(at)

    note(START + 6 * SECOND)  # 2 minutes of the story
    running.pause(room.day, at=START + 6 * SECOND, **by)
    note(START + 50 * SECOND)
    running.resume(room.day, at=START + 66 * SECOND, **by)
    note(START + 70 * SECOND)
    running.jump(room.day, to="8", at=START + 75 * SECOND, **by)
    note(START + 75 * SECOND)
    running.set_pace(room.day, pace="compressed", pace_factor=60, at=START + 76 * SECOND, **by)
    note(START + 77 * SECOND)
    running.release_due(START + 85 * SECOND)  # the gate at T+10 was due seconds ago
    note(START + 90 * SECOND)
    gate = room.inject(3)
    running.pass_gate(
        room.day, delivery=gate, decision="Switch over", at=START + 105 * SECOND, **by
    )
    note(START + 110 * SECOND)
    running.set_pace(room.day, pace="real", at=START + 111 * SECOND, **by)
    note(START + 140 * SECOND)

    found = course(room)
    assert {at: found.seconds(at) for at in told} == pytest.approx(told)
    assert told[START + 50 * SECOND] == 120
    assert told[START + 90 * SECOND] == 600
    assert found.counted is Counted.STORY
    assert found.minutes(START, START + 50 * SECOND) == 2
    assert found.minutes(START + 50 * SECOND, START + 90 * SECOND) == 8
    # Between the gate's time and the late tick the story stood already: nothing is after it.
    assert found.seconds(START + 84 * SECOND) == 600


def test_by_hand_minutes_are_those_of_the_wall():
    room = under_way(pace="by_hand")
    running.release(room.day, delivery=room.inject(2), actor=room.fay, at=START + 3 * MINUTE)
    assert room.inject(2).released_story_seconds == 5 * 60
    found = course(room)
    assert found.counted is Counted.REAL
    assert found.seconds(START + 30 * MINUTE) == 5 * 60
    assert found.minutes(START, START + 3 * MINUTE) == 3
    running.set_pace(room.day, pace="real", actor=room.fay, at=START + 4 * MINUTE)
    assert course(room).seconds(START + 6 * MINUTE) == 7 * 60
    assert course(room).counted is Counted.REAL


def test_nothing_counts_once_the_exercise_is_closed():
    room = under_way(pace="compressed", factor=10)
    Incident.objects.filter(game_day=room.day).update(closed_at=START + 2 * MINUTE)
    found = course(room)
    assert found.minutes(START, START + 9 * MINUTE) == 20
    assert found.stood == 0


def test_a_jump_over_a_gate_comes_back_to_it():
    acts = [
        Act(START + MINUTE, "jump_gameday", seconds=1500),
        Act(START + MINUTE + 5 * SECOND, "release_inject", 600, inject=3, is_gate=True),
        Act(START + 3 * MINUTE, "pass_gate", inject=3),
    ]
    found = replayed(START, "real", 1, acts, ended_at=START + 9 * MINUTE)
    assert found.seconds(START + 2 * MINUTE) == 600
    assert found.seconds(START + 4 * MINUTE) == 660
    assert found.stood == 120
    assert found.skipped == 540


def test_what_took_a_second_more_than_its_minutes_took_one_more():
    found = StoryCourse(((START, StoryClock().started(START)),))
    for seconds, minutes in ((0, 0), (1, 1), (1800, 30), (1801, 31)):
        assert found.minutes(START, START + timedelta(seconds=seconds)) == minutes
