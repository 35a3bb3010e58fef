"""The hours of a rotation: bands of the day in their zones, and what an hour weighs for whom."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from incidents.rules.hours import SATURDAY, zone

# Half-open, two instants in UTC.
Span: TypeAlias = tuple[datetime, datetime]

DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# Night is seven hours with those from midnight to five among them (Directive 2003/88/EC, Art. 2).
NIGHT_BEGINS, NIGHT_ENDS = time(23), time(6)


class Band(NamedTuple):
    """A stretch of every day by the clock of `zone`; where it does not end later it is the next day."""

    label: str
    begins: time
    ends: time
    zone: str = "UTC"

    @property
    def length(self) -> timedelta:
        """On a day on which no clock changes; from nine to nine is around the clock."""
        since = timedelta(hours=self.begins.hour, minutes=self.begins.minute)
        until = timedelta(hours=self.ends.hour, minutes=self.ends.minute)
        return until - since if until > since else until - since + DAY

    def on(self, day: date) -> Span:
        """Of the day on which it begins; clocks that change make it longer or shorter."""
        ends = day if self.ends > self.begins else day + DAY
        where = zone(self.zone)
        return (
            datetime.combine(day, self.begins, where).astimezone(UTC),
            datetime.combine(ends, self.ends, where).astimezone(UTC),
        )


class Slot(NamedTuple):
    """One shift to be served: of which band and run, the day it begins there, its instants."""

    band: str
    on: date
    starts_at: datetime
    ends_at: datetime
    run: int = 0

    @property
    def span(self) -> Span:
        """From when until when."""
        return self.starts_at, self.ends_at

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.ends_at - self.starts_at) // _MINUTE


def slots(
    bands: Sequence[Band], starts_on: date, *, run_days: int, first: date, until: date
) -> Iterator[Slot]:
    """The shifts of the days from `first` to before `until`, in order; runs count from `starts_on`.

    A band that the change of the clocks leaves no hour on some day has no shift on it.
    """
    for number in range((first - starts_on).days, (until - starts_on).days):
        day = starts_on + number * DAY
        for band in bands:
            begins, ends = band.on(day)
            if ends > begins:
                yield Slot(band.label, day, begins, ends, number // run_days)


def end_of_run(starts_on: date, run_days: int, day: date) -> date:
    """The first day after the run that this day lies in: runs are published whole."""
    return starts_on + ((day - starts_on).days // run_days + 1) * run_days * DAY


def overlaps(one: Span, other: Span) -> bool:
    """Whether they share an instant."""
    return one[0] < other[1] and other[0] < one[1]


def local_day(at: datetime, where: str) -> date:
    """The calendar day of the instant in this zone."""
    return at.astimezone(zone(where)).date()


def weight(span: Span, where: str, night_percent: int) -> int:
    """Hundredths of minutes: an hour by day weighs its minutes, one at night so many per cent."""
    minutes = (span[1] - span[0]) // _MINUTE
    return minutes * 100 + night_minutes(span, where, weekends=True) * (night_percent - 100)


@lru_cache(maxsize=8192)
def night_minutes(span: Span, where: str, weekends: bool = False) -> int:  # noqa: FBT001, FBT002
    """How much of it is night in this zone, with `weekends` also how much is Saturday or Sunday."""
    odd = timedelta()
    day, last = local_day(span[0], where), local_day(span[1], where)
    while day <= last:
        odd += sum((_shared(span, each) for each in _odd(day, where, weekends)), timedelta())
        day += DAY
    return odd // _MINUTE


def holes(bands: Sequence[Band], day: date) -> list[Span]:
    """What of the 24 hours of this day (UTC) no band covers."""
    begin = datetime.combine(day, time(), UTC)
    found, until = [], begin
    near = (band.on(day + number * DAY) for band in bands for number in (-1, 0, 1))
    for since, to in sorted(near):
        if since > until and until < begin + DAY:
            found.append((until, min(since, begin + DAY)))
        until = max(until, to)
    if until < begin + DAY:
        found.append((until, begin + DAY))
    return found


def doubled(bands: Sequence[Band], day: date) -> list[tuple[str, str]]:
    """Pairs of bands that overlap: allowed, two people are on duty at once then."""
    near = [
        (band.label, band.on(day + number * DAY)) for band in bands for number in (-1, 0, 1)
    ]
    pairs = {
        (one, other)
        for one, span in near
        for other, other_span in near
        if one < other and overlaps(span, other_span)
    }
    return sorted(pairs)


def _odd(day: date, where: str, weekends: bool) -> Iterable[Span]:  # noqa: FBT001
    at = zone(where)
    begins, ends = _at(day, time(), at), _at(day + DAY, time(), at)
    if weekends and day.weekday() >= SATURDAY:
        return ((begins, ends),)
    return ((begins, _at(day, NIGHT_ENDS, at)), (_at(day, NIGHT_BEGINS, at), ends))


def _at(day: date, clock: time, where: object) -> datetime:
    return datetime.combine(day, clock, where).astimezone(UTC)  # type: ignore[arg-type]


def _shared(one: Span, other: Span) -> timedelta:
    return max(timedelta(), min(one[1], other[1]) - max(one[0], other[0]))
