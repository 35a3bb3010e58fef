"""What the health page says, row by row, made of the figures alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.timesince import timesince

from incidents.models import Channel, OutboxMessage, Outlet
from incidents.operations import watchdog, ways
from incidents.operations.watchdog import Finding
from raci_project import alive, deadman
from raci_project.figures import Figures, Waiting
from raci_project.tasks import SCHEDULER

# What each heartbeat proves; these are missed where they never came.
_PROVES = {
    SCHEDULER: "scheduler, broker and worker work together",
    alive.SWEPT["incidents.sweep"]: "calls, reminders and digests are composed in time",
    alive.SWEPT["reviews.sweep"]: "reviews and action items are reminded of",
    alive.SWEPT["training.sweep"]: "game days and qualifications are looked after",
    watchdog.NAME: "asked whether everybody was called who should have been",
    deadman.NAME: "an outside monitor is told while all is well",
}
_ELSEWHERE = (alive.WORKER, alive.BEAT, deadman.ASKED)
_PRIORITIES = dict(OutboxMessage.Priority.choices)
_CHANNELS = {value: label[:1].upper() + label[1:] for value, label in Channel.choices}


@dataclass(frozen=True)
class Beat:
    """One part that must stay alive, when it last said so, and whether that is too long ago."""

    name: str
    proves: str
    at: datetime | None
    age: str
    is_stale: bool


@dataclass(frozen=True)
class Process:
    """One process of Celery, where it runs, and whether it still says so."""

    kind: str
    name: str
    at: datetime
    age: str
    is_alive: bool


@dataclass(frozen=True)
class Processes:
    """Those heard of within a day, the living first; of which kind none lives."""

    rows: Sequence[Process]
    missing: Sequence[str]


@dataclass(frozen=True)
class Late:
    """A finding as this reader may see it: of a private incident no more than that there is one."""

    finding: Finding
    is_visible: bool


@dataclass(frozen=True)
class Messages:
    """What waits of one channel and priority: due, for later, and what is dead."""

    channel: str
    priority: str
    is_page: bool
    due: int
    oldest: datetime | None
    later: int
    dead: int


@dataclass(frozen=True)
class Way:
    """What carries one channel, and how it fares."""

    name: str
    outlet: Outlet
    is_paused: bool


def ago(at: datetime, then: datetime) -> str:
    """How long before `at` that was: in seconds, from two minutes on in words."""
    seconds = max((at - then).total_seconds(), 0)
    return f"{seconds:.0f} s" if seconds < 120 else timesince(then, at)


def beats(found: Figures) -> Iterator[Beat]:
    """Every part that should be heard of, and whatever else said something."""
    longest = deadman.swept_within()
    expected = {name: what for name, what in _PROVES.items() if _is_expected(name)}
    others = [name for name in found.beats if not name.startswith(_ELSEWHERE)]
    for name in dict.fromkeys([*expected, *sorted(others)]):
        last = found.beats.get(name)
        is_stale = name in expected and (last is None or found.at - last >= longest)
        age = ago(found.at, last) if last else ""
        yield Beat(name, _PROVES.get(name, ""), last, age, is_stale)


def _is_expected(name: str) -> bool:
    return name != deadman.NAME or bool(settings.DEADMAN_URL)


def processes(found: Figures) -> Processes:
    """Workers before schedulers, the living before the silent."""
    rows = [
        Process(
            kind,
            _place(name.removeprefix(prefix)),
            at,
            ago(found.at, at),
            found.is_fresh(at),
        )
        for kind, prefix in (("worker", alive.WORKER), ("scheduler", alive.BEAT))
        for name, at in sorted(found.beats.items())
        if name.startswith(prefix)
    ]
    living = {row.kind for row in rows if row.is_alive}
    missing = [kind for kind in ("worker", "scheduler") if kind not in living]
    return Processes(sorted(rows, key=lambda row: not row.is_alive), missing)


def _place(name: str) -> str:
    """“celery@here:17” as people say it."""
    place, _, number = name.rpartition(":")
    return f"{place}, process {number}"


def messages(found: Figures) -> list[Messages]:
    """Pages first; one row for each channel and priority of which something waits or is dead."""
    rows: defaultdict[tuple[int, str], list[Waiting]] = defaultdict(list)
    for one in found.messages:
        rows[one.priority, one.channel].append(one)
    return [_messages(*key, rows[key]) for key in sorted(rows)]


def _messages(priority: int, channel: str, of: Sequence[Waiting]) -> Messages:
    dead = sum(one.count for one in of if one.status == OutboxMessage.Status.DEAD)
    due = sum(one.due for one in of)
    return Messages(
        _CHANNELS.get(channel, channel),
        str(_PRIORITIES.get(priority, priority)),
        priority == OutboxMessage.Priority.PAGE,
        due,
        min((one.oldest for one in of if one.oldest), default=None),
        sum(one.count for one in of) - due - dead,
        dead,
    )


def outlets(found: Figures) -> Iterator[Way]:
    """The channels that are set up here."""
    known = {one.channel: one for one in found.outlets}
    for channel in settings.CHANNELS:
        one = known.get(channel) or Outlet(channel=channel)
        is_paused = one.paused_until is not None and one.paused_until > found.at
        yield Way(_CHANNELS.get(channel, channel), one, is_paused)


def not_set_up() -> list[str]:
    """The channels that are not, by name: what would go by them goes by e-mail."""
    return [_CHANNELS[one] for one in ways.CHANNELS if one not in settings.CHANNELS]
