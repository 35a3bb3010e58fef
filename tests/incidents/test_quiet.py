"""Whom a notice reaches when: quiet hours, days off and the hour of the digest."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from incidents.models import Person
from incidents.operations import quiet
from incidents.rules.quiet import LONGEST_WAIT, Quiet, digest_at, is_quiet, opens_at
from tests.factories import person

BERLIN = "Europe/Berlin"
NIGHT = Quiet(BERLIN, time(22), time(7))
instants = st.integers(0, 2_000_000_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
quiets = st.builds(
    Quiet,
    st.sampled_from(sorted(available_timezones())),
    st.times(),
    st.times(),
    st.booleans(),
)


def never(_day: date) -> bool:
    return False


def at(text: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


@pytest.mark.parametrize(
    ("told", "opens"),
    [
        ("2026-12-01T21:59:59", "2026-12-01T21:59:59"),
        ("2026-12-01T22:00", "2026-12-02T07:00"),
        ("2026-12-02T03:00", "2026-12-02T07:00"),
        ("2026-12-02T07:00", "2026-12-02T07:00"),
    ],
)
def test_quiet_hours_through_midnight_end_in_the_morning(told: str, opens: str) -> None:
    assert opens_at(NIGHT, at(told), never) == at(opens)


def test_quiet_hours_of_one_day_end_on_it() -> None:
    siesta = Quiet(BERLIN, time(13), time(15))
    assert opens_at(siesta, at("2026-12-01T14:00"), never) == at("2026-12-01T15:00")
    assert opens_at(siesta, at("2026-12-01T12:59"), never) == at("2026-12-01T12:59")


def test_no_hours_and_equal_hours_are_never_quiet() -> None:
    for hours in (Quiet(BERLIN), Quiet(BERLIN, time(8), time(8))):
        assert opens_at(hours, at("2026-12-01T08:00"), never) == at("2026-12-01T08:00")


def test_a_weekend_and_a_holiday_after_it_are_waited_through() -> None:
    hours = Quiet(BERLIN, time(22), time(7), weekends=False)
    easter = {date(2026, 4, 3), date(2026, 4, 6)}.__contains__
    assert opens_at(hours, at("2026-04-03T12:00"), easter) == at("2026-04-07T07:00")
    assert opens_at(Quiet(BERLIN), at("2026-04-03T12:00"), easter) == at("2026-04-04T00:00")


def test_the_night_the_clock_skips_the_end_of_quiet_hours_it_ends_with_the_jump() -> None:
    hours = Quiet(BERLIN, time(22), time(2, 30))
    assert opens_at(hours, at("2026-03-28T23:00"), never) == at("2026-03-29T03:00")


def test_the_night_the_clock_goes_back_quiet_hours_begin_and_end_as_the_wall_says() -> None:
    hours = Quiet(BERLIN, time(22), time(2, 30))
    first = at("2026-10-25T02:30").astimezone(UTC)
    assert opens_at(hours, at("2026-10-25T02:10"), never) == first
    second = at("2026-10-25T02:30", fold=1).astimezone(UTC)
    assert opens_at(hours, first + timedelta(minutes=30), never) == second


def test_nothing_waits_for_ever_even_if_every_day_is_a_holiday() -> None:
    told = at("2026-12-01T12:00")
    assert opens_at(NIGHT, told, lambda _day: True) == told + LONGEST_WAIT
    assert digest_at(NIGHT, told, time(8), lambda _day: True) == told + LONGEST_WAIT


@given(quiets, instants)
def test_it_opens_at_an_instant_that_is_not_quiet_and_not_before(
    hours: Quiet, told: datetime
) -> None:
    opens = opens_at(hours, told, never)
    assert told <= opens <= told + timedelta(days=4)
    assert not is_quiet(hours, opens, never)
    assert opens_at(hours, opens, never) == opens


@given(quiets, instants, st.data())
def test_all_before_it_opens_is_quiet(
    hours: Quiet, told: datetime, data: st.DataObject
) -> None:
    opens = opens_at(hours, told, never)
    if opens > told:
        waited = (opens - told) // timedelta(microseconds=1)
        passed = timedelta(microseconds=data.draw(st.integers(0, waited - 1)))
        assert is_quiet(hours, told + passed, never)


@given(quiets, instants, st.times())
def test_a_digest_comes_later_than_what_it_says_and_never_in_quiet_hours(
    hours: Quiet, told: datetime, when: time
) -> None:
    comes = digest_at(hours, told, when, never)
    assert told < comes <= told + LONGEST_WAIT + timedelta(days=4)
    assert not is_quiet(hours, comes, never)


@pytest.mark.parametrize(
    ("told", "comes"),
    [
        ("2026-12-01T07:59", "2026-12-01T08:00"),
        ("2026-12-01T08:00", "2026-12-02T08:00"),
        ("2026-12-04T09:00", "2026-12-07T08:00"),  # over the weekend
    ],
)
def test_the_digest_comes_at_the_next_such_time_on_a_day_of_work(told: str, comes: str) -> None:
    hours = Quiet(BERLIN, time(22), time(7), weekends=False)
    assert digest_at(hours, at(told), time(8), never) == at(comes)


def test_a_digest_in_quiet_hours_comes_when_they_end() -> None:
    assert digest_at(NIGHT, at("2026-12-01T12:00"), time(6), never) == at("2026-12-02T07:00")


def test_a_digest_time_that_the_clock_skips_comes_with_the_jump() -> None:
    comes = digest_at(Quiet(BERLIN), at("2026-03-28T12:00"), time(2, 30), never)
    assert comes == at("2026-03-29T03:00")


def test_a_person_is_told_after_the_holidays_of_their_region() -> None:
    bavarian = Person(time_zone=BERLIN, holidays="DE-BY")
    prussian = Person(time_zone=BERLIN, holidays="DE-BE")
    epiphany = at("2026-01-06T12:00")
    assert quiet.opens_at(bavarian, epiphany) == at("2026-01-07T00:00")
    assert quiet.opens_at(prussian, epiphany) == epiphany


def test_a_digest_is_held_over_the_holidays_of_a_person() -> None:
    bavarian = Person(time_zone=BERLIN, holidays="DE-BY", works_weekends=False)
    christmas = at("2026-12-24T12:00")
    assert quiet.digest_at(bavarian, christmas) == at("2026-12-28T08:00")


def test_a_country_that_is_known_no_longer_has_no_holidays() -> None:
    assert quiet.opens_at(Person(holidays="XX"), at("2026-01-06T12:00")) == at(
        "2026-01-06T12:00"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "DE", "DE-BY", "GB-SCT", "JP"])
def test_holidays_are_those_of_a_country_or_region(code: str) -> None:
    who = person(holidays=code)
    who.full_clean(exclude=["password"])


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("XX", "unknown_country"),
        ("Germany", "unknown_country"),
        ("de", "unknown_country"),
        ("DE-QQ", "unknown_region"),
        ("DE-", "unknown_region"),
    ],
)
def test_other_holidays_are_refused(code: str, why: str) -> None:
    field = Person._meta.get_field("holidays")
    with pytest.raises(ValidationError) as refused:
        field.run_validators(code)
    assert [error.code for error in refused.value.error_list] == [why]
