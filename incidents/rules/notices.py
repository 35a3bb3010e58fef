"""Notices that contracts promise: whom an incident of this level makes us tell, and by when.

Hours are plain hours, counted in UTC, through nights, weekends and holidays: contracts that count
business hours only are outside of what is computed here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DETECTED = "detected"
AWARENESS = "awareness"  # of a breach of personal data


class Standing(StrEnum):
    """How one notice stands at an instant."""

    OPEN = "open"
    LATE = "late"
    IN_TIME = "given in time"
    GIVEN_LATE = "given late"
    ENDED = "not owed"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a clause says: so many hours from an event, for these levels or any.

    One that is about personal data names no level: it holds once that data may be exposed.
    """

    hours: int
    starts: str = DETECTED
    levels: Collection[str] = ()
    is_of_personal_data: bool = False


def is_owed(promise: Promise, level: str | None, *, is_exposed: bool = False) -> bool:
    """Whether an incident of this level, which touches its services, owes this notice.

    One that has no level yet owes only what is promised of any level. `is_exposed`: personal data
    may be.
    """
    if promise.is_of_personal_data:
        return is_exposed
    return not promise.levels or level in promise.levels


def begins_at(
    promise: Promise,
    *,
    detected_at: datetime | None,
    declared_at: datetime,
    aware_at: datetime | None = None,
) -> datetime:
    """From when its hours count: what nobody said yet is taken to be as early as it can be.

    Awareness stands at detection until somebody says when it was; detection at declaration.
    """
    if promise.starts == AWARENESS and aware_at is not None:
        return aware_at
    if promise.starts in (DETECTED, AWARENESS) and detected_at is not None:
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
