"""Who serves which hours of a rotation: fairness by time owed, and why somebody is passed over.

Every hour somebody serves is shared out among the members who were there for it: each is owed an
equal part of it, less what they served themselves. Who is owed most is asked next. Hours weigh
more at night and at the weekend in the zone of who serves them. Leave is not made up for: who is
away for a shift, or no longer qualified, has no part in it. New members begin with nothing owed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from training.rules.rotation_hours import (
    Slot,
    Span,
    local_day,
    night_minutes,
    overlaps,
    weight,
)

# What anybody may serve is bounded in every span of so many days: twelve weeks.
WINDOW = timedelta(days=84)
# Longer than a waking day, a band is on call from home: everybody takes turns in it.
_LONGEST_WAKING = timedelta(hours=17)
# What the change of the clocks may push into somebody's night.
_SLACK_MINUTES = 60
_INSTANT = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rotation holds its members to. `most` is what one may serve in a WINDOW."""

    rest: timedelta = timedelta(hours=11)
    most_percent: int = 100
    most: timedelta = WINDOW
    night_percent: int = 150
    calendar: str = "UTC"  # the zone in which qualifications begin and end

    @property
    def needed(self) -> int:
        """How many people it takes so that nobody serves more than the most anybody may."""
        return -(-100 // min(self.most_percent, 100))


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes turns from `joined` to before `left`.

    `bands` empty: those in their waking hours. Qualified on the days [from, until); None: not.
    `away` and `busy`, which is on shift elsewhere, are spans of time.
    """

    key: str
    name: str = ""
    zone: str = "UTC"
    joined: date = date.min
    left: date | None = None
    bands: frozenset[str] = frozenset()
    qualified: tuple[date, date | None] | None = (date.min, None)
    away: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()

    def is_member(self, slot: Slot) -> bool:
        """Whether the day on which the shift begins lies in the membership."""
        return self.joined <= slot.on and (self.left is None or slot.on < self.left)

    def is_away(self, slot: Slot) -> bool:
        """Whether any of the shift lies in leave."""
        return any(overlaps(slot.span, each) for each in self.away)

    def has_lapsed(self, slot: Slot) -> bool:
        """Whether the qualification is over by then; when it began does not count, for it is
        granted anew year by year."""
        return self.qualified is None or (
            self.qualified[1] is not None and slot.on >= self.qualified[1]
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """A shift as it is, or is to be; without a person a gap, and `reason` says why either."""

    slot: Slot
    person: str
    shadow: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """Where one member stands: weighted, in hundredths of a minute, and in plain minutes."""

    share: int
    served: int
    minutes: int
    odd_minutes: int  # of them at night or at the weekend

    @property
    def owed(self) -> int:
        """How much more than they served was theirs to serve; negative: they served more."""
        return self.share - self.served


@dataclass
class Ledger:
    """The shifts that stand, counted in their order; only what members serve is shared out."""

    members: Mapping[str, Member]
    terms: Terms
    spans: dict[str, list[Span]] = field(default_factory=dict)
    shadowed: dict[str, list[Span]] = field(default_factory=dict)
    _share: dict[str, int] = field(default_factory=dict)
    _served: dict[str, int] = field(default_factory=dict)
    _minutes: dict[str, int] = field(default_factory=dict)
    _odd: dict[str, int] = field(default_factory=dict)

    def add(self, taken: Taken) -> None:
        """Count one shift: for who serves it, and for those who were there to share it."""
        slot = taken.slot
        if taken.shadow:
            self.shadowed.setdefault(taken.shadow, []).append(slot.span)
        if not taken.person:
            return
        self.spans.setdefault(taken.person, []).append(slot.span)
        member = self.members.get(taken.person)
        if member is None or not member.is_member(slot):
            return  # who helps out takes nothing off what others owe
        counted = weight(slot.span, member.zone, self.terms.night_percent)
        _grow(self._served, member.key, counted)
        _grow(self._minutes, member.key, slot.minutes)
        _grow(self._odd, member.key, night_minutes(slot.span, member.zone, weekends=True))
        there = sorted(one.key for one in self.members.values() if _shares(one, slot, member))
        for number, key in enumerate(there):
            # Whole numbers: what does not divide goes to the first, so that nothing is lost.
            _grow(self._share, key, counted // len(there) + (number < counted % len(there)))

    def copy(self) -> "Ledger":
        """The same books, to be gone on with."""
        return Ledger(
            self.members, self.terms, {key: [*some] for key, some in self.spans.items()},
            {key: [*some] for key, some in self.shadowed.items()},
            {**self._share}, {**self._served}, {**self._minutes}, {**self._odd},
        )  # fmt: skip

    def balance(self, key: str) -> Balance:
        """Where this member stands."""
        books = (self._share, self._served, self._minutes, self._odd)
        return Balance(*(book.get(key, 0) for book in books))

    def turn(self, key: str) -> tuple[int, float, str]:
        """Who is asked first: who is owed most, who served longest ago, then by username."""
        served = self.spans.get(key)
        last = max(end for _, end in served).timestamp() if served else float("-inf")
        return -self.balance(key).owed, last, key


def ledger(
    members: Iterable[Member],
    terms: Terms,
    taken: Iterable[Taken],
    *,
    before: Ledger | None = None,
) -> Ledger:
    """The books of a rotation from the shifts that stand; `before` are those of what came before."""
    book = before.copy() if before else Ledger({each.key: each for each in members}, terms)
    for one in sorted(taken, key=lambda each: (each.slot.starts_at, each.slot.band)):
        book.add(one)
    return book


def hindrance(
    member: Member,
    slot: Slot,
    book: Ledger,
    *,
    turn: Sequence[Span] = (),
    any_hour: bool = False,
    any_share: bool = False,
) -> str:
    """Why the member cannot serve this shift beside what they serve; "" if they can.

    Rest is between turns: within one, whose other shifts are `turn`, the hours are the band's.
    """
    if not member.is_member(slot):
        return "not a member then"
    if unfit := unfitness(member, slot, book.terms):
        return unfit
    if not any_hour and (asleep := _other_hours(member, slot)):
        return asleep
    if clash := at_once(member, slot, book, turn):
        return clash
    if tired := restless(member, slot, book, turn):
        return tired
    return "" if any_share else too_much(member, slot, book, turn)


def unfitness(member: Member, slot: Slot, terms: Terms) -> str:
    """Not qualified on all days of the shift, or away; "" otherwise."""
    if (
        member.qualified is None
        or local_day(slot.starts_at, terms.calendar) < (member.qualified[0])
    ):
        return "not qualified"
    until = member.qualified[1]
    if until is not None and local_day(slot.ends_at - _INSTANT, terms.calendar) >= until:
        return f"qualified only until {until:%-d %b %Y}"
    leave = next((each for each in member.away if overlaps(slot.span, each)), None)
    return f"away until {leave[1]:%-d %b %Y %H:%M} UTC" if leave else ""


def at_once(member: Member, slot: Slot, book: Ledger, turn: Sequence[Span] = ()) -> str:
    """On another shift, or beside one, at the same time; "" otherwise."""
    found = (each for each in (*turn, *_near(member, slot, book)) if overlaps(slot.span, each))
    clash = next(found, None)
    return f"on shift already until {clash[1]:%-d %b %H:%M} UTC" if clash else ""


def is_awake(member: Member, slot: Slot) -> bool:
    """Whether the shift lies in the member's waking hours (06:00 to 23:00), or could in nobody's."""
    if slot.ends_at - slot.starts_at > _LONGEST_WAKING:
        return True
    return night_minutes(slot.span, member.zone) <= _SLACK_MINUTES


def is_everybodys_night(members: Iterable[Member], slot: Slot) -> bool:
    """Whether no member would take the band of themselves: then all take turns in it."""
    there = [each for each in members if each.is_member(slot)]
    return all(_other_hours(each, slot) for each in there)


def _other_hours(member: Member, slot: Slot) -> str:
    if member.bands:
        return "" if slot.band in member.bands else "takes other bands"
    return "" if is_awake(member, slot) else f"outside waking hours in {member.zone}"


def restless(member: Member, slot: Slot, book: Ledger, turn: Sequence[Span] = ()) -> str:
    """Without the rest between this and another turn; "" otherwise."""
    for begins, ends in _near(member, slot, book):
        between = begins - slot.ends_at if begins >= slot.ends_at else slot.starts_at - ends
        if between < book.terms.rest and (begins, ends) not in turn:
            return f"without {book.terms.rest / _HOUR:g} hours of rest between two turns"
    return ""


def too_much(member: Member, slot: Slot, book: Ledger, turn: Sequence[Span] = ()) -> str:
    """Over the most of the hours of some window that the shift would lie in."""
    terms = book.terms
    if terms.most_percent >= 100:
        return ""
    own = book.spans.get(member.key, ())
    near = {slot.span, *turn, *(each for each in own if _within(each, slot, WINDOW))}
    # The fullest window ends where some shift ends, or begins where some shift begins.
    ends = {end for _, end in near} | {begin + WINDOW for begin, _ in near}
    for end in ends:
        begin = end - WINDOW
        if begin < slot.ends_at and slot.starts_at < end:
            inside = (max(timedelta(), min(b, end) - max(a, begin)) for a, b in near)
            if sum(inside, timedelta()) > terms.most:
                return f"over {terms.most_percent} % of the hours of {WINDOW.days} days"
    return ""


def _near(member: Member, slot: Slot, book: Ledger) -> Iterator[Span]:
    """What could clash: on shift here or elsewhere, or beside somebody who is."""
    here = (book.spans.get(member.key, ()), book.shadowed.get(member.key, ()))
    for spans in (member.busy, *here):
        yield from (each for each in spans if _within(each, slot, book.terms.rest))


def _within(span: Span, slot: Slot, reach: timedelta) -> bool:
    return span[1] > slot.starts_at - reach and span[0] < slot.ends_at + reach


def _shares(one: Member, slot: Slot, served_by: Member) -> bool:
    """Who served it shares it, whatever the calendar says by now."""
    is_there = one.is_member(slot) and not one.is_away(slot) and not one.has_lapsed(slot)
    return is_there or one.key == served_by.key


def _grow(book: dict[str, int], key: str, by: int) -> None:
    book[key] = book.get(key, 0) + by
