"""Wording checks: what an update should not say, why, and what to say instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from incidents.rules.findings import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody is about to say, to whom, and when it will have been said (UTC)."""

    text: str
    audience: str
    at: datetime
    language: str = "en"
    stage: str = ""
    impact: str = ""
    services: tuple[str, ...] = ()  # as customers call them


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the words. Names are compared without regard to case.

    `internal` are names no customer knows, each with what customers call it ("" for nothing);
    `people` are full names; `forbidden` are phrases that must not be claimed of the scenario;
    `is_cause_verified` says whether a fact about the cause was verified; `earlier` are the
    updates published before to the same audience, the oldest first.
    """

    internal: Mapping[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    is_cause_verified: bool = False
    earlier: tuple[Words, ...] = ()
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing a check found: `quote` is what it is about, at [start, end) of the text.

    An error blocks approval, a warning wants a reason, information is only shown.
    """

    rule: str
    level: Level
    quote: str
    start: int
    end: int
    message: str


def check(words: Words, known: Known = Known()) -> tuple[Remark, ...]:
    """Every remark, in the order of the text; each says why, and what to say instead."""
    return ()
