"""Whether an instant lies within somebody's hours, by the clock on their wall."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.hours import Hours, is_within, outside

ZONES = sorted(available_timezones())
instants = st.integers(0, 2_000_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
times = st.times()
zones = st.sampled_from(ZONES)
DAY = Hours("Asia/Tokyo", time(9), time(18))
NIGHT = Hours("Europe/Berlin", time(22), time(6), weekends=False)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_outside_says_what_the_clock_reads_there_and_which_hours_are_kept() -> None:
    night = datetime(2026, 12, 1, 18, 10, tzinfo=UTC)
    assert outside(DAY, night) == "03:10 in Asia/Tokyo, outside 09:00 to 18:00"
    assert outside(DAY, night + timedelta(hours=6)) == ""


@pytest.mark.parametrize(
    ("text", "within"),
    [("08:59:59", False), ("09:00", True), ("17:59:59", True), ("18:00", False)],
)
def test_hours_begin_inclusive_and_end_exclusive(text: str, within: bool) -> None:
    assert is_within(DAY, at(f"2026-12-01T{text}", "Asia/Tokyo")) is within


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("2026-12-04T23:00", True),  # Friday night
        ("2026-12-05T03:00", True),  # still Friday's shift
        ("2026-12-05T12:00", False),  # between shifts
        ("2026-12-05T23:00", False),  # Saturday's
        ("2026-12-07T03:00", False),  # Sunday's, though it is Monday
        ("2026-12-07T22:00", True),  # Monday's
    ],
)
def test_a_shift_through_the_night_belongs_to_the_day_it_began(text: str, within: bool) -> None:
    assert is_within(NIGHT, at(text, "Europe/Berlin")) is within


def test_who_works_no_weekends_is_told_the_day() -> None:
    saturday = at("2026-12-05T12:00")
    assert (
        outside(Hours(weekends=False), saturday) == "Saturday 12:00 in UTC, works no weekends"
    )
    assert is_within(Hours(weekends=False), saturday + timedelta(days=2))


def test_a_shift_stays_where_the_clock_says_when_an_hour_is_skipped_or_repeated() -> None:
    early = Hours("Europe/Berlin", time(2), time(3))
    spring, autumn = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
    quarters = [timedelta(minutes=15 * n) for n in range(4 * 24)]
    assert not any(is_within(early, spring + each) for each in quarters)  # no 02:xx that day
    assert sum(is_within(early, autumn + each) for each in quarters) == 8  # two of them
    assert sum(is_within(early, autumn + timedelta(days=1) + each) for each in quarters) == 4


def test_a_zone_nobody_knows_reads_as_utc() -> None:
    assert is_within(Hours("Mars/Olympus", time(9), time(10)), at("2026-12-01T09:30"))


@given(instants, zones)
def test_without_hours_any_hour_is_within(when: datetime, zone: str) -> None:
    assert is_within(Hours(zone), when)


@given(instants, zones, times, times)
def test_a_shift_and_the_rest_of_the_day_share_every_instant(
    when: datetime, zone: str, begins: time, ends: time
) -> None:
    shift, rest = Hours(zone, begins, ends), Hours(zone, ends, begins)
    if begins == ends:
        assert is_within(shift, when)
    else:
        assert is_within(shift, when) != is_within(rest, when)


@given(instants, zones, times, times, st.booleans())
def test_the_zone_in_which_the_instant_is_written_does_not_matter(
    when: datetime, zone: str, begins: time, ends: time, weekends: bool
) -> None:
    hours = Hours(zone, begins, ends, weekends)
    assert outside(hours, when) == outside(hours, when.astimezone(ZoneInfo("Asia/Tokyo")))


@given(instants, zones, times, times)
def test_who_works_no_weekends_works_no_more_than_who_does(
    when: datetime, zone: str, begins: time, ends: time
) -> None:
    always, weekdays = Hours(zone, begins, ends), Hours(zone, begins, ends, weekends=False)
    assert is_within(always, when) or not is_within(weekdays, when)
