"""The words for one incident of the demo: what happened, minute by minute, and what was learnt."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Said:
    """One update: who it speaks to, how many minutes after detection it is published, its text.

    `facts` are what it rests on, `known` how they were verified; `corrects` is the minute of the one
    it corrects. One that `waits` was drafted then and nobody has approved it yet.
    """

    audience: str
    minute: int
    text: str
    facts: tuple[str, ...] = ()
    known: str = ""
    note: str = ""  # why it was approved in spite of what stands against it
    corrects: int | None = None
    waits: bool = False


@dataclass(frozen=True)
class Item:
    """One action item; `due` and `done` are days from today, negative in the past."""

    title: str
    kind: str
    owner: str
    due: int
    done: int | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Learnt:
    """The review: published so many days after closing, or still a draft."""

    summary: str
    impact: str
    cause: str
    factors: tuple[tuple[str, str], ...]
    items: tuple[Item, ...] = ()
    went_well: str = ""
    repeat_of: str = ""
    published_after: int | None = 3


@dataclass(frozen=True)
class Found:
    """What somebody came to know: facts, the minutes legal clocks began, what nobody knows."""

    minute: int
    facts: dict[str, Any] = field(default_factory=dict)
    clocks: dict[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Filed:
    """One filing: of which "regime/stage", to whom, their reference; it was sent a little before."""

    minute: int
    duty: str
    recipient: str
    reference: str
    note: str = ""


@dataclass(frozen=True)
class Script:
    """One incident. Minutes count from detection; what has no minute has not happened yet."""

    key: str
    title: str
    ago: int  # minutes from detection to today
    services: tuple[str, ...]
    facts: dict[str, Any]
    scenario: str
    declared_by: str
    impact: int = -5
    declared: int = 3
    acknowledged: int | None = 6
    mitigation: int | None = None
    contained: int | None = None
    mitigated: int | None = None
    resolved: int | None = None
    closed: int | None = None
    said: tuple[Said, ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    decided: tuple[int, str, str] | None = None
    done: tuple[tuple[int, str], ...] = ()  # activities ticked off, by name
    explained: tuple[tuple[int, str, str], ...] = ()  # of an activity, why it went otherwise
    found: tuple[Found, ...] = ()
    counsel: tuple[int, str] | None = None  # when counsel was engaged, and how
    filed: tuple[Filed, ...] = ()
    not_notified: tuple[tuple[int, str, str], ...] = ()  # under which regime, and why
    privileged: tuple[tuple[int, str], ...] = ()
    away: tuple[str, ...] = field(default=())  # on leave that day
    learnt: Learnt | None = None


DAY = 24 * 60
HOUR = 60
