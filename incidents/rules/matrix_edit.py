"""A matrix as it is edited: rows in the order they are shown, each found by a key that stays.

What is edited is a draft; whether the result is sound is asked by the checks, not here. A change
is refused only where it cannot be carried out.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from incidents.rules.matrix_document import MAX_NAME, MAX_TEXT
from incidents.rules.matrix_names import PHASES
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation
from incidents.rules.reasons import Invalid, Refused

BLANKS = ("", "-", "\N{EN DASH}", "\N{EM DASH}")  # how people write an empty cell
KEY_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a draft may name: roles by slug, those in use, cases by label; each with its name."""

    roles: Mapping[str, str]
    usable: Collection[str] = ()
    cases: Mapping[str, str] = field(default_factory=dict)

    def called(self, role: str) -> str:
        """The role as people name it."""
        return self.roles.get(role, role)


LETTER, GONE = "letter", "gone"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where two grids differ: a letter, a word of an activity, role or variation, or all of it.

    `what` is LETTER, GONE or the name of the word; `before` and `after` are what stood there.
    """

    what: str
    activity: str = ""
    role: str = ""
    variation: str = ""
    before: str = ""
    after: str = ""

    def is_of(self, activity: str, role: str, variation: str) -> bool:
        """Whether what it names is part of this cell's place."""
        names = ((self.activity, activity), (self.role, role), (self.variation, variation))
        return all(mine in ("", theirs) for mine, theirs in names)


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `do` names it in plain data."""

    do: ClassVar[str] = ""

    def on(self, grid: Grid, known: Vocabulary) -> Grid:
        """The grid after it; refuses where it cannot be carried out."""
        raise NotImplementedError

    def summary(self, grid: Grid, known: Vocabulary) -> str:
        """In a few words, given the grid before it."""
        raise NotImplementedError

    def touches(self, spot: Spot) -> bool:
        """Whether somebody who changed this spot meanwhile must be heard first."""
        raise NotImplementedError

    def cells(self, grid: Grid, known: Vocabulary) -> tuple["Change", ...]:
        """The same as smaller changes, so that two editors meet only where they touch."""
        return (self,)


def prepared(grid: Grid) -> Grid:
    """The grid as it is shown: phase after phase, every activity with a key."""
    order = {phase: place for place, phase in enumerate(PHASES)}
    rows = sorted(grid.activities, key=lambda each: order.get(each.phase, len(order)))
    return replace(grid, activities=_keyed(rows))


def _keyed(rows: list[Activity]) -> tuple[Activity, ...]:
    taken = {each.key for each in rows}
    found = []
    for each in rows:
        key = each.key or _free_key(each.place, taken)
        taken.add(key)
        found.append(each if each.key else replace(each, key=key))
    return tuple(found)


def _free_key(place: Place, taken: Collection[str]) -> str:
    """Follows from the place: the same row gets the same key however often it is asked for."""
    attempt = 0
    while True:
        said = "\x1f".join((*place, str(attempt) * bool(attempt)))
        key = hashlib.sha256(said.encode()).hexdigest()[:KEY_LENGTH]
        if key not in taken:
            return key
        attempt += 1


def find_activity(grid: Grid, key: str) -> Activity:
    """The activity of this key; refuses `activity_is_gone`."""
    found = next((each for each in grid.activities if each.key == key), None)
    if found is None:
        raise Refused.because(
            "activity_is_gone", "This activity is not in the draft any more: it was removed."
        )
    return found


def find_variation(grid: Grid, label: str) -> Variation:
    """The variation of this label, such as “severity sev1”; refuses `variation_is_gone`."""
    found = next((each for each in grid.variations if each.label == label), None)
    if found is None:
        raise Refused.because(
            "variation_is_gone", f"The draft has no variation for {label}: it was removed."
        )
    return found


def need_role(grid: Grid, role: str) -> str:
    """The slug, if it has a column; refuses `role_is_gone`."""
    if role not in grid.roles:
        raise Refused.because(
            "role_is_gone", f"{role} has no column in the draft: add it first."
        )
    return role


def letter(text: str) -> Letter | None:
    """The letter somebody typed, None for a blank; refuses `unknown_letter`."""
    return None if text.strip() in BLANKS else Letter.parse(text)


def name(text: str) -> str:
    """A name on one line; refuses `bad_name`."""
    said = " ".join(text.split())
    if not said or len(said) > MAX_NAME or not _can_be_kept(said):
        raise Invalid.because("bad_name", f"Write 1 to {MAX_NAME} characters.", "name")
    return said


def words(text: str, what: str = "description") -> str:
    """A description or note; refuses `bad_text`."""
    said = text.strip()
    if len(said) > MAX_TEXT or not _can_be_kept(said):
        raise Invalid.because("bad_text", f"Write at most {MAX_TEXT:,} characters.", what)
    return said


def _can_be_kept(text: str) -> bool:
    """PostgreSQL keeps no NUL, and nothing keeps half a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def put(grid: Grid, activity: Activity, role: str, given: Letter | None) -> Grid:
    """The base with this letter in this cell; None empties it."""
    letters: dict[str, Letter | None] = {**activity.letters, role: given}
    held = {each: one for each in grid.roles if (one := letters.get(each))}
    return swap(grid, activity, replace(activity, letters=held))


def vary(grid: Grid, variation: Variation, place: Place, role: str, text: str) -> Grid:
    """The variation with this cell as written: "" as the base, “-” no letter, or a letter.

    What says no more than the base is left out, unless a weaker variation says otherwise.
    """
    held: dict[str, Letter | None] = dict(variation.letters.get(place, {}))
    given = letter(text)
    if not text.strip() or (
        given == _base(grid, place, role) and not _weaker(grid, variation, place, role)
    ):
        held.pop(role, None)
    else:
        held[role] = given
    letters = {**variation.letters, place: held}
    rows = {each: what for each, what in letters.items() if what}
    return swap_variation(grid, variation, replace(variation, letters=rows))


def _base(grid: Grid, place: Place, role: str) -> Letter | None:
    found = grid.find(*place)
    return found.letters.get(role) if found else None


def _weaker(grid: Grid, variation: Variation, place: Place, role: str) -> bool:
    kinds = list(type(variation.kind))
    return any(
        role in each.letters.get(place, {})
        for each in grid.variations
        if kinds.index(each.kind) < kinds.index(variation.kind)
    )


def swap(grid: Grid, old: Activity, new: Activity) -> Grid:
    """One activity for another; the variations follow its new name and phase."""
    rows = tuple(new if each is old else each for each in grid.activities)
    if new.place == old.place:
        return replace(grid, activities=rows)
    variations = tuple(
        replace(
            each,
            letters={
                new.place if place == old.place else place: held
                for place, held in each.letters.items()
            },
        )
        for each in grid.variations
    )
    return replace(grid, activities=rows, variations=variations)


def swap_variation(grid: Grid, old: Variation, new: Variation) -> Grid:
    """One variation for another."""
    return replace(
        grid, variations=tuple(new if each is old else each for each in grid.variations)
    )


def moved(items: tuple[str, ...], item: str, by: int) -> tuple[str, ...]:
    """The items with one of them so many places further; it stops at either end."""
    rest = [each for each in items if each != item]
    place = min(max(items.index(item) + by, 0), len(rest))
    return (*rest[:place], item, *rest[place:])
