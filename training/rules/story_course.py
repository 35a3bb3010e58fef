"""How the clock of an exercise's story ran: every instant of the exercise in the story's time.

Replayed from what was done to it. Pure: the acts are given as plain values, in their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from math import ceil

from training.rules.story_clock import StoryClock

VERBS = frozenset({
    "pause_gameday", "resume_gameday", "jump_gameday", "set_pace_gameday", "release_inject",
    "pass_gate", "stop_story", "stop_gameday",
})  # fmt: skip


class Counted(StrEnum):
    """Which minutes figures are counted in; the value follows “minutes” where they differ."""

    PLAIN = ""  # the story ran as the wall's clock does, without a break: they are the same
    STORY = "of story time"
    REAL = "of real time"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to the clock; of an inject what it is, and the story's time it came at."""

    at: datetime
    verb: str
    seconds: int = 0
    planned: int = 0
    pace: str = ""
    factor: int = 1
    inject: int = 0
    is_gate: bool = False
    is_scheduled: bool = True


@dataclass(frozen=True, slots=True)
class StoryCourse:
    """From each of these instants on the clock went so; the first is the beginning."""

    turns: tuple[tuple[datetime, StoryClock], ...]
    is_by_hand: bool = False
    skipped: float = 0.0  # seconds of the story that were jumped over
    ended_at: datetime | None = None

    def seconds(self, at: datetime) -> float:
        """The story's time at this instant; 0 before it began."""
        clock = StoryClock()
        for since, turned in self.turns:
            if since > at:
                break
            clock = turned
        return clock.now(at)

    def minutes(self, start: datetime | None, end: datetime | None) -> int | None:
        """Minutes begun, of the kind `counted`, between; None where one of them never came.

        Rounded up, so that what took a second longer than its target is not within it.
        """
        if start is None or end is None:
            return None
        if self.counted is Counted.STORY:
            return _begun(self.seconds(end) - self.seconds(start))
        return _begun((end - start).total_seconds())

    @property
    def counted(self) -> Counted:
        """By hand the story has no time of its own; else it is the story's, if they differ."""
        if self.is_by_hand:
            return Counted.REAL
        is_plain = not self.skipped and not self.stood and self.fastest == 1
        return Counted.PLAIN if is_plain else Counted.STORY

    @property
    def fastest(self) -> int:
        """How many times as fast as the wall's clock it ran at most."""
        running = [clock.factor for _, clock in self.turns if clock.is_running]
        return max(running, default=1)

    @property
    def has_changed(self) -> bool:
        """Whether it ran at several paces."""
        return len({clock.factor for _, clock in self.turns if clock.is_running}) > 1

    @property
    def stood(self) -> float:
        """Seconds of the wall's clock the story stood still in before the exercise was over."""
        ends = [*(at for at, _ in self.turns[1:]), self.ended_at or self.turns[-1][0]]
        return sum(
            max((until - since).total_seconds(), 0)
            for (since, clock), until in zip(self.turns, ends, strict=True)
            if not clock.is_running
        )


@dataclass
class _Replay:
    """The clock while the acts are gone through."""

    pace: str
    turns: list[tuple[datetime, StoryClock]]
    waiting: set[int] = field(default_factory=set)
    by_hand: bool = False
    skipped: float = 0.0

    @property
    def clock(self) -> StoryClock:
        return self.turns[-1][1]

    def turn(self, at: datetime, clock: StoryClock) -> None:
        self.turns.append((at, clock))

    def act(self, act: Act) -> None:
        clock, at = self.clock, act.at
        if act.verb == "pause_gameday":
            self.turn(at, clock.stopped(at))
        elif act.verb == "resume_gameday":
            self.turn(at, clock.started(at))
        elif act.verb == "jump_gameday":
            self.skipped += act.seconds - clock.now(at)
            self.turn(at, clock.moved(act.seconds, at))
        elif act.verb == "set_pace_gameday":
            self._set_pace(act)
        elif act.verb == "release_inject":
            self._release(act)
        elif act.verb == "pass_gate":
            self.waiting.discard(act.inject)
            if self.pace != "by_hand" and not self.waiting:
                self.turn(at, clock.started(at))
        else:
            self.turn(at, clock.stopped(at))

    def _set_pace(self, act: Act) -> None:
        was, ran = self.pace, self.clock.is_running
        self.pace = act.pace
        self.by_hand = self.by_hand or act.pace == "by_hand"
        factor = act.factor if act.pace == "compressed" else 1
        clock = replace(self.clock.stopped(act.at), factor=factor)
        runs = ran or (was == "by_hand" and not self.waiting)
        goes = runs and act.pace != "by_hand"
        self.turn(act.at, clock.started(act.at) if goes else clock)

    def _release(self, act: Act) -> None:
        clock, at = self.clock, act.at
        if act.is_gate:
            self.waiting.add(act.inject)
        if self.pace == "by_hand" and act.is_scheduled:
            self.turn(at, clock.moved(max(clock.seconds, act.planned), at))
        elif act.is_gate:
            # It stood from when the gate was due, however late the tick that saw it came.
            due = clock.due_at(act.seconds)
            since = max(due, self.turns[-1][0]) if due and due < at else at
            self.skipped = max(self.skipped - max(clock.seconds - act.seconds, 0), 0)
            self.turn(since, clock.stopped(at).moved(act.seconds, at))


def _begun(seconds: float) -> int:
    return max(ceil(round(seconds, 3) / 60), 0)


def replayed(
    began: datetime, pace: str, factor: int, acts: Iterable[Act], *, ended_at: datetime | None
) -> StoryCourse:
    """The course from the pace it began with and the acts, in their order, until it was over."""
    clock = StoryClock(factor=factor if pace == "compressed" else 1)
    if pace != "by_hand":
        clock = clock.started(began)
    replay = _Replay(pace, [(began, clock)], by_hand=pace == "by_hand")
    for act in acts:
        if ended_at is None or act.at < ended_at:
            replay.act(act)
    if ended_at is not None:
        replay.turn(ended_at, replay.clock.stopped(ended_at))
    return StoryCourse(tuple(replay.turns), replay.by_hand, replay.skipped, ended_at)
