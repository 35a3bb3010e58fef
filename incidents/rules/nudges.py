"""Ladders of reminders: which step is due, once each, and when the next one will be."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from incidents.rules import roles
from incidents.rules.reasons import Invalid

# How urgent a message is, as the outbox counts.
PAGE, NOTICE, DIGEST = 0, 5, 9
# Whom a step tells, beside the roles of an incident by their slugs.
OWNER, MANAGER, LEADERSHIP = "owner", "manager", "leadership"
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


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


_WITH_MANAGER = (OWNER, MANAGER)
_COUNSEL = (roles.COUNSEL, roles.COMMANDER, LEADERSHIP)

ACTION_ITEM = Ladder(
    (
        Step("due-7d", -7 * _DAY),
        Step("due", timedelta()),
        Step("overdue+3d", 3 * _DAY),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY, to=_WITH_MANAGER),
    )
)
REVIEW = Ladder(
    (
        Step("due-2d", -2 * _DAY),
        Step("due", timedelta()),
        Step("overdue+2d", 2 * _DAY, repeat_every=3 * _DAY, to=_WITH_MANAGER),
    )
)
# The owner of an update is who speaks for the incident; once it is late, command knows too.
_WITH_COMMAND = (OWNER, roles.DEPUTY, roles.COMMANDER)
UPDATE = Ladder(
    (
        Step("due-5m", -5 * _MINUTE, priority=PAGE),
        Step("due", timedelta(), to=_WITH_COMMAND, priority=PAGE),
        Step(
            "overdue+10m",
            10 * _MINUTE,
            repeat_every=10 * _MINUTE,
            to=_WITH_COMMAND,
            priority=PAGE,
        ),
    )
)
LEGAL = Ladder(
    (
        Step("due-15m", -15 * _MINUTE, to=_COUNSEL, priority=PAGE),
        Step("due", timedelta(), to=_COUNSEL, priority=PAGE),
        Step(
            "overdue+15m",
            15 * _MINUTE,
            repeat_every=15 * _MINUTE,
            to=_COUNSEL,
            priority=PAGE,
        ),
    )
)
# Who answers for a filing, whose field it is, and who runs the incident.
_DUTY = (OWNER, roles.PRIVACY, roles.COMMANDER)
LEGAL_DUTY = Ladder(
    (
        Step("due-7d", -7 * _DAY, to=(OWNER, roles.PRIVACY)),
        Step("due-24h", -24 * _HOUR, to=_DUTY),
        Step("due-4h", -4 * _HOUR, to=_DUTY, priority=PAGE),
        Step("due-1h", -1 * _HOUR, to=_DUTY, priority=PAGE),
        Step("due-15m", -15 * _MINUTE, to=_DUTY, priority=PAGE),
        Step("due", timedelta(), to=_DUTY, priority=PAGE),
        Step(
            "overdue+1h",
            _HOUR,
            repeat_every=_HOUR,
            to=(*_DUTY, LEADERSHIP),
            priority=PAGE,
        ),
    )
)
CUSTOMER_NOTICE = Ladder(
    (
        Step("due-4h", -4 * _HOUR),
        Step("due-1h", -1 * _HOUR, priority=PAGE),
        Step("due", timedelta(), to=(OWNER, roles.COMMANDER), priority=PAGE),
        Step(
            "overdue+1h",
            _HOUR,
            repeat_every=_HOUR,
            to=(OWNER, roles.COMMANDER, LEADERSHIP),
            priority=PAGE,
        ),
    )
)


# The step of an emergency change that keeps to the middle of the time the organisation allows.
HALF_TIME = "half-time"


def emergency(hours: int) -> Ladder:
    """Of an emergency change that is to be decided within so many hours: half-way, due, then daily."""
    leaders = (LEADERSHIP,)
    return Ladder(
        (
            Step(HALF_TIME, -timedelta(hours=hours) / 2, to=leaders),
            Step("due", timedelta(), to=leaders, priority=PAGE),
            Step("overdue+1d", _DAY, repeat_every=_DAY, to=leaders, priority=PAGE),
        )
    )


GAME_DAY = Ladder(
    (Step("due-14d", -14 * _DAY), Step("due-3d", -3 * _DAY), Step("due-1d", -1 * _DAY))
)
# To who serves; one that nobody has is leadership's, weeks before.
SHIFT = Ladder((Step("due-7d", -7 * _DAY), Step("due-1d", -1 * _DAY)))
ROTA_GAP = Ladder(
    (
        Step("due-28d", -28 * _DAY, to=(LEADERSHIP,)),
        Step("due-14d", -14 * _DAY, to=(LEADERSHIP,)),
        Step("due-7d", -7 * _DAY, to=(LEADERSHIP,)),
        Step("due-1d", -1 * _DAY, to=(LEADERSHIP,), priority=PAGE),
    )
)
# Due at the start of the game day: until then whoever plans it must know who comes.
INVITATION = Ladder(
    (
        Step("due-10d", -10 * _DAY),
        Step("due-5d", -5 * _DAY),
        Step("due-2d", -2 * _DAY),
    )
)
# Minnesota Department of Health: the draft by day 30.
AFTER_ACTION = Ladder(
    (
        Step("due-14d", -14 * _DAY),
        Step("due-3d", -3 * _DAY),
        Step("due", timedelta(), to=_WITH_MANAGER),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY, to=_WITH_MANAGER),
    )
)
STATEMENT = Ladder(
    (
        Step("due-30d", -30 * _DAY),
        Step("due-7d", -7 * _DAY),
        Step("due", timedelta()),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY),
    )
)
# Due once nobody has looked at it for as long as the limits say (R27).
MATRIX = Ladder(
    (
        Step("due", timedelta(), to=(LEADERSHIP,)),
        Step("overdue+7d", 7 * _DAY, repeat_every=7 * _DAY, to=(LEADERSHIP,)),
    )
)
QUALIFICATION = Ladder(
    (
        Step("due-30d", -30 * _DAY, to=_WITH_MANAGER),
        Step("due-7d", -7 * _DAY, to=_WITH_MANAGER),
        Step("due", timedelta(), to=_WITH_MANAGER),
    )
)
RUNBOOK = Ladder(
    (
        Step("due", timedelta()),
        Step("overdue+30d", 30 * _DAY, repeat_every=30 * _DAY),
    )
)
# Its beginning is told by the act that asks.
ATTESTATION = Ladder(
    (
        Step("due-7d", -7 * _DAY),
        Step("due", timedelta()),
        Step("overdue+3d", 3 * _DAY, repeat_every=3 * _DAY, to=_WITH_MANAGER),
    )
)
