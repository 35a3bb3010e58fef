"""What standards ask of a year's exercises, and which of it a plan would miss.

Sources: PCI DSS 12.10.2, ISO/IEC 27001 A.5.24 and SOC 2 (the whole plan every twelve months),
FedRAMP IR-3 (what is of high impact every six), AWS REL12-BP06 (a game day a quarter).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from incidents.rules.candidates import name_of
from incidents.rules.roles import COMMUNICATIONS, COUNSEL, DOMAIN_OWNER
from training.rules.practice_coverage import HIGH_IMPACT

HALF_YEAR, YEAR = timedelta(days=184), timedelta(days=366)
EVERY_YEAR = (COUNSEL, COMMUNICATIONS, DOMAIN_OWNER)
MOST_SERVICES = 3  # affected in one exercise: a story with more is not to be believed
_NAMED = 5
Mend = Literal["game_day", "seat"]


@dataclass(frozen=True, slots=True)
class Check:
    """One demand: whether the plan meets it, and what it would miss.

    `mend` is what would meet it: another game day, or somebody in a seat of those there are.
    """

    name: str
    source: str
    is_met: bool
    said: str = ""
    mend: Mend = "game_day"


@dataclass(frozen=True, slots=True)
class Kept:
    """One service: how grave its loss is (1 is gravest), and the days on which it is exercised."""

    name: str
    tier: int
    days: tuple[date, ...] = ()


def checks(
    year: int, held: Sequence[date], played: Mapping[str, int], services: Sequence[Kept]
) -> Iterator[Check]:
    """Every demand; `played` counts the exercises in which a role is played."""
    source = "PCI DSS 12.10.2, ISO/IEC 27001 A.5.24, SOC 2"
    yield Check("The whole plan once a year", source, bool(held))
    quarters = {(day.month - 1) // 3 + 1 for day in held}
    missing = [f"Q{n}" for n in range(1, 5) if n not in quarters]
    said = f"None in {', '.join(missing)}." if missing else ""
    yield Check("An exercise a quarter", "AWS REL12-BP06", not missing, said)
    absent = [name_of(role) for role in EVERY_YEAR if not played.get(role)]
    said = f"Nobody plays {', '.join(absent)}." if absent else ""
    yield Check("Law, voice and owner at least once", "HSEEP", not absent, said, "seat")
    high = [one for one in services if one.tier <= HIGH_IMPACT]
    for name, source, which, longest in (
        ("High-impact services every six months", "FedRAMP IR-3", high, HALF_YEAR),
        ("Every service once a year", "FedRAMP IR-3", services, YEAR),
    ):
        late = [one.name for one in which if not _often_enough(one, year, longest)]
        yield Check(name, source, not late, _missed(late))


def deal(services: Iterable[Kept], exercises: int) -> list[list[str]]:
    """Which services each exercise is about: the gravest twice, half a year apart, all in turn."""
    dealt: list[list[str]] = [[] for _ in range(exercises)]
    for one in sorted(services, key=lambda one: (one.tier, max(one.days, default=date.min))):
        first = min(range(exercises), key=lambda n: (len(dealt[n]), n))
        apart = max(1, exercises // 2)
        again = {first, (first + apart) % exercises} if one.tier <= HIGH_IMPACT else {first}
        for number in again:
            if len(dealt[number]) < MOST_SERVICES:
                dealt[number].append(one.name)
    return dealt


def _often_enough(one: Kept, year: int, longest: timedelta) -> bool:
    """Whether no stretch of the year without it is too long; one never exercised is late at once."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    before = [day for day in one.days if day < first]
    within = sorted(day for day in one.days if first <= day <= last)
    if not within:
        return False
    begins = [max(before)] if before else [first]
    return all(two - a <= longest for a, two in pairwise([*begins, *within, last]))


def _missed(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = len(names) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"Too seldom: {', '.join(names[:_NAMED])}{rest}."
