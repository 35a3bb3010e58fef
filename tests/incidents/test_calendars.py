"""The calendars of legal periods know the days that the worked cases turn on."""

from datetime import date

import pytest

from incidents.calendars import is_holiday, is_known
from tests.incidents.packs import shipped


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("US-FEDERAL", date(2026, 11, 26)),
        ("US-FEDERAL", date(2026, 7, 3)),  # the 4th falls on a Saturday and is kept on Friday
        ("BR", date(2026, 4, 21)),
        ("AU-NSW", date(2026, 4, 6)),
        ("JP-GOV", date(2026, 5, 3)),
        ("JP-GOV", date(2026, 12, 29)),
        ("JP-GOV", date(2027, 1, 3)),
        ("IE", date(2026, 5, 4)),
        ("DE", date(2026, 10, 3)),
    ],
)
def test_a_public_holiday_is_known(calendar: str, day: date) -> None:
    assert is_holiday(calendar, day)


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("BR", date(2026, 2, 16)),  # Carnival Monday is optional: counted, which is earlier
        ("JP-GOV", date(2026, 12, 28)),
        ("JP-GOV", date(2027, 1, 4)),
        ("DE", date(2026, 1, 6)),  # Epiphany is a holiday of some regions only
        ("US-FEDERAL", date(2026, 11, 27)),
    ],
)
def test_a_day_on_which_the_country_works_is_no_holiday(calendar: str, day: date) -> None:
    assert not is_holiday(calendar, day)


@pytest.mark.parametrize("calendar", ["XX", "DE-XX", "", "nowhere"])
def test_a_place_nobody_knows_has_no_holidays_so_that_a_period_ends_no_later(
    calendar: str,
) -> None:
    assert not is_known(calendar)
    assert not any(is_holiday(calendar, date(2026, 12, day)) for day in range(1, 32))


def test_every_calendar_of_the_shipped_pack_is_known() -> None:
    named = set(shipped().calendars) - {"EU-MEMBER-STATE"}  # which the facts name
    assert named
    assert all(is_known(calendar) for calendar in named)
    assert is_known("FR")
