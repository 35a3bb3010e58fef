"""What was exercised when: cells of the matrix, how old their practice is, what comes next.

A cell is exercised by what people did: who acted in a role that answers for a line or does it, who
was asked, who was there to be told. Sources: ISO/IEC 27001:2022 A.5.24 and PCI DSS 12.10.2 (the
whole plan every twelve months), FedRAMP IR-3 (what is of high impact every six).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.rules.raci import Activity, Letter, Place

YEAR = timedelta(days=365)
HALF_YEAR = timedelta(days=182)
HIGH_IMPACT = 1  # the tier of services that are exercised twice a year
_LONGEST = 150  # characters a key may have


class Age(StrEnum):
    """How long ago something was exercised."""

    NEVER = "never"
    OLD = "old"
    AGEING = "ageing"
    RECENT = "recent"


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody did an activity then, in this role ("" where they held no part in it)."""

    place: Place
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """One story, and the cells it would exercise."""

    key: str
    cells: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One story, with how many cells it would exercise for the first time, and anew after a year."""

    key: str
    first: int
    again: int
    cells: int


def name_of(activity: Activity) -> str:
    """What an activity is called in a key: the same from version to version where it has one."""
    return activity.key or activity.act or "/".join(activity.place)


def cell(activity: Activity, role: str) -> str:
    """The key of one cell, "activity:role"."""
    return f"{name_of(activity)[: _LONGEST - 1 - len(role)]}:{role}"


def cells_of(activities: Iterable[Activity]) -> frozenset[str]:
    """Every cell that has a letter."""
    return frozenset(cell(each, role) for each in activities for role in each.letters)


def named(activities: Iterable[Activity], names: Collection[str]) -> tuple[Activity, ...]:
    """The activities that a story names: by their key, or by the act they govern."""
    wanted = set(names) - {""}
    return tuple(each for each in activities if {each.key, each.act} & wanted)


def age(last: datetime | None, at: datetime) -> Age:
    """Recent is within six months, ageing within twelve, old beyond."""
    if last is None:
        return Age.NEVER
    if at - last <= HALF_YEAR:
        return Age.RECENT
    return Age.AGEING if at - last <= YEAR else Age.OLD


def exercised(
    activities: Iterable[Activity],
    deeds: Iterable[Deed],
    asked: Collection[tuple[Place, str]],
    present: Mapping[str, datetime],
) -> dict[str, datetime]:
    """The cells these deeds exercised, each with the instant it was last.

    `asked` are places and roles that were consulted; `present` since when each role was held. A
    line done tells those it informs, and asks those it does not wait for, if they were there.
    """
    lines = {each.place: each for each in activities}
    found: dict[str, datetime] = {}
    for deed in deeds:
        line = lines.get(deed.place)
        if line is None:
            continue
        for role in _touched(line, deed, asked, present):
            key = cell(line, role)
            found[key] = max(deed.at, found.get(key, deed.at))
    return found


def _touched(
    line: Activity,
    deed: Deed,
    asked: Collection[tuple[Place, str]],
    present: Mapping[str, datetime],
) -> Iterator[str]:
    for role, letter in line.letters.items():
        was_there = role in present and present[role] <= deed.at
        if role == deed.role:
            yield role
        elif letter is Letter.C:
            if (line.place, role) in asked or (was_there and line.proceed_after is None):
                yield role
        elif letter is Letter.I and was_there:
            yield role


def rank(
    candidates: Iterable[Candidate], known: Collection[str], last: Mapping[str, Age]
) -> list[Ranked]:
    """The stories by how many cells of the matrix they would exercise for the first time.

    Of two that bring as much the one that renews more comes first. What adds nothing is left out.
    """
    found = []
    for each in candidates:
        cells = each.cells & set(known)
        ages = [last.get(key, Age.NEVER) for key in cells]
        first, again = ages.count(Age.NEVER), ages.count(Age.OLD)
        if first or again:
            found.append(Ranked(each.key, first, again, len(cells)))
    return sorted(found, key=lambda one: (-one.first, -one.again, one.key))


def due_at(last: datetime | None, tier: int) -> datetime | None:
    """By when a service of this tier is to be exercised again; None: since it never was, now."""
    if last is None:
        return None
    return last + (HALF_YEAR if tier <= HIGH_IMPACT else YEAR)
