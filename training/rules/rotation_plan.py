"""Drawing up the shifts of a rotation, turn by turn; the same from the same, whoever asks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from training.rules import rotation
from training.rules.rotation import Ledger, Member, Taken, Terms
from training.rules.rotation_hours import Slot, Span

REASON_LENGTH = 300
_NAMED = 4  # of those passed over so many are named, the rest are one number
_HOUR = 60 * 100  # hundredths of a minute
_NUMBERS = ("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def plan(
    slots: Iterable[Slot],
    members: Sequence[Member],
    learners: Sequence[Member],
    taken: Iterable[Taken],
    terms: Terms,
) -> list[Taken]:
    """Who serves each of these slots, beside what is `taken`; one answer a slot, in time's order.

    Of one run a band is served by one person, as far as somebody can serve it whole; else it is
    split. Where nobody can serve a shift it is a gap, and says why of everybody. `learners` take
    turns beside who serves.
    """
    book = rotation.ledger(members, terms, taken)
    drawn: list[Taken] = []
    for turn in _turns(slots):
        for one in _serve(turn, members, learners, book):
            book.add(one)
            drawn.append(one)
    return sorted(drawn, key=lambda each: (each.slot.starts_at, each.slot.band))


@dataclass(frozen=True, slots=True)
class Ranked:
    """One member asked about some shifts: why they cannot serve the first, or which later one.

    `is_barred`: no leave to pass over anything helps with the first, they are not qualified, away
    or on another shift then.
    """

    member: Member
    why: str
    later: str
    is_barred: bool


def ranked(slots: Sequence[Slot], members: Iterable[Member], book: Ledger) -> list[Ranked]:
    """All members, whom to ask first in front: who can serve all, then the first, then the rest."""
    everybody, first = list(members), slots[0]
    any_hour = rotation.is_everybodys_night(everybody, first)
    found = []
    for each in everybody:
        at, why = _first_against(each, slots, book, any_hour=any_hour)
        is_barred = bool(
            rotation.unfitness(each, first, book.terms) or rotation.at_once(each, first, book)
        )
        later = f"{at.on:%a %-d %b}: {why}" if why and at != first else ""
        found.append(Ranked(each, "" if later else why, later, is_barred))
    return sorted(
        found, key=lambda one: (bool(one.why), bool(one.later), book.turn(one.member.key))
    )


def too_few(members: int, terms: Terms) -> str:
    """What is missing where so many members cannot hold to the bound; "" where they can."""
    if members >= terms.needed:
        return ""
    needed = terms.needed
    how_many = _NUMBERS[needed] if needed < len(_NUMBERS) else f"{needed}"
    missing = needed - members
    return (
        f"{how_many} people are needed for {terms.most_percent} %: qualify {missing} more, "
        "or let one person serve more."
    )


def _turns(slots: Iterable[Slot]) -> list[list[Slot]]:
    """The shifts of one run in one band, the first to begin in front."""
    order = sorted(slots, key=lambda each: (each.run, each.band, each.starts_at))
    turns = [list(some) for _, some in groupby(order, key=lambda each: (each.run, each.band))]
    return sorted(turns, key=lambda some: (some[0].starts_at, some[0].band))


def _serve(
    turn: Sequence[Slot], members: Sequence[Member], learners: Sequence[Member], book: Ledger
) -> Iterator[Taken]:
    """Answers one turn; whatever is yielded is in the books before the next is asked for."""
    left = list(turn)
    while left:
        there = [each for each in members if each.is_member(left[0])]
        any_hour = rotation.is_everybodys_night(there, left[0])
        able = {each.key: _stretch(each, left, book, any_hour=any_hour) for each in there}
        longest = max(able.values(), default=0)
        if not longest:
            yield Taken(left[0], "", reason=_nobody(left[0], there, book, any_hour=any_hour))
            left = left[1:]
            continue
        stretch, left = left[:longest], left[longest:]
        ready = [each for each in there if able[each.key] == longest]
        chosen = min(ready, key=lambda each: book.turn(each.key))
        shadow = _shadow(stretch, learners, chosen, book, any_hour=any_hour)
        reason = _why(chosen, there, [*stretch, *left], book, any_hour=any_hour)
        yield from [Taken(slot, chosen.key, shadow, reason) for slot in stretch]


def _stretch(
    member: Member,
    slots: Sequence[Slot],
    book: Ledger,
    *,
    any_hour: bool,
    is_beside: bool = False,
) -> int:
    """How many of these, from the first on, the member could serve in one turn."""
    spans: list[Span] = []
    for slot in slots:
        if rotation.hindrance(
            member, slot, book, turn=spans, any_hour=any_hour, any_share=is_beside
        ):
            break
        spans.append(slot.span)
    return len(spans)


def _shadow(
    stretch: Sequence[Slot],
    learners: Iterable[Member],
    chosen: Member,
    book: Ledger,
    *,
    any_hour: bool,
) -> str:
    """Who learns beside it, whole or not at all: who has stood beside least; "" for nobody."""
    ready = [
        each
        for each in learners
        if each.key != chosen.key
        and _stretch(each, stretch, book, any_hour=any_hour, is_beside=True) == len(stretch)
    ]

    def first(each: Member) -> tuple[float, float, str]:
        beside = book.shadowed.get(each.key, [])
        hours = sum((end - begin).total_seconds() for begin, end in beside)
        return hours, max((end.timestamp() for _, end in beside), default=0.0), each.key

    return min(ready, key=first).key if ready else ""


def _why(
    chosen: Member,
    there: Sequence[Member],
    left: Sequence[Slot],
    book: Ledger,
    *,
    any_hour: bool,
) -> str:
    """Why this person: how much they are owed, and who was owed more but cannot."""
    hours = book.balance(chosen.key).owed / _HOUR
    said = f"Owed {hours:.0f} h" if hours >= 0.5 else "Next in turn"
    before = sorted(
        (each for each in there if book.turn(each.key) < book.turn(chosen.key)),
        key=lambda each: book.turn(each.key),
    )
    passed = [(each, _first_hindrance(each, left, book, any_hour=any_hour)) for each in before]
    return _fitted(f"{said}; passed over: {_named(passed)}" if passed else f"{said}.")


def _first_hindrance(
    member: Member, slots: Sequence[Slot], book: Ledger, *, any_hour: bool
) -> str:
    _, why = _first_against(member, slots, book, any_hour=any_hour)
    return why or "could serve less of the run"


def _first_against(
    member: Member, slots: Sequence[Slot], book: Ledger, *, any_hour: bool
) -> tuple[Slot, str]:
    """The first of these that the member cannot serve in one turn, and why; "" for none."""
    spans: list[Span] = []
    for slot in slots:
        if why := rotation.hindrance(member, slot, book, turn=spans, any_hour=any_hour):
            return slot, why
        spans.append(slot.span)
    return slots[-1], ""


def _nobody(slot: Slot, there: Sequence[Member], book: Ledger, *, any_hour: bool) -> str:
    if not there:
        return "Nobody is a member then: let somebody join the rotation."
    few = too_few(len(there), book.terms)
    why = [
        (each, rotation.hindrance(each, slot, book, any_hour=any_hour))
        for each in sorted(there, key=lambda each: book.turn(each.key))
    ]
    return _fitted(" ".join(filter(None, (few, f"Nobody can serve it: {_named(why)}"))))


def _named(passed: Sequence[tuple[Member, str]]) -> str:
    said = [f"{each.name or each.key} ({why})" for each, why in passed[:_NAMED]]
    rest = len(passed) - len(said)
    return ", ".join([*said, *([f"{rest} more"] if rest else [])]) + "."


def _fitted(text: str) -> str:
    return text if len(text) <= REASON_LENGTH else f"{text[: REASON_LENGTH - 1]}…"
