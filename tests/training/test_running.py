"""The run of an exercise: the story's clock, gates, and a facilitator's hand on both."""

from datetime import timedelta

import pytest

from incidents.models import AuditEvent, FactSaid, OutboxMessage, Person
from incidents.operations.records import first_broken_line
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER
from tests.factories import allow, law, person, role
from tests.training.exercise import CONTROL, MINUTE, START, laid_out, under_way, write_story
from training.models import GameDayRole, Inject
from training.operations import game_day, releasing, running, story
from training.operations.running import release_due

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[str]:
    rows = OutboxMessage.objects.filter(kind=kind).order_by("recipient__username")
    return list(rows.values_list("recipient__username", flat=True))


def refused_as(act, room, **said) -> str:
    with pytest.raises(Refused) as refused:
        act(room.day, actor=room.fay, at=START + MINUTE, **said)
    return refused.value.reasons[0].code


# --- beginning


def test_running_lays_out_every_inject_and_starts_the_clock():
    room = under_way()
    assert set(room.states().values()) == {"held"}
    assert room.inject(2).due_at == START + 5 * MINUTE
    assert room.inject(5).due_at is None, "a contingency comes by hand"
    assert story.seconds(room.again(), START + 7 * MINUTE) == 7 * 60


def test_a_retired_inject_does_not_come():
    made = write_story()
    Inject.objects.filter(number=4).update(retired_at=START)
    assert 4 not in under_way(story=made).states()


def test_who_stands_beside_a_player_holds_no_role_and_is_told():
    room = laid_out()
    cleo = person("cleo")
    GameDayRole.objects.create(
        game_day=room.day, role=role(COMMANDER), person=cleo, is_shadow=True
    )
    law()
    day = game_day.run(room.day, actor=room.day.organiser, at=START)
    assert not day.incident.assignments.filter(person=cleo).exists()
    assert "cleo" in told("exercise-begun")


def test_a_pace_is_chosen_at_the_start_and_bounded():
    room = under_way(pace="compressed", factor=10)
    assert room.inject(3).due_at == START + MINUTE
    with pytest.raises(Invalid) as refused:
        running.set_pace(room.day, pace="compressed", pace_factor=500, actor=room.fay, at=START)
    assert refused.value.has("unknown_pace_factor")


# --- by the clock


def test_what_is_due_reaches_the_players_once_on_the_timeline_and_by_message():
    room = under_way()
    assert release_due(START) == 1
    assert release_due(START) == 0
    assert told("inject") == ["ana", "bo"]
    message = OutboxMessage.objects.filter(kind="inject")[0]
    assert message.subject.startswith("EXERCISE EX-1: ")
    assert message.priority == OutboxMessage.Priority.PAGE, "an alert rings"
    entry = room.exercise.timeline.last()
    assert entry.text == "Inject 1 (alert from Monitoring): Payments fail."


def test_an_inject_for_a_role_goes_to_its_holder_and_who_stands_beside():
    room = under_way()
    cleo = person("cleo")
    GameDayRole.objects.create(
        game_day=room.day, role=room.inject(2).inject.to_role, person=cleo, is_shadow=True
    )
    release_due(START + 5 * MINUTE)
    rows = OutboxMessage.objects.filter(kind="inject", subject__contains="Support is overrun")
    assert sorted(rows.values_list("recipient__username", flat=True)) == ["bo", "cleo"]


def test_a_scheduler_that_was_away_is_late_and_loses_nothing():
    room = under_way()
    assert release_due(START + 9 * MINUTE) == 2
    assert room.inject(2).released_at == START + 9 * MINUTE
    assert room.inject(2).released_story_seconds == 9 * 60


def test_at_a_gate_the_clock_stands_until_the_players_have_decided():
    room = under_way()
    assert release_due(START + 18 * MINUTE) == 3, "what comes after the gate waits"
    assert story.seconds(room.again(), START + 30 * MINUTE) == 10 * 60
    assert room.inject(4).due_at is None
    assert room.inject(3).released_story_seconds == 10 * 60
    assert refused_as(running.resume, room) == "gate_waits"
    running.pass_gate(
        room.day, delivery=room.inject(3), decision="We switch over", actor=room.fay,
        at=START + 30 * MINUTE,
    )  # fmt: skip
    assert room.inject(4).due_at == START + 31 * MINUTE
    assert room.exercise.timeline.last().text == "Decided on inject 3: We switch over"
    assert release_due(START + 31 * MINUTE) == 1


def test_a_decision_is_said_and_only_where_one_is_waited_for():
    room = under_way()
    said = {"delivery": room.inject(3), "decision": "Yes"}
    assert refused_as(running.pass_gate, room, **said) == "no_gate_waits"
    release_due(START + 10 * MINUTE)
    assert (
        refused_as(running.pass_gate, room, **{**said, "decision": " "}) == "decision_missing"
    )


