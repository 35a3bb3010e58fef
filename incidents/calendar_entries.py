"""Calendars at the border: an iCalendar file (RFC 5545) in as the times somebody is away."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from icalendar.prop import vBroken

from incidents.rules.reasons import Invalid
from incidents.rules.recurrence import Rule, days, read

MAX_BYTES = 1024 * 1024
MAX_ENTRIES = 1000
# Series go on for ever: so far ahead they are written down.
AHEAD = timedelta(days=366)
_DAY = timedelta(days=1)
_LONGEST_UID, _LONGEST_NAME = 230, 60  # an absence keeps 255: room for which of its series
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class Entry:
    """One time in a calendar, half-open [starts_at, ends_at) in UTC; or one that was called off.

    `uid` tells it apart in its calendar, `series` is what all times of one series share.
    """

    uid: str
    series: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """One entry as it stands in the file."""

    event: Event
    uid: str
    name: str
    starts: date | datetime
    ends: date | datetime
    zone: ZoneInfo
    is_cancelled: bool
    recurs_from: datetime | None

    @property
    def place(self) -> tuple[str, datetime | None]:
        return self.uid, self.recurs_from

    @property
    def span(self) -> tuple[datetime, datetime]:
        return _instant(self.starts, self.zone), _instant(self.ends, self.zone)

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The same on another day, by the wall's clock: a series keeps its hour."""
        later = day - _day(self.starts)
        return _instant(self.starts + later, self.zone), _instant(self.ends + later, self.zone)


def read_leave(content: bytes, *, zone: ZoneInfo, at: datetime) -> tuple[Entry, ...]:
    """Every time in the file, series written out from `at` for a year; all or nothing.

    Whole days, and times without a zone, are those of `zone`. Invalid, naming the entry: for what
    is no calendar, has an unknown zone, ends before it begins or contradicts itself.
    """
    if len(content) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // 1024} KiB: export leave alone."
        raise Invalid.because("calendar_too_large", message, "file")
    said = _once(_said(content, zone))
    changed: dict[str, list[_Said]] = defaultdict(list)
    for each in said:
        if each.recurs_from is not None:
            changed[each.uid].append(each)
    found: list[Entry] = []
    for each in said:
        if each.recurs_from is None:
            found += islice(_entries(each, changed.pop(each.uid, []), at), MAX_ENTRIES + 1)
        _bounded(found)
    # Times of a series whose beginning is not in the file stand for themselves.
    found += [_moved(each) for some in changed.values() for each in some]
    _bounded(found)
    return tuple(sorted(found, key=lambda entry: (entry.starts_at, entry.uid)))


def _bounded(found: Sequence[Entry]) -> None:
    if len(found) > MAX_ENTRIES:
        message = f"There are more than {MAX_ENTRIES} times in it: export leave alone."
        raise Invalid.because("too_many_entries", message, "file")


def _said(content: bytes, zone: ZoneInfo) -> Iterator[_Said]:
    for calendar in _calendars(content):
        is_called_off = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        for event in calendar.walk("VEVENT"):
            yield _read(event, zone, is_called_off=is_called_off)


