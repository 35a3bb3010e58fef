"""The coverage map: for which scenario, level and audience words are ready, and where none are.

A cell is one scenario at one level for one audience. Words of its own come before words for any
level, those before words for any scenario: the order in which they are offered under pressure.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# What expires within so many days is shown before it is a hole.
SOON = timedelta(days=30)
ANY = ""

Asked = Collection[tuple[str, str]]  # (level, audience): the law asks for an update


class State(StrEnum):
    """How a cell stands."""

    COVERED = "covered"
    GENERAL = "general"
    EXPIRING = "expiring"
    REVIEW = "review"
    APPROVER_LEFT = "approver_left"
    DRAFT = "draft"
    EXPIRED = "expired"
    HOLE = "hole"
    NOT_ASKED = "not_asked"


# In these somebody may speak today.
COVERED_STATES = (State.COVERED, State.GENERAL, State.EXPIRING, State.REVIEW)
# In these nobody is at work yet: work is to be created.
OPEN_STATES = (State.HOLE, State.EXPIRED, State.APPROVER_LEFT)


@dataclass(frozen=True, slots=True)
class Words:
    """One statement as the map sees it; `scenario` None and `severity` "" are any."""

    key: int
    title: str
    scenario: int | None
    severity: str
    audience: str
    is_approved: bool
    has_approver: bool = True  # who approved it is still here
    effective_from: date | None = None
    review_on: date | None = None
    expires_on: date | None = None

    def is_in_effect(self, on: date) -> bool:
        """Approved, and its first day has come; it may have expired since."""
        return self.is_approved and (self.effective_from is None or self.effective_from <= on)

    def is_expired(self, on: date) -> bool:
        """Its last day is over."""
        return self.expires_on is not None and self.expires_on <= on


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, with the words that decide it and why it stands so."""

    scenario: int | None
    severity: str
    audience: str
    state: State
    why: str
    words: Words | None = None
    is_asked: bool = False

    @property
    def is_covered(self) -> bool:
        """Whether somebody may speak today."""
        return self.state in COVERED_STATES

    @property
    def wants_work(self) -> bool:
        """Whether the law asks for words that nobody is writing."""
        return self.is_asked and self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the cells the law asks for: how many there are, and how many are covered."""

    asked: int
    covered: int


def cover(
    words: Iterable[Words],
    *,
    scenarios: Sequence[int | None],
    levels: Sequence[str],
    audiences: Sequence[str],
    asked: Asked,
    on: date,
) -> Iterator[Cell]:
    """Every cell of scenarios, audiences and levels, in this order, as it stands on this day."""
    by_place: dict[tuple[int | None, str, str], list[Words]] = {}
    for each in sorted(words, key=_lasts, reverse=True):  # of two alike the one that lasts
        by_place.setdefault((each.scenario, each.severity, each.audience), []).append(each)
    for scenario in scenarios:
        for audience in audiences:
            for level in levels:
                near = _near(by_place, scenario, level, audience)
                # Words for any trouble are asked for nowhere: they are what stands in.
                is_asked = scenario is not None and (level, audience) in asked
                yield _cell((scenario, level, audience), near, is_asked=is_asked, on=on)


def totals(cells: Iterable[Cell]) -> Totals:
    """How much of what is asked for is covered."""
    asked = [cell for cell in cells if cell.is_asked]
    return Totals(len(asked), sum(cell.is_covered for cell in asked))


def _lasts(words: Words) -> date:
    return words.expires_on or date.max


def _near(
    by_place: Mapping[tuple[int | None, str, str], list[Words]],
    scenario: int | None,
    level: str,
    audience: str,
) -> list[Words]:
    """What could be said here, the closest first."""
    places = ((scenario, level), (scenario, ANY), (None, level), (None, ANY))
    return [
        each for place in dict.fromkeys(places) for each in by_place.get((*place, audience), ())
    ]


def _cell(
    place: tuple[int | None, str, str], near: Sequence[Words], *, is_asked: bool, on: date
) -> Cell:
    if usable := [one for one in near if one.is_in_effect(on) and not one.is_expired(on)]:
        sound = next((one for one in usable if one.has_approver), None)
        found = _usable(sound, place, on) if sound else _left(usable[0])
    else:
        # Where nothing is asked for, only what was meant for exactly this place is told of.
        told = near if is_asked else [one for one in near if _is_own(one, place)]
        found = _unusable(told, on) or _nothing(is_asked=is_asked)
    state, why, words = found
    return Cell(*place, state, why, words, is_asked)


_Found = tuple[State, str, Words | None]


def _usable(words: Words, place: tuple[int | None, str, str], on: date) -> _Found:
    if words.expires_on and words.expires_on <= on + SOON:
        return State.EXPIRING, f"Expires on {_day(words.expires_on)}.", words
    if words.review_on and words.review_on <= on:
        return State.REVIEW, f"Its review was due on {_day(words.review_on)}.", words
    if _is_own(words, place):
        return State.COVERED, "Words of its own.", words
    return State.GENERAL, f"Covered by words for {_reach(words, place)}.", words


def _left(words: Words) -> _Found:
    return State.APPROVER_LEFT, "Who approved these words has left: approve them anew.", words


def _unusable(near: Sequence[Words], on: date) -> _Found | None:
    for words in near:
        if words.is_approved and not words.is_in_effect(on) and words.effective_from:
            return State.DRAFT, f"In effect from {_day(words.effective_from)}.", words
        if not words.is_approved:
            return State.DRAFT, "A draft that nobody has approved yet.", words
    for words in near:
        if words.expires_on:
            return State.EXPIRED, f"Expired on {_day(words.expires_on)}.", words
    return None


def _nothing(*, is_asked: bool) -> _Found:
    if is_asked:
        return State.HOLE, "No words, though the law asks for an update.", None
    return State.NOT_ASKED, "No words, and the law asks for none.", None


def _is_own(words: Words, place: tuple[int | None, str, str]) -> bool:
    return (words.scenario, words.severity, words.audience) == place


def _reach(words: Words, place: tuple[int | None, str, str]) -> str:
    scenario, level, _ = place
    parts = [
        "any scenario" if words.scenario != scenario else "",
        "any level" if words.severity != level else "",
    ]
    return " and ".join(part for part in parts if part)


def _day(on: date) -> str:
    return f"{on:%-d %B %Y}"
