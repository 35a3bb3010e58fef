"""Notices that contracts promise: whom an incident of this level makes us tell, and by when.

Hours are plain hours, counted in UTC, through nights, weekends and holidays: contracts that count
business hours only are outside of what is computed here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DETECTED = "detected"


class Standing(StrEnum):
    """How one notice stands at an instant."""

    OPEN = "open"
    LATE = "late"
    IN_TIME = "given in time"
    GIVEN_LATE = "given late"
    ENDED = "not owed"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a clause says: so many hours from detection or declaration, for these levels or any."""

    hours: int
    starts: str = DETECTED
    levels: Collection[str] = ()


def is_owed(promise: Promise, level: str | None) -> bool:
    """Whether an incident of this level, which touches its services, owes this notice.

    One that has no level yet owes only what is promised of any level.
    """
    return not promise.levels or level in promise.levels


def begins_at(
    promise: Promise, *, detected_at: datetime | None, declared_at: datetime
) -> datetime:
    """From when its hours count; where nobody knows when it was detected, from declaration."""
    if promise.starts == DETECTED and detected_at is not None:
        return detected_at
    return declared_at


def due_at(promise: Promise, began_at: datetime) -> datetime:
    """By when the notice is given: at this very instant it is late."""
    return began_at + timedelta(hours=promise.hours)


def standing(due_at: datetime | None, given_at: datetime | None, at: datetime) -> Standing:
    """How a notice stands at `at`; without a due instant nothing is owed."""
    if due_at is None:
        return Standing.ENDED
    if given_at is None:
        return Standing.OPEN if at < due_at else Standing.LATE
    return Standing.IN_TIME if given_at < due_at else Standing.GIVEN_LATE
