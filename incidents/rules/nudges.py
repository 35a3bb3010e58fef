"""Ladders of reminders: which step is due, once each, and when the next one will be."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from incidents.rules.reasons import Invalid

# How urgent a message is, as the outbox counts.
PAGE, NOTICE, DIGEST = 0, 5, 9
# Whom a step tells, beside the roles of an incident by their slugs.
OWNER, MANAGER, LEADERSHIP = "owner", "manager", "leadership"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: when, relative to the due instant (negative: before), who hears of it, and how.

    `to` names owner, manager, leadership or roles of the incident by slug; `channel` "" is as
    each person wants to be reached.
    """

    name: str
    offset: timedelta
    repeat_every: timedelta | None = None
    to: tuple[str, ...] = (OWNER,)
    priority: int = NOTICE
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in order of time, of which only the last may repeat."""

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        # Written by programmers, so a ladder that cannot be climbed is a bug, not a refusal.
        names = {step.name for step in self.steps}
        in_order = all(a.offset < b.offset for a, b in pairwise(self.steps))
        repeats = any(step.repeat_every for step in self.steps[:-1])
        if not self.steps or len(names) < len(self.steps) or not in_order or repeats:
            raise ValueError("Steps need distinct names, rising offsets and one end to repeat.")


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that is due: `key` tells its repeats apart ("overdue+7d#2" is the second repeat)."""

    key: str
    step: Step
    at: datetime

    @property
    def is_repeat(self) -> bool:
        """The step has been sent before."""
        return "#" in self.key


# The index of a step and how often it has been repeated: what comes later compares as greater.
_Rung: TypeAlias = tuple[int, int]
_GROUND: _Rung = (-1, 0)


def due_step(
    ladder: Ladder, due_at: datetime, done_through: str, at: datetime
) -> DueStep | None:
    """The latest step due at `at`, unless it or a later one is done; earlier ones are let go.

    A scheduler that was down for two weeks thus sends one reminder, not five. `done_through` is
    the key of the last step sent for this due instant, or "". A key the ladder does not know
    (it was renamed) counts as nothing done: one reminder too many beats silence.
    """
    rung = _rung_reached(ladder, at - due_at)
    if rung <= _rung_named(ladder, done_through):
        return None
    step = ladder.steps[rung[0]]
    return DueStep(_key(step, rung[1]), step, due_at + _offset(ladder, rung))


def next_at(ladder: Ladder, due_at: datetime, after: datetime) -> datetime | None:
    """The first instant strictly after `after` at which a step becomes due; None at the top.

    None, too, where it would come after the year 9999.
    """
    index, repeats = _rung_reached(ladder, after - due_at)
    if index + 1 < len(ladder.steps):
        wait = ladder.steps[index + 1].offset
    elif ladder.steps[index].repeat_every is None:
        return None
    else:
        wait = _offset(ladder, (index, repeats + 1))
    try:
        return due_at + wait
    except OverflowError:
        return None


def end_of_day(on: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which this day is over in this zone (exclusive end)."""
    # The next local midnight, not "24 hours later": the day the clocks go forward has 23 hours,
    # the day they go back 25. Where midnight is skipped (Santiago) or comes twice (Havana),
    # fold=0 gives the instant of the jump and the first of the two: the day ends once.
    try:
        return datetime.combine(on + _DAY, time.min, tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise Invalid.because(
            "date_out_of_range", "Choose an earlier date.", "due_on"
        ) from None


def _rung_reached(ladder: Ladder, elapsed: timedelta) -> _Rung:
    # Durations are compared, not instants: a due date in the year 9999 must not overflow.
    index = sum(step.offset <= elapsed for step in ladder.steps) - 1
    every = ladder.steps[index].repeat_every if index >= 0 else None
    return (index, (elapsed - ladder.steps[index].offset) // every if every else 0)


def _rung_named(ladder: Ladder, key: str) -> _Rung:
    name, _, repeats = key.partition("#")
    names = [step.name for step in ladder.steps]
    if name not in names or not (repeats or "0").isdecimal():
        return _GROUND
    return (names.index(name), int(repeats or 0))


def _offset(ladder: Ladder, rung: _Rung) -> timedelta:
    step = ladder.steps[rung[0]]
    return step.offset + rung[1] * (step.repeat_every or timedelta())


def _key(step: Step, repeats: int) -> str:
    return f"{step.name}#{repeats}" if repeats else step.name
