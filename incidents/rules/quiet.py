"""When a notice may wait: quiet hours by the clock on the wall, and days on which nobody works.

Pages never ask. Everything here is judged by the wall clock of the person's zone, so a night that
is an hour longer or shorter needs no rule of its own.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from incidents.rules.hours import SATURDAY, zone

# Whatever somebody entered, and however the holidays fall: nothing waits longer than this.
LONGEST_WAIT = timedelta(days=14)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)

IsHoliday = Callable[[date], bool]


class Quiet(NamedTuple):
    """The quiet hours of one person, half-open, and whether weekends are days of work.

    With `ends` before `begins` they go through midnight. None, or both equal: no hour is quiet.
    """

    zone: str = "UTC"
    begins: time | None = None
    ends: time | None = None
    weekends: bool = True


def is_quiet(quiet: Quiet, at: datetime, is_holiday: IsHoliday) -> bool:
    """Whether a notice waits at this instant: a day off, or an hour that is quiet."""
    local = at.astimezone(zone(quiet.zone))
    return _is_off(quiet, local.date(), is_holiday) or _is_quiet_hour(quiet, local.time())


def opens_at(quiet: Quiet, at: datetime, is_holiday: IsHoliday) -> datetime:
    """The first instant, not before `at`, at which nothing is quiet; `at` itself if it is not.

    At the latest `LONGEST_WAIT` later: a message is late, never lost.
    """
    if not is_quiet(quiet, at, is_holiday):
        return at
    for instant in _turns(quiet, at):
        if not is_quiet(quiet, instant, is_holiday):
            return instant
    return at + LONGEST_WAIT


def digest_at(quiet: Quiet, at: datetime, when: time, is_holiday: IsHoliday) -> datetime:
    """The next instant strictly after `at` at which the wall clock shows `when` on a day of work.

    Where that hour is quiet, the end of it. A time the clock skips or shows twice counts once.
    """
    place = zone(quiet.zone)
    day = at.astimezone(place).date()
    last = at + LONGEST_WAIT
    for ahead in range(LONGEST_WAIT.days + 1):
        instant = _first(place, day + ahead * _DAY, when)
        if not at < instant < last:
            continue
        if not _is_off(quiet, instant.astimezone(place).date(), is_holiday):
            return opens_at(quiet, instant, is_holiday)
    return last


def _is_off(quiet: Quiet, day: date, is_holiday: IsHoliday) -> bool:
    return (day.weekday() >= SATURDAY and not quiet.weekends) or is_holiday(day)


def _is_quiet_hour(quiet: Quiet, now: time) -> bool:
    begins, ends = quiet.begins, quiet.ends
    if begins is None or ends is None or begins == ends:
        return False
    if begins < ends:
        return begins <= now < ends
    return now >= begins or now < ends


def _turns(quiet: Quiet, at: datetime) -> Iterator[datetime]:
    """Every instant after `at` at which quiet may end, in order, as long as anything may wait."""
    place = zone(quiet.zone)
    today = at.astimezone(place).date()
    walls = {time.min, quiet.ends or time.min}
    for ahead in range(LONGEST_WAIT.days + 1):
        day = today + ahead * _DAY
        found = {instant for wall in walls for instant in _both(place, day, wall)}
        found |= set(_jump(place, day))
        yield from (each for each in sorted(found) if at < each <= at + LONGEST_WAIT)


def _both(place: ZoneInfo, day: date, wall: time) -> tuple[datetime, datetime]:
    """A wall time comes twice where the clock goes back; else both are the same instant."""
    local = datetime.combine(day, wall, tzinfo=place)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _first(place: ZoneInfo, day: date, wall: time) -> datetime:
    """The first instant of this day at which the clock shows `wall`, or has just skipped it."""
    first, second = _both(place, day, wall)
    if second < first:  # only of a time that is skipped: between the two lies the jump
        return _jump_between(place, second, first)
    return first


def _jump(place: ZoneInfo, day: date) -> tuple[datetime, ...]:
    """The instant of this day at which the clock is put forward or back, if there is one."""
    begins = datetime.combine(day, time.min, tzinfo=place).astimezone(UTC)
    ends = begins + _DAY + timedelta(hours=2)
    if begins.astimezone(place).utcoffset() == ends.astimezone(place).utcoffset():
        return ()
    return (_jump_between(place, begins, ends),)


def _jump_between(place: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Halve until a second is left: zones keep no list of their jumps that could be asked."""
    before = low.astimezone(place).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        if middle.astimezone(place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
