"""Public holidays by the calendars that legal periods count with."""

from datetime import date
from functools import lru_cache

import holidays

# The names a law pack uses where a country's own code would not do.
_COUNTRIES = {"US-FEDERAL": "US", "JP-GOV": "JP"}
# Offices of the Japanese government are closed from 29 December to 3 January.
_YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def is_holiday(calendar: str, day: date) -> bool:
    """Whether this day is a public holiday of "DE", "AU-NSW", "US-FEDERAL" or "JP-GOV".

    Weekends are not asked about here. A country of which no holidays are known has none: a period
    in working days then ends earlier, never later.
    """
    if calendar == "JP-GOV" and (day.month, day.day) in _YEAR_END:
        return True
    return day in _holidays(_COUNTRIES.get(calendar, calendar), day.year)


def is_known(calendar: str) -> bool:
    """Whether holidays of this calendar are known at all."""
    country, _, region = _COUNTRIES.get(calendar, calendar).partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    return country in known and (not region or region in known[country])


@lru_cache(maxsize=1024)
def _holidays(code: str, year: int) -> frozenset[date]:
    country, _, region = code.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return frozenset()
