"""What changed from one matrix to another, said as a review would: of activities, roles, letters.

An activity is the same while its key is, else while phase and name are; what went from one phase
and came to another under the same name was moved.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from incidents.rules.matrix_duties import Duty, RoleReview, Shift, by_role
from incidents.rules.matrix_pairing import follows, in_order, paired, reordered
from incidents.rules.matrix_wording import (
    Names,
    act_words,
    because,
    described,
    letters_in_words,
    minutes,
)
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation

__all__ = ["Change", "Diff", "Duty", "Kind", "LetterChange", "Names", "RoleReview", "compare"]

_Case: TypeAlias = tuple[str, str]  # a variation's kind and value
BLANK = "none"  # a cell without a letter


class Kind(StrEnum):
    """What became of an activity, a role or a variation."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    REORDERED = "reordered"
    DESCRIBED = "described"
    ACT = "act"
    WAIT = "wait"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed; `subject` is what it is called now, or was if it is gone."""

    kind: Kind
    subject: str
    sentence: str
    phase: str = ""


@dataclass(frozen=True, slots=True)
class LetterChange:
    """One cell that says something else. `case` is the variation it stands in, "" the base."""

    activity: str
    phase: str
    role: str
    was: str
    now: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that changed, and the same by role; letters of new or gone activities stand there."""

    activities: tuple[Change, ...] = ()
    roles: tuple[Change, ...] = ()
    variations: tuple[Change, ...] = ()
    letters: tuple[LetterChange, ...] = ()
    by_role: tuple[RoleReview, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether both say the same."""
        return not (self.activities or self.roles or self.variations or self.letters)


def compare(before: Grid, after: Grid, names: Names | None = None) -> Diff:
    """What the second says otherwise than the first; `names` says how people call roles and cases."""
    review = _Review(before, after, names or Names())
    return Diff(
        activities=tuple(review.activities()),
        roles=tuple(review.roles()),
        variations=tuple(review.variations()),
        letters=tuple(review.letters()),
        by_role=by_role(review.shifts(), review.every_role, review.names),
    )


class _Review:
    """Two matrices side by side, their activities paired once."""

    def __init__(self, before: Grid, after: Grid, names: Names) -> None:
        self.before, self.after, self.names = before, after, names
        self.pairs = paired(before.activities, after.activities)
        self.every_role = tuple(dict.fromkeys((*after.roles, *before.roles)))
        self.old_cases = _by_case(before.variations)
        self.new_cases = _by_case(after.variations)

    def activities(self) -> Iterator[Change]:
        moved = dict(reordered(self.before, self.pairs))
        for was, now in self.pairs:
            if was is None or now is None:
                yield from self._came_or_went(was, now)
                continue
            for kind, sentence in _rewritten(was, now):
                yield Change(kind, now.name, sentence, now.phase)
            if now.place in moved:
                sentence = moved[now.place]
                yield Change(Kind.REORDERED, now.name, sentence, now.phase)

    def _came_or_went(self, was: Activity | None, now: Activity | None) -> Iterator[Change]:
        if now is not None:
            sentence = f"New: {letters_in_words(now, self.after.roles, self.names)}."
            yield Change(Kind.ADDED, now.name, sentence, now.phase)
        elif was is not None:
            sentence = f"Gone; it said {letters_in_words(was, self.before.roles, self.names)}."
            yield Change(Kind.REMOVED, was.name, sentence, was.phase)

    def roles(self) -> Iterator[Change]:
        old, new = self.before, self.after
        for role in new.roles:
            name = self.names.role(role)
            if role not in old.roles:
                yield Change(Kind.ADDED, name, "A new column.")
            elif (text := new.descriptions.get(role, "")) != old.descriptions.get(role, ""):
                yield Change(Kind.DESCRIBED, name, described(text))
        for role in old.roles:
            if role not in new.roles:
                yield Change(Kind.REMOVED, self.names.role(role), "Its column is gone.")
        stay = [old.roles.index(role) for role in new.roles if role in old.roles]
        kept = in_order(stay)
        order = [self.names.role(role) for role in new.roles]
        for role in (old.roles[index] for index in stay if index not in kept):
            yield Change(
                Kind.REORDERED, self.names.role(role), follows(order, self.names.role(role))
            )

    def variations(self) -> Iterator[Change]:
        for case, each in self.new_cases.items():
            name = self.names.case(*case)
            if case not in self.old_cases:
                said = f"New: it differs from the base{because(each.note)}."
                yield Change(Kind.ADDED, name, said)
            elif each.note != self.old_cases[case].note:
                yield Change(Kind.DESCRIBED, name, described(each.note))
        for case in self.old_cases:
            if case not in self.new_cases:
                said = "Gone: the base holds in this case, too."
                yield Change(Kind.REMOVED, self.names.case(*case), said)

    def letters(self) -> Iterator[LetterChange]:
        """Of activities that both have; what a new or gone one says stands in its own sentence."""
        for was, now in self.pairs:
            if was is None or now is None:
                continue
            for role in self.every_role:
                old, new = was.letters.get(role), now.letters.get(role)
                if old is not new:
                    yield self._letter(now, role, _said(old), _said(new), "")
            yield from self._varied(was, now)

    def _varied(self, was: Activity, now: Activity) -> Iterator[LetterChange]:
        for case in dict.fromkeys((*self.new_cases, *self.old_cases)):
            old = _differing(self.old_cases.get(case), was.place)
            new = _differing(self.new_cases.get(case), now.place)
            for role in self.every_role:
                if (role in old, old.get(role)) != (role in new, new.get(role)):
                    texts = _in_case(was, old, role), _in_case(now, new, role)
                    yield self._letter(now, role, *texts, self.names.case(*case))

    def _letter(
        self, where: Activity, role: str, was: str, now: str, case: str
    ) -> LetterChange:
        return LetterChange(where.name, where.phase, self.names.role(role), was, now, case)

    def shifts(self) -> Iterator[Shift]:
        """Every letter somebody gets, loses or has instead of another; variations where they say so."""
        repeated = _repeated((*self.before.activities, *self.after.activities))
        for was, now in self.pairs:
            where = now or was
            if where is None:
                continue
            name = f"{where.name} ({where.phase})" if where.name in repeated else where.name
            for role in self.every_role:
                yield Shift(role, "", name, _base(was, role), _base(now, role))
            for case in dict.fromkeys((*self.new_cases, *self.old_cases)):
                yield from self._shifts_in(case, name, was, now)

    def _shifts_in(
        self, case: _Case, name: str, was: Activity | None, now: Activity | None
    ) -> Iterator[Shift]:
        old = _differing(self.old_cases.get(case), was.place) if was else {}
        new = _differing(self.new_cases.get(case), now.place) if now else {}
        for role in (each for each in self.every_role if each in old or each in new):
            if old.get(role, ...) == new.get(role, ...):
                continue  # not said anew: what changed beneath it stands with the base
            held, holds = (
                said.get(role, _base(activity, role))
                for said, activity in ((old, was), (new, now))
            )
            yield Shift(role, self.names.case(*case), name, held, holds)


def _rewritten(was: Activity, now: Activity) -> Iterator[tuple[Kind, str]]:
    """What is said otherwise of one activity, its letters aside."""
    if was.name != now.name:
        yield Kind.RENAMED, f"It was called “{was.name}”."
    if was.phase != now.phase:
        yield Kind.MOVED, f"From {was.phase} to {now.phase}."
    if was.description != now.description:
        yield Kind.DESCRIBED, described(now.description)
    if was.act != now.act:
        yield Kind.ACT, f"Governs {act_words(now.act)}; before: {act_words(was.act)}."
    if was.proceed_after != now.proceed_after:
        wait = (
            minutes(now.proceed_after, "for nobody"),
            minutes(was.proceed_after, "for nobody"),
        )
        yield Kind.WAIT, f"Those consulted are waited for: {wait[0]}; before: {wait[1]}."
    if was.within != now.within:
        target = minutes(now.within, "no target"), minutes(was.within, "no target")
        yield (
            Kind.TARGET,
            f"To be done from declaration on within: {target[0]}; before: {target[1]}.",
        )


def _by_case(variations: Iterable[Variation]) -> dict[_Case, Variation]:
    return {(str(each.kind), each.value): each for each in variations}


def _differing(variation: Variation | None, place: Place) -> Mapping[str, Letter | None]:
    return variation.letters.get(place, {}) if variation else {}


def _base(activity: Activity | None, role: str) -> Letter | None:
    return activity.letters.get(role) if activity else None


def _said(letter: Letter | None) -> str:
    return letter.value if letter else BLANK


def _in_case(activity: Activity, said: Mapping[str, Letter | None], role: str) -> str:
    if role in said:
        return _said(said[role])
    return f"as the base: {_said(activity.letters.get(role))}"


def _repeated(activities: Iterable[Activity]) -> set[str]:
    """The names that stand in several phases: there the phase is said, too."""
    phases: dict[str, set[str]] = {}
    for each in activities:
        phases.setdefault(each.name, set()).add(each.phase)
    return {name for name, some in phases.items() if len(some) > 1}