def test_facts_of_an_inject_are_said_to_the_incident_as_the_story_s():
    made = write_story(inject2={"facts": {"customers_affected": 10}})
    room = under_way(story=made)
    release_due(START + 5 * MINUTE)
    assert room.exercise.facts["customers_affected"] == 10
    assert room.exercise.is_severity_proposed
    said = FactSaid.objects.get(incident=room.exercise, source="inject 2")
    assert said.said_by == room.fay, "the facilitator speaks for the story"


def test_facts_the_law_does_not_know_any_more_hold_nothing_up():
    said = {"phase_of_moon": "full", "customers_affected": 901}
    room = under_way(story=write_story(inject2={"facts": said}))
    assert release_due(START + 5 * MINUTE) == 2
    line = AuditEvent.objects.filter(verb="release_inject").latest("sequence")
    assert line.detail["facts_left_out"] == ["phase_of_moon"]
    assert room.exercise.facts["customers_affected"] == 901


def test_one_that_cannot_be_released_stops_no_other(monkeypatch):
    room, honest = under_way(), releasing.players.as_told

    def fails(inject):
        if inject.number == 1:
            raise ValueError("a broken row")
        return honest(inject)

    monkeypatch.setattr(releasing.players, "as_told", fails)
    assert release_due(START + 5 * MINUTE) == 1
    assert room.states()[1] == "held"
    monkeypatch.undo()
    assert release_due(START + 5 * MINUTE + releasing.TRY_AGAIN_AFTER) == 1


def test_once_the_exercise_is_closed_the_story_stands():
    room = under_way()
    exercise = room.exercise
    exercise.state, exercise.closed_at = "closed", START
    exercise.save()
    assert release_due(START + MINUTE) == 0
    assert not room.day.deliveries.filter(due_at__isnull=False).exists()
    assert refused_as(running.release, room, delivery=room.inject(1)) == "exercise_over"


def test_nothing_due_is_one_query(django_assert_num_queries):
    under_way()
    with django_assert_num_queries(1):
        assert release_due(START - MINUTE) == 0


# --- by hand


def test_a_pause_holds_everything_back_for_as_long_as_it_lasts():
    room = under_way()
    running.pause(room.day, actor=room.fay, at=START + 2 * MINUTE)
    assert release_due(START + 30 * MINUTE) == 0
    assert refused_as(running.pause, room) == "stands_still"
    running.resume(room.day, actor=room.fay, at=START + 30 * MINUTE)
    assert room.inject(2).due_at == START + 33 * MINUTE
    assert refused_as(running.resume, room) == "runs_already"


def test_a_jump_brings_at_once_what_it_passes_over_and_never_goes_back():
    room = under_way()
    running.jump(room.day, to="9:30", actor=room.fay, at=START)
    assert release_due(START) == 2
    assert room.inject(3).due_at == START + timedelta(seconds=30)
    assert refused_as(running.jump, room, to="2") == "time_runs_forward"
    assert refused_as(running.jump, room, to="soon") == "no_story_time"


def test_what_is_still_to_come_is_shifted_together():
    room = under_way()
    release_due(START)
    running.shift(room.day, minutes=3, actor=room.fay, at=START + MINUTE)
    assert room.inject(2).due_at == START + 8 * MINUTE
    assert room.inject(1).story_seconds == 0, "what came, came when it came"
    assert refused_as(running.shift, room, minutes=0) == "no_minutes"


def test_a_contingency_comes_by_hand_out_of_order_and_never_twice():
    room = under_way()
    contingency = room.inject(5)
    running.release(room.day, delivery=contingency, actor=room.fay, at=START + MINUTE)
    assert room.states()[5] == "released"
    assert room.inject(5).released_by == room.fay
    assert refused_as(running.release, room, delivery=contingency) == "released_already"


def test_what_is_skipped_or_held_back_waits_until_it_is_brought_back():
    room = under_way()
    by = {"actor": room.fay, "at": START}
    running.skip(room.day, delivery=room.inject(1), reason="They know it", **by)
    running.hold(room.day, delivery=room.inject(2), reason="Too much at once", **by)
    assert release_due(START + 9 * MINUTE) == 0
    for number in (1, 2):
        running.restore(room.day, delivery=room.inject(number), **by)
    assert release_due(START + 9 * MINUTE) == 2
    assert refused_as(running.restore, room, delivery=room.inject(1)) == "not_set_aside"
    assert refused_as(running.skip, room, delivery=room.inject(1), reason="No") == (
        "released_already"
    )
    assert refused_as(running.skip, room, delivery=room.inject(4), reason="") == (
        "reason_missing"
    )


