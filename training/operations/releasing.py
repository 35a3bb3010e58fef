"""Injects reach the players: by the clock, or by hand; each once, and never late without a trace.

Released, an inject stands on the timeline of the exercise, goes to whom it is for, and what it makes
known is said to the incident under the law, so that severity and clocks follow as they would.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models import Incident, Person, TimelineEntry
from incidents.operations import (
    composing,
    facts,
    legal_case,
    records,
    standing,
    timeline,
    words,
)
from incidents.rules.reasons import Invalid, Refused
from training.models import Delivery, GameDay, GameDayStaff, Inject
from training.operations import control, players, story
from training.rules.story_clock import StoryClock, shown

State = Delivery.State
Say = Callable[[str], None]
NOTE_LENGTH = 300
# What cannot be released is tried again then, and keeps nobody else's waiting.
TRY_AGAIN_AFTER = timedelta(minutes=1)

_SOURCES = {
    Inject.Method.ALERT: TimelineEntry.Source.MONITORING,
    Inject.Method.SCREEN: TimelineEntry.Source.MONITORING,
    Inject.Method.CHAT: TimelineEntry.Source.CHAT,
}

logger = logging.getLogger(__name__)


def release_due(at: datetime, say: Say | None = None) -> int:
    """Release what the story's clocks have come to, in the story's order; how many.

    Each game day is a transaction of its own, and one that somebody steers just now is left to the
    next tick. A scheduler that was away is late and loses nothing: at a gate the clock stands, so
    what comes after one waits however late it is. One indexed query when nothing is due.
    """
    due = Delivery.objects.filter(state=State.HELD, due_at__lte=at).order_by("game_day")
    released = 0
    for key in list(due.values_list("game_day", flat=True).distinct()):
        lines = _release_of(key, at)
        released += len(lines)
        for line in lines:
            if say:
                say(line)
    return released


@transaction.atomic
def release(game_day: GameDay, *, delivery: Delivery, actor: Person, at: datetime) -> Delivery:
    """Now, whatever the clock says: out of order, a contingency, one that was held or skipped.

    Refuses `released_already`, and `exercise_over` once the exercise is closed.
    """
    game_day = control.held(game_day, actor)
    row = _own(game_day, delivery)
    incident = _exercise(game_day)
    if not incident.is_open:
        message = (
            f"{incident.reference} is {incident.state}: nothing reaches its players any more."
        )
        raise Refused.because("exercise_over", message, "delivery")
    if not _give(game_day, incident, row, by=actor, at=at):
        message = f"Inject {row.inject.number} was released already: look again."
        raise Refused.because("released_already", message, "delivery")
    return row


@transaction.atomic
def skip(
    game_day: GameDay, *, delivery: Delivery, reason: str, actor: Person, at: datetime
) -> Delivery:
    """It does not come, and why. Refuses `released_already`; it may be brought back."""
    return _set_aside("skip_inject", game_day, delivery, State.SKIPPED, reason, actor, at)


@transaction.atomic
def hold(
    game_day: GameDay, *, delivery: Delivery, reason: str, actor: Person, at: datetime
) -> Delivery:
    """The clock leaves it alone until it is released by hand or brought back; with a reason."""
    return _set_aside("hold_inject", game_day, delivery, State.HELD, reason, actor, at)


@transaction.atomic
def restore(game_day: GameDay, *, delivery: Delivery, actor: Person, at: datetime) -> Delivery:
    """What was skipped or held back comes by the clock again; at once if its time has passed."""
    game_day = control.held(game_day, actor)
    row = _own(game_day, delivery)
    if row.state == State.RELEASED or not row.note:
        message = f"Inject {row.inject.number} is neither skipped nor held back."
        raise Refused.because("not_set_aside", message, "delivery")
    row.state, row.note = State.HELD, ""
    row.save(update_fields=["state", "note"])
    story.book(game_day)
    records.audit("restore_inject", game_day, actor=actor, at=at, inject=row.inject.number)
    return row


@transaction.atomic
def pass_gate(
    game_day: GameDay, *, delivery: Delivery, decision: str, actor: Person, at: datetime
) -> Delivery:
    """The players have decided, and what: the clock runs on, unless another gate waits.

    Refuses `no_gate_waits` where this inject holds up nothing.
    """
    game_day = control.held(game_day, actor)
    row = _own(game_day, delivery)
    if not story.waiting_gates(game_day).filter(pk=row.pk).exists():
        message = f"Nothing waits for a decision at inject {row.inject.number}: look again."
        raise Refused.because("no_gate_waits", message, "delivery")
    ask = "Write what the players decided: the report says it, and the story goes on from it."
    row.note = words.required(decision, "decision", ask, longest=NOTE_LENGTH)
    row.passed_at = at
    row.save(update_fields=["note", "passed_at"])
    if game_day.pace != GameDay.Pace.BY_HAND and not story.waiting_gates(game_day).exists():
        story.keep(game_day, story.clock_of(game_day).started(at))
    number = row.inject.number
    said = f"Decided on inject {number}: {row.note}"
    timeline.record(_exercise(game_day), said, at=at, author=actor)
    records.audit("pass_gate", game_day, actor=actor, at=at, inject=number, decision=row.note)
    return row


def _set_aside(
    verb: str,
    game_day: GameDay,
    delivery: Delivery,
    state: str,
    reason: str,
    actor: Person,
    at: datetime,
) -> Delivery:
    game_day = control.held(game_day, actor)
    row = _own(game_day, delivery)
    if row.state == State.RELEASED:
        message = f"Inject {row.inject.number} was released already: the players have it."
        raise Refused.because("released_already", message, "delivery")
    row.note = words.required(reason, "reason", "Write why.", longest=NOTE_LENGTH)
    row.state, row.due_at = state, None
    row.save(update_fields=["state", "due_at", "note"])
    records.audit(verb, game_day, actor=actor, at=at, inject=row.inject.number, reason=row.note)
    return row


def _own(game_day: GameDay, delivery: Delivery) -> Delivery:
    """The row as it is now; Invalid `not_of_this_game_day` for another's."""
    rows = game_day.deliveries.select_related("inject__to_role").select_for_update(of=("self",))
    row = rows.filter(pk=delivery.pk).first()
    if row is None:
        message = "This inject belongs to another game day: choose one of this."
        raise Invalid.because("not_of_this_game_day", message, "delivery")
    return row


