"""When a person may be told what can wait: their quiet hours, days off and time of the digest."""

from datetime import date, datetime
from functools import lru_cache

import holidays

from incidents.models import Person
from incidents.rules import quiet as rules
from incidents.rules.quiet import IsHoliday, Quiet


def opens_at(person: Person, at: datetime) -> datetime:
    """The first instant, not before `at`, outside this person's quiet hours and days off.

    Days off are the public holidays of their country or region, and weekends where they do not
    work then. Asks nothing of the database.
    """
    return rules.opens_at(_quiet(person), at, _is_holiday(person))


def digest_at(person: Person, at: datetime) -> datetime:
    """When, strictly after `at`, this person's next digest comes: their own time, on a day of work."""
    return rules.digest_at(_quiet(person), at, person.digest_at, _is_holiday(person))


def _quiet(person: Person) -> Quiet:
    return Quiet(person.time_zone, person.quiet_from, person.quiet_until, person.works_weekends)


def _is_holiday(person: Person) -> IsHoliday:
    code = person.holidays
    if not code:
        return _never
    return lambda day: day in _public_holidays(code, day.year)


def _never(_day: date) -> bool:
    return False


@lru_cache(maxsize=512)
def _public_holidays(code: str, year: int) -> frozenset[date]:
    """The public holidays of "DE" or "DE-BY"; none where nobody knows the place any longer."""
    country, _, region = code.upper().partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:  # what the library drops must not stop a message
        return frozenset()
