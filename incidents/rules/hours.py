"""When people work: in their own zone, through the night if they say so, on weekends or not.

Whoever is outside of his hours is asked only when nobody else is free.
"""

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SATURDAY = 5


class Hours(NamedTuple):
    """The hours of one person, by the clock on his wall.

    Without `begins` and `ends`: any hour. With `ends` before `begins` the shift ends on the next
    day, and belongs to the day it began. Equal: around the clock.
    """

    zone: str = "UTC"
    begins: time | None = None
    ends: time | None = None
    weekends: bool = True


def is_within(hours: Hours, at: datetime) -> bool:
    """Whether this instant lies in the hours; half-open, as the wall clock of the zone reads.

    Judged by the wall clock alone, so that neither a skipped nor a repeated hour moves a shift.
    """
    return not outside(hours, at)


def outside(hours: Hours, at: datetime) -> str:
    """Why this instant is not within the hours, such as "03:10 in Asia/Tokyo, …"; "" if it is."""
    if hours.begins is None and hours.ends is None and hours.weekends:
        return ""
    local = at.astimezone(zone(hours.zone))
    where = f"{local:%H:%M} in {hours.zone}"
    day = _day_of_shift(hours, local)
    if day is None:
        return f"{where}, outside {hours.begins:%H:%M} to {hours.ends:%H:%M}"
    if day >= SATURDAY and not hours.weekends:
        return f"{local:%A} {where}, works no weekends"
    return ""


def zone(name: str) -> ZoneInfo:
    """The zone of this name; UTC where the machine knows none of it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _day_of_shift(hours: Hours, local: datetime) -> int | None:
    """The weekday on which the shift began that is on now, Monday 0; None between shifts."""
    begins, ends, now = hours.begins, hours.ends, local.time()
    if begins is None or ends is None or begins == ends:
        return local.weekday()
    if begins < ends:
        return local.weekday() if begins <= now < ends else None
    if now >= begins:
        return local.weekday()
    return (local.weekday() - 1) % 7 if now < ends else None