def _exercise(game_day: GameDay) -> Incident:
    """Its incident, locked."""
    incident = Incident.objects.get(game_day=game_day)
    standing.lock(incident)
    return incident


@transaction.atomic
def _release_of(key: int, at: datetime) -> list[str]:
    """What is due of one game day; a line each."""
    rows = GameDay.objects.select_for_update(skip_locked=True, of=("self",))
    game_day = rows.filter(pk=key).first()
    if game_day is None:
        return []
    incident = _exercise(game_day)
    if game_day.status != GameDay.Status.RUNNING or not incident.is_open:
        _let_stand(game_day, incident, at)
        return []
    done = []
    while (row := _next_due(game_day, at)) is not None:
        if _try(game_day, incident, row, at):
            done.append(f"game day {game_day}: inject {row.inject.number}")
    return done


def _next_due(game_day: GameDay, at: datetime) -> Delivery | None:
    due = game_day.deliveries.filter(state=State.HELD, due_at__lte=at)
    return (
        due.select_related("inject__to_role")
        .order_by("story_seconds", "inject__number")
        .first()
    )


def _try(game_day: GameDay, incident: Incident, row: Delivery, at: datetime) -> bool:
    try:
        with transaction.atomic():
            return _give(game_day, incident, row, by=None, at=at)
    except Exception as error:  # whatever one inject does, the others must come
        # The error's own text may quote the story: only its kind is logged.
        logger.error("releasing inject %s failed: %s", row.inject_id, type(error).__name__)
        Delivery.objects.filter(pk=row.pk).update(due_at=at + TRY_AGAIN_AFTER)
        standing.lock(incident)  # what the failure left of it in memory is not so
        return False


