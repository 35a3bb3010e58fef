"""An exercise under way: its clock begins, pauses, runs on, is moved, and is stopped for good."""

from datetime import datetime

from django.db import transaction

from incidents.models import Incident, Person
from incidents.operations import composing, lifecycle, nudges, records, words
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from training.models import Delivery, GameDay
from training.operations import control, players, story
from training.operations.releasing import (
    hold,
    pass_gate,
    release,
    release_due,
    restore,
    skip,
)
from training.rules.story_clock import PACES, StoryClock, parsed, shown

__all__ = [
    "begin", "end", "hold", "jump", "pass_gate", "pause", "release", "release_due", "restore",
    "resume", "set_pace", "shift", "skip", "stop", "take_pace", "wait",
]  # fmt: skip

Pace, State = GameDay.Pace, Delivery.State


def begin(game_day: GameDay, incident: Incident, *, at: datetime) -> None:
    """Lay out every inject that is not retired, start the clock, and tell staff and shadows.

    Within the act that runs the game day, once the row is saved; that act has the audit line.
    """
    injects = game_day.exercise_scenario.injects.filter(retired_at=None)
    Delivery.objects.bulk_create(
        Delivery(
            game_day=game_day, inject=each, story_seconds=each.offset_minutes * 60, due_at=None
        )
        for each in injects
    )
    clock = story.clock_of(game_day)
    if game_day.pace != Pace.BY_HAND:
        clock = clock.started(at)
    story.keep(game_day, clock)
    composing.compose(players.begins(game_day, incident), at=at)


def end(game_day: GameDay, *, at: datetime) -> None:
    """The clock stands for good and nothing comes any more; for the acts that end the game day."""
    clock = story.clock_of(game_day).stopped(at)
    story.keep(game_day, clock)


@transaction.atomic
def pause(game_day: GameDay, *, actor: Person, at: datetime) -> GameDay:
    """The story's clock stands still until it is resumed. Refuses `stands_still`."""
    game_day = control.held(game_day, actor)
    clock = story.clock_of(game_day)
    if not clock.is_running:
        raise Refused.because("stands_still", "The clock stands still already.")
    return _keep("pause_gameday", game_day, clock.stopped(at), actor, at)


def wait(exercise: Incident, *, why: str, actor: Person | None, at: datetime) -> None:
    """Pause the clock of the game day this exercise is played in, whoever asks, if it runs.

    Within an act of incidents that takes somebody out of it for what is real.
    """
    days = GameDay.objects.select_for_update(of=("self",))
    game_day = days.filter(incident=exercise, status=GameDay.Status.RUNNING).first()
    if game_day and (clock := story.clock_of(game_day)).is_running:
        _keep("pause_gameday", game_day, clock.stopped(at), actor, at, reason=why)


@transaction.atomic
def resume(game_day: GameDay, *, actor: Person, at: datetime) -> GameDay:
    """The clock runs on from where it stands.

    Refuses `runs_already`, `by_hand` where it never runs, and `gate_waits` while players owe a
    decision: say what they decided.
    """
    game_day = control.held(game_day, actor)
    clock = story.clock_of(game_day)
    if game_day.pace == Pace.BY_HAND:
        message = "This story goes by hand: release the next inject, or set a pace."
        raise Refused.because("by_hand", message)
    if clock.is_running:
        raise Refused.because("runs_already", "The clock runs already.")
    if gate := story.waiting_gates(game_day).select_related("inject").first():
        message = (
            f"Inject {gate.inject.number} waits for a decision of the players: say what they "
            "decided, then it runs on by itself."
        )
        raise Refused.because("gate_waits", message)
    return _keep("resume_gameday", game_day, clock.started(at), actor, at)


@transaction.atomic
def jump(game_day: GameDay, *, to: str, actor: Person, at: datetime) -> GameDay:
    """Set the story's clock to “12”, “12:30” or “1:05:30”; what it passes over comes at once.

    Refuses `time_runs_forward`: what players have lived through is not taken back.
    """
    game_day = control.held(game_day, actor)
    seconds = parsed(to)
    if seconds is None:
        message = "Write a time of the story, such as 25 (minutes), 25:30 or 1:05:00."
        raise Invalid.because("no_story_time", message, "to")
    clock = story.clock_of(game_day)
    if seconds <= clock.now(at):
        message = f"The story is at {shown(clock.now(at))} already: choose a later time."
        raise Refused.because("time_runs_forward", message, "to")
    return _keep("jump_gameday", game_day, clock.moved(seconds, at), actor, at)