def _calendars(content: bytes) -> list[Any]:
    try:
        found = Calendar.from_ical(content.decode("utf-8-sig"), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        found = []
    if not found or any(each.name != "VCALENDAR" for each in found):
        message = "This is no calendar: export it as a file that ends in .ics, and choose that."
        raise Invalid.because("not_a_calendar", message, "file")
    return list(found)


def _read(event: Event, zone: ZoneInfo, *, is_called_off: bool) -> _Said:
    name = str(event.get("SUMMARY", "")).strip()[:_LONGEST_NAME] or "without a title"
    uid = str(event.get("UID", "")).strip()
    if not uid:
        _refuse("no_uid", name, "has no UID, so it could not be known again")
    starts = _when(event, "DTSTART", name)
    if starts is None:
        _refuse("no_start", name, "does not say when it begins")
    ends = _end(event, starts, name)
    said = _Said(
        event=event, uid=uid, name=name, starts=starts, ends=ends, zone=zone,
        is_cancelled=is_called_off or str(event.get("STATUS", "")).upper() == "CANCELLED",
        recurs_from=_recurs_from(event, zone, name),
    )  # fmt: skip
    begins_at, ends_at = said.span
    if ends_at <= begins_at:
        _refuse("ends_before_it_begins", name, "does not end after it begins")
    return said


def _end(event: Event, starts: date | datetime, name: str) -> date | datetime:
    ends = _when(event, "DTEND", name)
    if ends is None:
        given = event.get("DURATION")
        lasts = _dt(given) if given else _DAY if _is_day(starts) else timedelta()
        if not isinstance(lasts, timedelta) or abs(lasts) > 10 * AHEAD:
            _refuse("unreadable_time", name, "has a DURATION that cannot be read")
        return starts + lasts
    if _is_day(starts) != _is_day(ends):
        _refuse("unreadable_time", name, "begins with a day and ends with a time, or otherwise")
    # Outlook writes the same day for one day.
    return starts + _DAY if _is_day(starts) and ends == starts else ends


def _recurs_from(event: Event, zone: ZoneInfo, name: str) -> datetime | None:
    original = _when(event, "RECURRENCE-ID", name)
    if original is None:
        return None
    if "RANGE" in event["RECURRENCE-ID"].params:
        _refuse("series_unread", name, "changes all later times of its series: end the series")
    return _instant(original, zone)


def _when(event: Event, field: str, name: str) -> date | datetime | None:
    """The day or time of this field; None where it has none."""
    if field not in event:
        return None
    value = event[field]
    when, zone = _dt(value), getattr(value, "params", {}).get("TZID")
    if not isinstance(when, date):  # broken, a period, or twice
        _refuse("unreadable_time", name, f"has a {field} that cannot be read")
    if isinstance(when, datetime) and when.tzinfo is None and zone:
        _refuse("unknown_zone", name, f"is in the time zone “{zone}”, which is not known here")
    if when.year not in _YEARS:
        _refuse("date_out_of_range", name, f"has a {field} in the year {when.year}")
    return when


def _dt(value: Any) -> Any:
    """What a field says, of whatever kind; None where it cannot be read, or stands there twice."""
    return None if isinstance(value, vBroken) else getattr(value, "dt", None)


def _once(said: Iterable[_Said]) -> list[_Said]:
    """Each entry once: of two the later word; two that say different things at once are refused."""
    found: dict[tuple[str, datetime | None], _Said] = {}
    for each in said:
        before = found.get(each.place)
        if before is None or _sequence(each) > _sequence(before):
            found[each.place] = each
        elif _sequence(each) == _sequence(before) and (each.span, each.is_cancelled) != (
            before.span,
            before.is_cancelled,
        ):
            _refuse("contradictory_entry", each.name, "stands in it twice, at different times")
    return list(found.values())


def _sequence(said: _Said) -> int:
    try:
        return int(said.event.get("SEQUENCE", 0))
    except (TypeError, ValueError):
        return 0


def _entries(said: _Said, changed: Sequence[_Said], at: datetime) -> Iterator[Entry]:
    """An entry, or the times of its series that are not over, with what was changed of them."""
    begins_at, ends_at = said.span
    if said.is_cancelled or not {"RRULE", "RDATE"} & said.event.keys():
        yield Entry(_fit(said.uid), _fit(said.uid), begins_at, ends_at, said.is_cancelled)
        yield from map(_moved, changed)
        return
    moved = {each.recurs_from for each in changed}
    left_out, left_out_days = _left_out(said)
    for day in _days(said, at):
        begins_at, ends_at = said.on(day)
        if begins_at in moved or begins_at in left_out or day in left_out_days:
            continue
        if ends_at > at:
            yield _of_series(said, begins_at, begins_at, ends_at)
    yield from map(_moved, changed)


def _days(said: _Said, at: datetime) -> list[date]:
    """The days on which a series begins, up to a year ahead."""
    first, through = _day(said.starts), (at + AHEAD).date()
    found = set(days(_rule(said), first, through)) if "RRULE" in said.event else {first}
    found |= {_day(each) for each in _listed(said, "RDATE")}
    return sorted(day for day in found if day <= through)


def _left_out(said: _Said) -> tuple[set[datetime], set[date]]:
    listed = list(_listed(said, "EXDATE"))
    instants = {_instant(each, said.zone) for each in listed}
    return instants, {each for each in listed if _is_day(each)}


def _listed(said: _Said, field: str) -> Iterator[date | datetime]:
    lists = said.event.get(field, [])
    for some in lists if isinstance(lists, list) else [lists]:
        is_read = not isinstance(some, vBroken)
        for value in getattr(some, "dts", [some]) if is_read else [some]:
            when = _dt(value)
            if not isinstance(when, date):
                _refuse("unreadable_time", said.name, f"has an {field} that cannot be read")
            yield when


def _rule(said: _Said) -> Rule:
    recurs: Any = said.event["RRULE"]
    if isinstance(recurs, list):
        _refuse("series_unread", said.name, "recurs by several rules: make it several entries")
    try:
        until = _until(said, recurs["UNTIL"][0]) if "UNTIL" in recurs else None
        return read(recurs, until=until)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"recurs by a rule that is not read here ({error}): enter its days one by one"
        _refuse("series_unread", said.name, what)


def _until(said: _Said, until: date | datetime) -> date:
    """The last day on which it may still begin."""
    if not isinstance(until, datetime) or _is_day(said.starts):
        return _day(until)
    starts = _instant(said.starts, said.zone)
    local = starts.astimezone(getattr(said.starts, "tzinfo", None) or said.zone)
    last = _instant(until, said.zone).astimezone(local.tzinfo)
    return last.date() if last.time() >= local.time() else last.date() - _DAY


def _moved(said: _Said) -> Entry:
    """One time of a series that was changed, known by when it was to begin."""
    begins_at, ends_at = said.span
    entry = _of_series(said, said.recurs_from or begins_at, begins_at, ends_at)
    return replace(entry, is_cancelled=said.is_cancelled)


def _of_series(said: _Said, known: datetime, starts_at: datetime, ends_at: datetime) -> Entry:
    series = _fit(said.uid)
    return Entry(f"{series}#{known:%Y%m%dT%H%MZ}", series, starts_at, ends_at)


def _fit(uid: str) -> str:
    return uid if len(uid) <= _LONGEST_UID else f"sha256:{sha256(uid.encode()).hexdigest()}"


def _instant(when: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(when, datetime):
        when = datetime.combine(when, time.min)
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _is_day(when: date | datetime) -> bool:
    return not isinstance(when, datetime)


def _refuse(code: str, name: str, what: str) -> NoReturn:
    raise Invalid.because(code, f"The entry “{name}” {what}. Nothing was taken over.", "file")