def test_by_hand_the_story_is_where_the_last_inject_has_brought_it():
    room = under_way(pace="by_hand")
    assert release_due(START + 60 * MINUTE) == 0
    running.release(room.day, delivery=room.inject(2), actor=room.fay, at=START)
    assert story.seconds(room.again(), START + 60 * MINUTE) == 5 * 60
    assert refused_as(running.resume, room) == "by_hand"
    running.set_pace(room.day, pace="real", actor=room.fay, at=START + 60 * MINUTE)
    assert room.inject(4).due_at == START + 66 * MINUTE


def test_another_pace_leaves_the_story_where_it_is():
    room = under_way()
    running.set_pace(
        room.day, pace="compressed", pace_factor=60, actor=room.fay, at=START + 2 * MINUTE
    )
    assert room.inject(2).due_at == START + 2 * MINUTE + timedelta(seconds=3)


def test_an_inject_of_another_game_day_is_refused():
    room = under_way()
    other = room.inject(1)
    other.pk += 1000
    assert refused_as(running.release, room, delivery=other) == "not_of_this_game_day"


# --- who


def test_only_the_staff_of_the_day_steer_it():
    room = under_way()
    for who in (room.dan, room.eve, allow(person("gil"), *CONTROL)):
        with pytest.raises(NotPermitted):
            running.pause(room.day, actor=who, at=START)
    organiser = allow(room.day.organiser, *CONTROL)
    assert not story.clock_of(running.pause(room.day, actor=organiser, at=START)).is_running


def test_who_plays_steers_nothing_whoever_they_are_besides():
    room = under_way()
    room.day.staff.create(person=room.ana, duty="facilitator")
    boss = allow(room.ana, *CONTROL)
    boss.is_superuser = True
    boss.save()
    with pytest.raises(NotPermitted) as refused:
        running.release(room.day, delivery=room.inject(1), actor=boss, at=START)
    assert refused.value.has("plays_in_it")


def test_what_does_not_run_is_not_steered():
    room = laid_out()
    assert refused_as(running.pause, room) == "wrong_state"


# --- the stop word


def test_the_stop_word_ends_everything_and_pages_everybody_in_it():
    room = under_way()
    with pytest.raises(NotPermitted) as not_permitted:
        running.stop(room.day, reason="Fire", actor=room.dan, at=START + MINUTE)
    assert not_permitted.value.has("not_in_the_exercise")
    with pytest.raises(Invalid):
        running.stop(room.day, reason=" ", actor=room.bo, at=START + MINUTE)
    running.stop(room.day, reason="A real incident", actor=room.bo, at=START + MINUTE)
    assert (room.again().status, room.exercise.state) == ("cancelled", "cancelled")
    assert told("exercise-stopped") == ["ana", "bo", "elif", "eve", "fay"]
    assert release_due(START + 60 * MINUTE) == 0
    assert not room.exercise.assignments.open().exists()
    with pytest.raises(Refused):
        running.stop(room.day, reason="Again", actor=room.bo, at=START + MINUTE)


@pytest.mark.parametrize("who", ["ana", "bo", "cleo", "eve", "fay", "guard"])
def test_everybody_in_it_says_the_stop_word_and_so_does_who_may_cancel_game_days(who):
    room = laid_out()
    GameDayRole.objects.create(
        game_day=room.day, role=role(COMMANDER), person=person("cleo"), is_shadow=True
    )
    allow(person("guard"), "training.cancel_gameday")
    law()
    day = game_day.run(room.day, actor=room.day.organiser, at=START)
    actor = Person.objects.get(username=who)
    running.stop(day, reason="I am unwell", actor=actor, at=START + MINUTE)
    assert room.again().status == "cancelled"


def test_every_act_leaves_one_audit_line_and_the_chain_holds():
    room = under_way()
    by = {"actor": room.fay, "at": START + MINUTE}
    release_due(START)
    running.pause(room.day, **by)
    running.resume(room.day, **by)
    running.skip(room.day, delivery=room.inject(2), reason="Enough", **by)
    verbs = list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
    assert verbs[2:] == ["release_inject", "pause_gameday", "resume_gameday", "skip_inject"]
    assert first_broken_line() is None


def test_a_scheduler_killed_in_the_middle_leaves_nothing_half_done(monkeypatch):
    room = under_way()

    def killed(*_said, **_more):
        raise SystemExit("kill -9")

    monkeypatch.setattr(releasing.records, "audit", killed)
    with pytest.raises(SystemExit):
        release_due(START)
    monkeypatch.undo()
    assert room.states()[1] == "held"
    assert told("inject") == []
    assert release_due(START + MINUTE) == 1
    assert told("inject") == ["ana", "bo"]