@transaction.atomic
def shift(game_day: GameDay, *, minutes: int, actor: Person, at: datetime) -> GameDay:
    """Everything still to come by the clock comes so many minutes later; earlier if negative.

    Nothing is moved before the beginning of the story.
    """
    game_day = control.held(game_day, actor)
    if not minutes:
        message = "Say by how many minutes: 5 for later, -5 for earlier."
        raise Invalid.because("no_minutes", message, "minutes")
    held = list(game_day.deliveries.filter(state=State.HELD).select_related("inject"))
    moved = [row for row in held if story.comes_by_clock(row)]
    for row in moved:
        row.story_seconds = max(row.story_seconds + minutes * 60, 0)
    Delivery.objects.bulk_update(moved, ["story_seconds"])
    story.book(game_day)
    records.audit(
        "shift_gameday", game_day, actor=actor, at=at, minutes=minutes, injects=len(moved)
    )
    return game_day


@transaction.atomic
def set_pace(
    game_day: GameDay, *, pace: str, pace_factor: int = 1, actor: Person, at: datetime
) -> GameDay:
    """In real time, compressed so many times, or by hand; the story is where it was."""
    game_day = control.held(game_day, actor)
    clock = story.clock_of(game_day)
    ran, clock = clock.is_running, clock.stopped(at)
    was = game_day.pace
    take_pace(game_day, pace, pace_factor)
    game_day.story_seconds, game_day.story_set_at = clock.seconds, None
    game_day.save()
    runs = ran or (was == Pace.BY_HAND and not story.waiting_gates(game_day).exists())
    clock = story.clock_of(game_day)
    if runs and game_day.pace != Pace.BY_HAND:
        clock = clock.started(at)
    said = {"pace": game_day.pace, "pace_factor": game_day.pace_factor}
    return _keep("set_pace_gameday", game_day, clock, actor, at, **said)


def stop(game_day: GameDay, *, reason: str, actor: Person, at: datetime) -> GameDay:
    """The stop word: the exercise ends at once, everybody in it is paged that it does, and why.

    Everybody in it may, and whoever may cancel game days: a real incident has begun, or somebody
    is unwell. NotPermitted `not_in_the_exercise` for anybody else. Refuses `wrong_state` unless it
    runs; without a reason it is Invalid.
    """
    with transaction.atomic():
        game_day = GameDay.objects.select_for_update(of=("self",)).get(pk=game_day.pk)
        if reason_against := control.may_stop(game_day, actor):
            raise NotPermitted(reason_against)
        if wrong := control.in_state(game_day):
            raise Refused(wrong)
        reason = words.required(reason, "reason", "Say why, for everybody in it.")
        incident = Incident.objects.get(game_day=game_day)
        told = {*players.everybody(game_day, incident), *players.staff(game_day)}
        lifecycle.stop_exercise(incident, reason=reason, actor=actor, at=at)
        end(game_day, at=at)
        game_day.status = GameDay.Status.CANCELLED
        nudges.end(game_day)
        game_day.save()
        people = sorted(told, key=lambda one: one.pk)
        composing.compose(players.stopped(game_day, incident, people, reason, actor), at=at)
        records.audit("stop_gameday", game_day, actor=actor, at=at, reason=reason)
    return game_day


def take_pace(game_day: GameDay, pace: str, factor: int) -> None:
    """Set it on the row, without saving. Invalid `unknown_pace` and `unknown_pace_factor`."""
    if pace not in Pace.values:
        message = f"A pace is one of {', '.join(Pace.values)}."
        raise Invalid.because("unknown_pace", message, "pace")
    if pace != Pace.COMPRESSED:
        factor = 1
    elif factor not in PACES:
        message = f"Compress the story by {PACES.start} to {PACES.stop - 1} times."
        raise Invalid.because("unknown_pace_factor", message, "pace_factor")
    game_day.pace, game_day.pace_factor = pace, factor


def _keep(
    verb: str,
    game_day: GameDay,
    clock: StoryClock,
    actor: Person | None,
    at: datetime,
    **said: object,
) -> GameDay:
    story.keep(game_day, clock)
    stands = shown(clock.now(at))
    records.audit(verb, game_day, actor=actor, at=at, story=stands, **said)
    return game_day