def _let_stand(game_day: GameDay, incident: Incident, at: datetime) -> None:
    """The exercise is over before its story was: the clock stands, and nothing is due any more."""
    story.keep(game_day, story.clock_of(game_day).stopped(at))
    records.audit(
        "stop_story", game_day, actor=None, at=at, because=f"{incident} is {incident.state}"
    )


def _give(
    game_day: GameDay, incident: Incident, row: Delivery, *, by: Person | None, at: datetime
) -> bool:
    """Claim it and do all that releasing means; False where somebody else did."""
    clock, inject = story.clock_of(game_day), row.inject
    claimed = Delivery.objects.filter(pk=row.pk).exclude(state=State.RELEASED)
    row.state, row.due_at, row.note = State.RELEASED, None, ""
    row.released_at, row.released_by = at, by
    row.released_story_seconds = _came_at(game_day, clock, row, by, at)
    if not claimed.update(
        state=row.state, due_at=None, note="", released_at=at, released_by=by,
        released_story_seconds=row.released_story_seconds,
    ):  # fmt: skip
        return False
    text = players.as_told(inject)
    source = _SOURCES.get(Inject.Method(inject.method), TimelineEntry.Source.ACT)
    timeline.record(incident, text, at=at, source=source)
    composing.compose(players.messages(game_day, incident, row), at=at)
    detail = _make_known(game_day, incident, inject, by, at)
    _move_clock(game_day, row, by=by, at=at)
    records.audit(
        "release_inject", game_day, actor=by, at=at, inject=inject.number,
        story=shown(row.released_story_seconds), planned=shown(row.story_seconds), **detail,
    )  # fmt: skip
    return True


def _came_at(
    game_day: GameDay, clock: StoryClock, row: Delivery, by: Person | None, at: datetime
) -> int:
    """The story's second it came at: by hand its own, of a gate by the clock when it was due."""
    now = int(clock.now(at))
    if _brings_the_time(game_day, row):
        return max(now, row.story_seconds)
    return min(row.story_seconds, now) if by is None and row.inject.is_gate else now


def _make_known(
    game_day: GameDay, incident: Incident, inject: Inject, by: Person | None, at: datetime
) -> dict[str, object]:
    """The inject's facts under the law; those it does not know are left out, and said so."""
    known = legal_case.sayable(inject.facts, at=at)
    strange = sorted(inject.facts.keys() - known.keys())
    left_out: dict[str, object] = {"facts_left_out": strange} if strange else {}
    if not known:
        return left_out
    source = f"inject {inject.number}"
    try:
        with transaction.atomic():
            actor = by or _voice(game_day)
            fed = facts.feed(incident, facts=known, source=source, actor=actor, at=at)
            return {**fed, **left_out}
    except Refused as refused:
        standing.lock(incident)
        return {"facts_refused": [reason.code for reason in refused.reasons]}


def _voice(game_day: GameDay) -> Person:
    """Who speaks for the story where the clock releases: the facilitator, else the organiser."""
    staff = game_day.staff.filter(duty=GameDayStaff.Duty.FACILITATOR).select_related("person")
    first = staff.order_by("pk").first()
    return first.person if first else game_day.organiser


def _move_clock(game_day: GameDay, row: Delivery, *, by: Person | None, at: datetime) -> None:
    """At a gate it stands, where the gate was due; by hand it is where the story has come to."""
    clock = story.clock_of(game_day)
    if _brings_the_time(game_day, row):
        story.keep(game_day, clock.moved(max(clock.seconds, row.story_seconds), at))
    elif row.inject.is_gate:
        # Set back after a late tick: what fell due meanwhile comes after the decision.
        stands = _came_at(game_day, clock, row, by, at)
        story.keep(game_day, clock.stopped(at).moved(stands, at))


def _brings_the_time(game_day: GameDay, row: Delivery) -> bool:
    return game_day.pace == GameDay.Pace.BY_HAND and row.inject.kind == Inject.Kind.SCHEDULED
