"""What a role asks for, what of it is there, and how many people a role could lose.

Sources: PagerDuty's training guide for incident commanders (seen two major incidents, scribe and
commander in several exercises, a week of shadowing and one shadowed), for the rest our own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    PRIVACY,
    RESPONDER,
    SCRIBE,
    SUPPORT,
)

TRAINING, SEEN, SHADOWED, REVERSE = "training", "seen", "shadowed", "reverse"
HELD, PLAYED, LED = "held", "played", "led"
# Who did the harder has done the easier: holding a role in an incident is more than playing it.
COUNTS_AS: Mapping[str, tuple[str, ...]] = MappingProxyType({PLAYED: (HELD,), SEEN: (HELD,)})
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Asked:
    """So many proofs of one kind, not older than so many days (None: whatever their age)."""

    kind: str
    count: int = 1
    within_days: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Standard:
    """What one role asks for, for how many days it is granted, and how many should hold it."""

    asked: tuple[Asked, ...]
    valid_days: int | None = 365
    holders_wanted: int = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of evidence that counts.

    `of` names the incident or exercise it is of, which counts once for what it is asked for, however
    often it was said; "" for none. `is_hidden` from who reads: it counts, and its day is not said.
    """

    kind: str
    on: date
    title: str = ""
    of: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """One thing asked for: how often it was found, and when last as far as the reader may know."""

    asked: Asked
    found: int
    last: date | None = None

    @property
    def is_met(self) -> bool:
        """Whether it is there often enough."""
        return self.found >= self.asked.count

    @property
    def missing(self) -> int:
        """How many proofs are still to come."""
        return max(0, self.asked.count - self.found)


SHIPPED: Mapping[str, Standard] = MappingProxyType(
    {
        COMMANDER: Standard(
            (
                Asked(TRAINING, title="Incident command"),
                Asked(SEEN, 2),
                Asked(SHADOWED, 1),
                Asked(REVERSE, 1),
                Asked(PLAYED, 2, 730),
            ),
            holders_wanted=5,
        ),
        DEPUTY: Standard((Asked(SEEN, 1), Asked(PLAYED, 1, 730)), holders_wanted=4),
        COMMUNICATIONS: Standard(
            (
                Asked(TRAINING, title="Crisis communication"),
                Asked(SHADOWED, 1),
                Asked(PLAYED, 1, 730),
            ),
            holders_wanted=4,
        ),
        SCRIBE: Standard((Asked(PLAYED, 1, 730),), valid_days=730, holders_wanted=3),
        DOMAIN_OWNER: Standard((Asked(PLAYED, 1, 730),), valid_days=730),
        RESPONDER: Standard((Asked(PLAYED, 1, 730),), valid_days=730),
        SUPPORT: Standard((Asked(PLAYED, 1, 730),), valid_days=730),
        COUNSEL: Standard(
            (Asked(TRAINING, title="Notification duties"), Asked(PLAYED, 1, 730))
        ),
        PRIVACY: Standard(
            (Asked(TRAINING, title="Notification duties"), Asked(PLAYED, 1, 730))
        ),
    }
)


def judge(standard: Standard, shown: Iterable[Shown], on: date) -> tuple[Met, ...]:
    """What of the standard is there on this day; training only under its own title."""
    shown = list(shown)
    return tuple(_met(asked, shown, on) for asked in standard.asked)


def _met(asked: Asked, shown: Sequence[Shown], on: date) -> Met:
    kinds = (asked.kind, *COUNTS_AS.get(asked.kind, ()))
    since = (
        on - timedelta(days=asked.within_days) if asked.within_days is not None else date.min
    )
    found = [
        one
        for one in shown
        if one.kind in kinds
        and since <= one.on <= on
        and (not asked.title or one.title.casefold() == asked.title.casefold())
    ]
    alone = sum(not one.of for one in found)
    count = alone + len({one.of for one in found if one.of})
    said = (one.on for one in found if not one.is_hidden)
    return Met(asked, count, max(said, default=None))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody validly qualified: from which UTC hours they are awake, and until when it counts."""

    person: str
    team: str
    awake: frozenset[int]
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Strength:
    """How many people one role has, and how many of them it could lose.

    `until_short`: so many may go before there are fewer than wanted; `until_nobody`: before there
    is nobody; `until_unattended`: before an hour of the day has nobody awake (0: one has already).
    `uncovered` are those hours, in UTC; `single` who alone covers an hour; `of_one_team` the team
    all holders are of.
    """

    role: str
    holders: int
    in_ninety_days: int
    wanted: int
    uncovered: tuple[int, ...] = ()
    single: tuple[str, ...] = ()
    of_one_team: str = ""
    until_unattended: int = 0

    @property
    def until_short(self) -> int:
        """Losses before fewer are left than wanted."""
        return max(0, self.holders - self.wanted)

    @property
    def until_nobody(self) -> int:
        """Losses before one person is left: one more, and the role is empty."""
        return max(0, self.holders - 1)

    @property
    def is_short(self) -> bool:
        """Fewer than wanted, now or in ninety days."""
        return min(self.holders, self.in_ninety_days) < self.wanted


NINETY = timedelta(days=90)


def strength(role: str, holders: Sequence[Holder], wanted: int, on: date) -> Strength:
    """How strong a role is with these people."""
    awake = {hour: [one for one in holders if hour in one.awake] for hour in range(24)}
    thinnest = min((len(there) for there in awake.values()), default=0)
    alone = {there[0].person for there in awake.values() if len(there) == 1}
    teams = {one.team for one in holders}
    return Strength(
        role,
        len(holders),
        sum(one.expires_on is None or one.expires_on > on + NINETY for one in holders),
        wanted,
        tuple(hour for hour, there in awake.items() if not there),
        tuple(sorted(alone)),
        teams.pop() if len(teams) == 1 and len(holders) > 1 else "",
        max(0, thinnest - 1),
    )
