"""When a legal period ends: the profiles of a law pack, to the second.

`due_at` is the conservative instant and never moves for a weekend or a holiday; `permitted_until`
is the later one the text allows, None where it is no other. Starts are in UTC and cut to the
second, which is earlier; results are in the zone of the reckoning.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from incidents.rules.law_pack import Deadline, Unit

Calendars: TypeAlias = Callable[[str, date], bool]

END_OF_DAY = time(23, 59, 59)
NOON = time(12)
# Form 8-K: what is submitted after half past five takes the next business day as its date.
SEC_CLOSES = time(17, 30)
SEC_ZONE = ZoneInfo("America/New_York")
SATURDAY = 5
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# No real calendar closes a year; one that never opens must not hold us for ever.
_LONGEST_CLOSURE = 366


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How one stage counts: its profile, its zone, and which days are free where it counts.

    `rolls`: the last day moves to a working day (Japan); `relieved`: the weekend relief of DORA
    is open to this stage and this entity.
    """

    profile: str
    zone: ZoneInfo
    is_holiday: Callable[[date], bool]
    rolls: bool = False
    relieved: bool = True

    def is_free(self, day: date) -> bool:
        """Whether nobody works on this day."""
        return day.weekday() >= SATURDAY or self.is_holiday(day)


def due_at(deadline: Deadline, start: datetime, by: Reckoning) -> datetime:
    """The last instant, counted conservatively."""
    begun = start.astimezone(UTC).replace(microsecond=0)
    if deadline.unit is Unit.HOURS:
        return (begun + deadline.value * _HOUR).astimezone(by.zone)
    if by.profile == "us_sec_8k" and deadline.unit is Unit.BUSINESS_DAYS:
        # A day that is no business day is not counted, nor is the day of the event: both begin
        # to count on the next one.
        last = _after_working_days(begun.astimezone(SEC_ZONE).date(), deadline.value, by)
        return _local(last, SEC_CLOSES, SEC_ZONE).astimezone(by.zone)
    return _local(
        _last_day(deadline, begun.astimezone(by.zone).date(), by), END_OF_DAY, by.zone
    )


def permitted_until(
    deadline: Deadline, start: datetime, due: datetime, by: Reckoning
) -> datetime | None:
    """The later instant that the legal text allows; None where there is none."""
    if by.profile == "eu_1182_71":
        if deadline.unit is Unit.HOURS:
            return _from_next_hour(deadline, start, by)
        rolls = deadline.unit in (Unit.CALENDAR_DAYS, Unit.MONTHS)
        return _rolled(due, END_OF_DAY, by) if rolls else None
    if by.profile == "eu_dora_301":
        return _rolled(due, NOON, by) if by.relieved else None
    if by.profile == "jp_appi_inclusive" and by.rolls:
        return _rolled(due, END_OF_DAY, by) if deadline.unit is Unit.CALENDAR_DAYS else None
    return None


def year_end(discovery: datetime, zone: ZoneInfo) -> datetime:
    """The last second of the year of discovery, as the zone reckons years; in UTC."""
    year = discovery.astimezone(zone).year
    return _local(date(year, 12, 31), END_OF_DAY, zone).astimezone(UTC)


def _last_day(deadline: Deadline, first: date, by: Reckoning) -> date:
    match deadline.unit:
        case Unit.BUSINESS_DAYS:
            return _after_working_days(first, deadline.value, by)
        case Unit.MONTHS:
            return _after_months(first, deadline.value)
    # Japan counts the day of awareness as the first.
    inclusive = by.profile == "jp_appi_inclusive"
    return first + timedelta(days=deadline.value - inclusive)


def _after_working_days(first: date, number: int, by: Reckoning) -> date:
    day = first
    for _ in range(number):
        day = _next_working_day(day, by)
    return day


def _next_working_day(day: date, by: Reckoning) -> date:
    following = day + _DAY
    for _ in range(_LONGEST_CLOSURE):
        if not by.is_free(following):
            break
        following += _DAY
    return following


def _after_months(first: date, number: int) -> date:
    """The same day of a later month; the last day of it where it is too short."""
    months = first.year * 12 + first.month - 1 + number
    year, month = divmod(months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def _from_next_hour(deadline: Deadline, start: datetime, by: Reckoning) -> datetime:
    """Art. 3(1): the hour of the event is not counted, however little of it is left."""
    begun = start.astimezone(UTC).replace(microsecond=0)
    local = begun.astimezone(by.zone)
    next_hour = begun - timedelta(minutes=local.minute, seconds=local.second) + _HOUR
    return (next_hour + deadline.value * _HOUR).astimezone(by.zone)


def _rolled(due: datetime, until: time, by: Reckoning) -> datetime | None:
    """The same period where its last day is free: until this hour of the next working day."""
    last = due.astimezone(by.zone).date()
    return _local(_next_working_day(last, by), until, by.zone) if by.is_free(last) else None


def _local(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """This wall clock in this zone; through UTC, so that a skipped hour reads as it will be."""
    return datetime.combine(day, hour, zone).astimezone(UTC).astimezone(zone)
