"""How often an incident is reported on, and when the next update is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Cadence:
    """When updates are due, in minutes; None means none is owed.

    The first within `first_minutes` of the start, then `every_minutes`; from `until_minutes`
    after the start on (None: never) `then_every_minutes` instead.
    """

    first_minutes: int | None = None
    every_minutes: int | None = None
    until_minutes: int | None = None
    then_every_minutes: int | None = None


def next_due_at(
    cadence: Cadence,
    started_at: datetime,
    last_published_at: datetime | None = None,
    promised_at: datetime | None = None,
) -> datetime | None:
    """When the next update is due: by the cadence, or by an earlier promise of a next update.

    None if neither asks for one. The clock stops at resolution, which is the caller's to know.
    """
    due = [_by_cadence(cadence, started_at, last_published_at)]
    # A promise made before the last update was kept, or broken, by that update.
    if promised_at and (last_published_at is None or promised_at > last_published_at):
        due.append(promised_at)
    return min((each for each in due if each), default=None)


def _by_cadence(
    cadence: Cadence, started_at: datetime, last_published_at: datetime | None
) -> datetime | None:
    if last_published_at is None:
        first = cadence.first_minutes
        minutes = cadence.every_minutes if first is None else first
        return _after(started_at, minutes)
    return _after(last_published_at, _interval(cadence, last_published_at - started_at))


def _interval(cadence: Cadence, elapsed: timedelta) -> int | None:
    until = cadence.until_minutes
    if until is not None and elapsed >= timedelta(minutes=until):
        return cadence.then_every_minutes
    return cadence.every_minutes


def _after(instant: datetime, minutes: int | None) -> datetime | None:
    return None if minutes is None else instant + timedelta(minutes=minutes)
