"""On which days a calendar entry recurs (RFC 5545, 3.3.10): by day, week, month and year.

Finer than a day, the week of a year, and positions in a set are not read: leave has none.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DAILY, WEEKLY, MONTHLY, YEARLY = FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAY = timedelta(days=1)
_WEEK = 7
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_READ = frozenset(
    {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"}
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How it recurs. `days` are (which, weekday): (0, 0) every Monday, (-1, 4) the last Friday.

    `until` is the last day; weeks begin on `week_start` (0 is Monday).
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | None = None
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    week_start: int = 0


def read(parts: Mapping[str, Sequence[object]], *, until: date | None = None) -> Rule:
    """The rule of these parts by their names in the standard, each a list of values.

    `until` is the last day, worked out by the caller. ValueError for what is not read here.
    """
    if unread := sorted(set(parts) - _READ):
        raise ValueError(unread[0])
    frequency = str(parts["FREQ"][0]).upper()
    interval = _number(parts.get("INTERVAL", [1])[0])
    if frequency not in FREQUENCIES or interval < 1:
        raise ValueError(f"{frequency}, every {interval}")
    return Rule(
        frequency=frequency,
        interval=interval,
        count=_number(parts["COUNT"][0]) if "COUNT" in parts else None,
        until=until,
        days=tuple(_weekday(str(each)) for each in parts.get("BYDAY", [])),
        month_days=tuple(map(_number, parts.get("BYMONTHDAY", []))),
        months=tuple(map(_number, parts.get("BYMONTH", []))),
        week_start=_WEEKDAYS.index(str(parts.get("WKST", ["MO"])[0]).upper()),
    )


def _number(value: object) -> int:
    return int(str(value))


def _weekday(text: str) -> tuple[int, int]:
    which, name = text[:-2], text[-2:].upper()
    return int(which) if which else 0, _WEEKDAYS.index(name)


def days(rule: Rule, start: date, through: date) -> Iterator[date]:
    """The days on which it begins, in order, from its first to the last not after `through`.

    The first always is one. Looks at every day in between once, whatever the rule says.
    """
    last = through if rule.until is None else min(through, rule.until)
    left, day = rule.count, start
    while day <= last and (left is None or left > 0):
        if day == start or _is_on(rule, start, day):
            yield day
            left = None if left is None else left - 1
        day += _DAY


def _is_on(rule: Rule, start: date, day: date) -> bool:
    return (
        _is_turn(rule, start, day)
        and (not rule.months or day.month in rule.months)
        and _is_month_day(rule, start, day)
        and _is_weekday(rule, start, day)
    )


def _is_turn(rule: Rule, start: date, day: date) -> bool:
    """Whether the day, week, month or year is one of every so many."""
    if rule.frequency == DAILY:
        gone = (day - start).days
    elif rule.frequency == WEEKLY:
        gone = (_week(day, rule.week_start) - _week(start, rule.week_start)).days // _WEEK
    elif rule.frequency == MONTHLY:
        gone = (day.year - start.year) * 12 + day.month - start.month
    else:
        gone = day.year - start.year
    return gone % rule.interval == 0


def _week(day: date, week_start: int) -> date:
    return day - (day.weekday() - week_start) % _WEEK * _DAY


def _is_month_day(rule: Rule, start: date, day: date) -> bool:
    if rule.month_days:
        length = monthrange(day.year, day.month)[1]
        return day.day in rule.month_days or day.day - length - 1 in rule.month_days
    if rule.days or rule.frequency in (DAILY, WEEKLY):
        return True
    same_month = rule.frequency == MONTHLY or rule.months or day.month == start.month
    return bool(same_month) and day.day == start.day


def _is_weekday(rule: Rule, start: date, day: date) -> bool:
    if rule.days:
        return any(_is_the(which, weekday, rule, day) for which, weekday in rule.days)
    return rule.frequency != WEEKLY or day.weekday() == start.weekday()


def _is_the(which: int, weekday: int, rule: Rule, day: date) -> bool:
    """The so-manieth such weekday of its month or, where a rule names no month, of its year."""
    if day.weekday() != weekday:
        return False
    if which == 0 or rule.frequency in (DAILY, WEEKLY):
        return True
    if rule.frequency == YEARLY and not rule.months:
        number, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    else:
        number, length = day.day, monthrange(day.year, day.month)[1]
    return which in ((number - 1) // _WEEK + 1, -((length - number) // _WEEK + 1))
