"""Periods end where the law says, to the second, through weekends, holidays and clock changes."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.calendars import is_holiday
from incidents.rules.law_pack import Deadline, Unit
from incidents.rules.law_pack_check import COMPUTATIONS
from incidents.rules.legal_deadlines import Reckoning, due_at, permitted_until, year_end
from tests.incidents import legal_strategies

CALENDARS = ("", "US-FEDERAL", "BR", "AU-NSW", "JP-GOV", "DE", "IE", "FR")


def reckoning(profile: str, zone: str, calendar: str = "", **how: Any) -> Reckoning:
    """How a stage counts, on real calendars."""
    free = partial(is_holiday, calendar) if calendar else lambda _: False
    return Reckoning(profile, ZoneInfo(zone), free, **how)


def deadline(value: int, unit: str) -> Deadline:
    """A period of this length."""
    return Deadline(value, Unit(unit), "awareness")


def counted(start: str, period: Deadline, by: Reckoning) -> tuple[str, str | None]:
    """Due and permitted, as texts."""
    begun = datetime.fromisoformat(start)
    due = due_at(period, begun, by)
    later = permitted_until(period, begun, due, by)
    return due.isoformat(), later and later.isoformat()


@pytest.mark.parametrize(
    ("start", "value", "unit", "due"),
    [
        ("2026-03-27T16:45:00+01:00", 72, "hours", "2026-03-30T17:45:00+02:00"),
        ("2026-10-24T12:00:00+02:00", 24, "hours", "2026-10-25T11:00:00+01:00"),
        ("2026-12-24T17:40:00+01:00", 3, "calendar_days", "2026-12-27T23:59:59+01:00"),
        # A start late in the evening of UTC is the next day in Berlin.
        ("2026-12-24T23:30:00+00:00", 3, "calendar_days", "2026-12-28T23:59:59+01:00"),
        ("2026-01-31T12:00:00+01:00", 1, "months", "2026-02-28T23:59:59+01:00"),
        ("2028-01-31T12:00:00+01:00", 1, "months", "2028-02-29T23:59:59+01:00"),
        ("2026-11-30T12:00:00+01:00", 3, "months", "2027-02-28T23:59:59+01:00"),
        ("2026-12-31T12:00:00+01:00", 12, "months", "2027-12-31T23:59:59+01:00"),
        ("2026-12-23T12:00:00+01:00", 3, "business_days", "2026-12-29T23:59:59+01:00"),
    ],
)
def test_the_plain_profile_counts_hours_days_months_and_working_days(
    start: str, value: int, unit: str, due: str
) -> None:
    by = reckoning("standard", "Europe/Berlin", "DE")
    assert counted(start, deadline(value, unit), by) == (due, None)


@pytest.mark.parametrize(
    ("start", "permitted"),
    [
        ("2026-02-10T09:20:00+01:00", "2026-02-13T10:00:00+01:00"),
        ("2026-02-10T09:00:00+01:00", "2026-02-13T10:00:00+01:00"),
        ("2026-02-10T09:59:59+01:00", "2026-02-13T10:00:00+01:00"),
        ("2026-03-27T16:45:00+01:00", "2026-03-30T18:00:00+02:00"),
    ],
)
def test_european_hours_begin_to_count_with_the_next_full_hour(
    start: str, permitted: str
) -> None:
    by = reckoning("eu_1182_71", "Europe/Berlin", "DE")
    assert counted(start, deadline(72, "hours"), by)[1] == permitted


@pytest.mark.parametrize(
    ("start", "value", "unit", "expected"),
    [
        # Good Friday, a weekend and Easter Monday lie in the way.
        (
            "2026-03-20T12:00:00+01:00", 14, "calendar_days",
            ("2026-04-03T23:59:59+02:00", "2026-04-07T23:59:59+02:00"),
        ),
        (
            "2026-09-03T12:00:00+02:00", 1, "months",
            ("2026-10-03T23:59:59+02:00", "2026-10-05T23:59:59+02:00"),
        ),
        ("2026-10-02T10:00:00+02:00", 14, "calendar_days", ("2026-10-16T23:59:59+02:00", None)),
        ("2026-10-02T10:00:00+02:00", 3, "business_days", ("2026-10-07T23:59:59+02:00", None)),
    ],
)  # fmt: skip
def test_european_days_and_months_may_roll_to_the_next_working_day(
    start: str, value: int, unit: str, expected: tuple[str, str | None]
) -> None:
    by = reckoning("eu_1182_71", "Europe/Berlin", "DE")
    assert counted(start, deadline(value, unit), by) == expected


def test_under_dora_a_limit_on_a_free_day_may_wait_until_noon_of_the_next_working_day() -> None:
    by = reckoning("eu_dora_301", "Europe/Dublin", "IE")
    start = "2026-05-02T21:00:00+01:00"
    relief = "2026-05-05T12:00:00+01:00"
    assert counted(start, deadline(4, "hours"), by) == ("2026-05-03T01:00:00+01:00", relief)


def test_who_is_excluded_from_the_relief_of_dora_has_none() -> None:
    by = reckoning("eu_dora_301", "Europe/Dublin", "IE", relieved=False)
    assert counted("2026-05-02T21:00:00+01:00", deadline(4, "hours"), by)[1] is None


def test_on_a_working_day_dora_has_no_relief_to_give() -> None:
    by = reckoning("eu_dora_301", "Europe/Dublin", "IE")
    assert counted("2026-05-05T10:00:00+01:00", deadline(4, "hours"), by)[1] is None


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-20T16:00:00-05:00", "2026-11-27T17:30:00-05:00"),
        ("2026-07-04T11:00:00-04:00", "2026-07-09T17:30:00-04:00"),
        # The 3rd of July is the day on which the 4th is kept: it counts as no business day.
        ("2026-07-03T11:00:00-04:00", "2026-07-09T17:30:00-04:00"),
        ("2026-07-02T11:00:00-04:00", "2026-07-09T17:30:00-04:00"),
    ],
)
def test_the_sec_counts_business_days_and_closes_at_half_past_five(
    start: str, due: str
) -> None:
    by = reckoning("us_sec_8k", "America/New_York", "US-FEDERAL")
    assert counted(start, deadline(4, "business_days"), by) == (due, None)


def test_the_sec_counts_days_in_new_york_wherever_the_company_is() -> None:
    by = reckoning("us_sec_8k", "Asia/Tokyo", "US-FEDERAL")
    # Tuesday morning in Tokyo is still Monday in New York.
    start = "2026-11-17T06:00:00+09:00"
    found = counted(start, deadline(4, "business_days"), by)
    assert found == ("2026-11-21T07:30:00+09:00", None)


def test_japan_counts_the_day_of_awareness_and_rolls_only_what_is_flagged() -> None:
    start, sixty = "2026-12-03T10:00:00+09:00", deadline(60, "calendar_days")
    flagged = reckoning("jp_appi_inclusive", "Asia/Tokyo", "JP-GOV", rolls=True)
    plain = reckoning("jp_appi_inclusive", "Asia/Tokyo", "JP-GOV")
    due = "2027-01-31T23:59:59+09:00"
    assert counted(start, sixty, flagged) == (due, "2027-02-01T23:59:59+09:00")
    assert counted(start, sixty, plain) == (due, None)


def test_japan_rolls_over_the_closure_at_the_end_of_the_year() -> None:
    by = reckoning("jp_appi_inclusive", "Asia/Tokyo", "JP-GOV", rolls=True)
    found = counted("2026-11-30T10:00:00+09:00", deadline(30, "calendar_days"), by)
    assert found == ("2026-12-29T23:59:59+09:00", "2027-01-04T23:59:59+09:00")


def test_the_end_of_a_day_that_comes_twice_is_the_first_of_the_two() -> None:
    # On 17 February 2018 clocks in São Paulo went from midnight back to 23:00.
    by = reckoning("standard", "America/Sao_Paulo")
    found = counted("2018-02-15T12:00:00-02:00", deadline(2, "calendar_days"), by)
    assert found == ("2018-02-17T23:59:59-02:00", None)


def test_a_day_that_a_zone_left_out_ends_a_period_at_an_instant_that_exists() -> None:
    # Samoa had no 30 December 2011.
    by = reckoning("standard", "Pacific/Apia")
    due = due_at(
        deadline(1, "calendar_days"), datetime.fromisoformat("2011-12-29T12:00:00-10:00"), by
    )
    assert due.astimezone(UTC).astimezone(by.zone) == due
    assert due.isoformat() == "2011-12-31T23:59:59+14:00"


def test_the_year_ends_where_the_zone_says() -> None:
    discovery = datetime(2027, 1, 1, 3, tzinfo=UTC)
    assert year_end(discovery, ZoneInfo("America/New_York")) == datetime(
        2027, 1, 1, 4, 59, 59, tzinfo=UTC
    )
    assert year_end(discovery, ZoneInfo("UTC")).year == 2027


def test_a_calendar_that_never_opens_holds_nobody_for_ever() -> None:
    by = Reckoning("standard", ZoneInfo("UTC"), lambda _: True)
    due = due_at(deadline(1, "business_days"), datetime(2026, 1, 1, tzinfo=UTC), by)
    assert due.date() > date(2026, 12, 1)


units = st.sampled_from(list(Unit))


@st.composite
def periods(draw: st.DrawFn, unit: Unit) -> Deadline:
    """A period of this unit that a law might give."""
    most = {Unit.HOURS: 720, Unit.CALENDAR_DAYS: 90, Unit.BUSINESS_DAYS: 30, Unit.MONTHS: 14}
    return Deadline(draw(st.integers(1, most[unit])), unit, "awareness")


@st.composite
def reckonings(draw: st.DrawFn, profile: str) -> Reckoning:
    """Any way a stage may count under this profile."""
    return reckoning(
        profile,
        draw(legal_strategies.zones),
        draw(st.sampled_from(CALENDARS)),
        rolls=draw(st.booleans()),
        relieved=draw(st.booleans()),
    )


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("profile", COMPUTATIONS)
@settings(deadline=None)
@given(data=st.data())
def test_a_due_instant_never_moves_later_when_its_own_clock_starts_earlier(
    profile: str, unit: Unit, data: st.DataObject
) -> None:
    period, by = data.draw(periods(unit)), data.draw(reckonings(profile))
    start = data.draw(legal_strategies.instants)
    earlier = start - timedelta(seconds=data.draw(st.integers(0, 60 * 24 * 3_600)))
    assert due_at(period, earlier, by).astimezone(UTC) <= due_at(period, start, by).astimezone(
        UTC
    )


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("profile", COMPUTATIONS)
@settings(deadline=None)
@given(data=st.data())
def test_what_is_permitted_is_later_than_what_is_due_which_is_later_than_the_start(
    profile: str, unit: Unit, data: st.DataObject
) -> None:
    period, by = data.draw(periods(unit)), data.draw(reckonings(profile))
    start = data.draw(legal_strategies.instants)
    due = due_at(period, start, by)
    later = permitted_until(period, start, due, by)
    assert due.tzinfo is by.zone
    assert due.astimezone(UTC) > start.replace(microsecond=0) - timedelta(seconds=1)
    assert later is None or later.astimezone(UTC) > due.astimezone(UTC)


@pytest.mark.parametrize("profile", COMPUTATIONS)
@settings(deadline=None)
@given(data=st.data())
def test_hours_are_hours_that_pass_whatever_the_clocks_on_the_wall_do(
    profile: str, data: st.DataObject
) -> None:
    period, by = data.draw(periods(Unit.HOURS)), data.draw(reckonings(profile))
    start = data.draw(legal_strategies.instants).replace(microsecond=0)
    passed = due_at(period, start, by).astimezone(UTC) - start
    assert passed == timedelta(hours=period.value)


@pytest.mark.parametrize("calendar", CALENDARS)
@settings(deadline=None)
@given(data=st.data())
def test_a_period_in_working_days_ends_on_one_with_that_many_between(
    calendar: str, data: st.DataObject
) -> None:
    by = reckoning("standard", data.draw(legal_strategies.zones_with_every_day), calendar)
    period, start = data.draw(periods(Unit.BUSINESS_DAYS)), data.draw(legal_strategies.instants)
    first, last = start.astimezone(by.zone).date(), due_at(period, start, by).date()
    between = (first + timedelta(days=n + 1) for n in range((last - first).days))
    assert sum(not by.is_free(day) for day in between) == period.value
    assert not by.is_free(last)


@settings(deadline=None)
@given(legal_strategies.instants, legal_strategies.zones_with_every_day, st.integers(1, 14))
def test_a_period_in_months_ends_on_the_same_day_or_the_last_of_a_short_month(
    start: datetime, zone: str, months: int
) -> None:
    by = reckoning("standard", zone)
    first = start.astimezone(by.zone).date()
    last = due_at(deadline(months, "months"), start, by).date()
    assert (last.year - first.year) * 12 + last.month - first.month == months
    assert last.day == first.day or (last.day < first.day and (last + timedelta(1)).day == 1)
