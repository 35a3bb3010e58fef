"""Changes read from plain data, carried out one after another, and merged with another's.

Two people who edit one draft meet only where both touched the same thing: there a person chooses.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any

from incidents.rules import matrix_activities, matrix_cells, matrix_columns
from incidents.rules.matrix_cells import Rows, SetCell
from incidents.rules.matrix_columns import DESCRIPTION, NOTE
from incidents.rules.matrix_document import TAKEN_AWAY
from incidents.rules.matrix_edit import GONE, LETTER, Change, Spot, Vocabulary
from incidents.rules.raci import Activity, Grid
from incidents.rules.reasons import Invalid

MAX_CHANGES = 5_000
MAX_SUMMARY = 200
WORDS = ("name", "description", "phase", "act", "proceed_after", "within")
KINDS: Mapping[str, type[Change]] = {
    kind.do: kind
    for kind in (
        SetCell,
        matrix_cells.Paste,
        matrix_activities.AddActivity,
        matrix_activities.ChangeActivity,
        matrix_activities.MoveActivity,
        matrix_activities.RemoveActivity,
        matrix_columns.AddRole,
        matrix_columns.DescribeRole,
        matrix_columns.MoveRole,
        matrix_columns.RemoveRole,
        matrix_columns.AddVariation,
        matrix_columns.DescribeVariation,
        matrix_columns.RemoveVariation,
    )
}


def read_changes(data: object) -> tuple[Change, ...]:
    """The changes somebody sent; refuses `bad_change`, `nothing_to_change`, `too_many_changes`."""
    if not isinstance(data, list) or not data:
        raise Invalid.because("nothing_to_change", "Send a list of changes.", "changes")
    if len(data) > MAX_CHANGES:
        message = f"Send at most {MAX_CHANGES:,} changes at once."
        raise Invalid.because("too_many_changes", message, "changes")
    return tuple(_change(each, f"changes[{place}]") for place, each in enumerate(data))


def _change(said: object, path: str) -> Change:
    do = said.get("do") if isinstance(said, Mapping) else None
    if not isinstance(said, Mapping) or not isinstance(do, str) or do not in KINDS:
        message = f"{path}: say what to `do`: one of {', '.join(KINDS)}."
        raise Invalid.because("bad_change", message, path)
    given = {name: value for name, value in said.items() if name != "do"}
    known = {each.name: each for each in fields(KINDS[do])}
    needed = {
        name
        for name, each in known.items()
        if each.default is MISSING and each.default_factory is MISSING
    }
    if not needed <= set(given) <= set(known):
        message = f"{path}: “{do}” takes {', '.join(known)}."
        raise Invalid.because("bad_change", message, path)
    return KINDS[do](
        **{name: _value(known[name].type, value, path) for name, value in given.items()}
    )


def _value(kind: Any, value: object, path: str) -> object:
    fits: dict[Any, Callable[[object], bool]] = {
        str: lambda it: isinstance(it, str),
        int: lambda it: isinstance(it, int) and not isinstance(it, bool),
        Rows: _is_block,
        Mapping[str, Any]: lambda it: isinstance(it, dict) and set(it) <= set(WORDS),
    }
    if not fits[kind](value):
        message = f"{path}: {str(value)[:40]!r} cannot be used here."
        raise Invalid.because("bad_change", message, path)
    return tuple(tuple(row) for row in value) if isinstance(value, list) else value


def _is_block(value: object) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(row, list | tuple) and all(isinstance(cell, str) for cell in row)
        for row in value
    )


def written(change: Change) -> dict[str, Any]:
    """The change as plain data; `read_changes` reads it back the same."""
    return {"do": change.do, **asdict(change)}


@dataclass(frozen=True, slots=True)
class Applied:
    """The grid after some changes, and what they were in a few words."""

    grid: Grid
    summary: str


def apply(grid: Grid, changes: Iterable[Change], known: Vocabulary) -> Applied:
    """Carry them out in order, all or none; refuses what the first that cannot be refuses."""
    cells: list[str] = []
    others: list[str] = []
    for change in changes:
        said = cells if isinstance(change, SetCell) else others
        said.append(change.summary(grid, known))
        grid = change.on(grid, known)
    return Applied(grid, _summary(cells, others))


def _summary(cells: list[str], others: list[str]) -> str:
    counted = [f"{len(cells)} cells"] if len(cells) > 1 else cells
    text = ", ".join([*counted, *others])
    return text if len(text) <= MAX_SUMMARY else f"{text[: MAX_SUMMARY - 1]}…"


@dataclass(frozen=True, slots=True)
class Clash:
    """One of my changes that touches what somebody else changed meanwhile."""

    change: Change
    spot: Spot


def merge(
    before: Grid, after: Grid, mine: Sequence[Change], known: Vocabulary
) -> tuple[tuple[Change, ...], tuple[Clash, ...]]:
    """My changes, made on `before`, that may be made on `after`; and those a person must decide."""
    theirs = tuple(differences(before, after))
    free: list[Change] = []
    clashes: list[Clash] = []
    for change in (small for each in mine for small in each.cells(before, known)):
        spot = next((each for each in theirs if change.touches(each)), None)
        if spot is None:
            free.append(change)
        else:
            clashes.append(Clash(change, spot))
    return tuple(free), tuple(clashes)


def differences(before: Grid, after: Grid) -> Iterator[Spot]:
    """Every spot in which two grids differ, the order of rows and columns left out."""
    rows = {each.key: each for each in after.activities}
    for old in before.activities:
        new = rows.get(old.key)
        if new is None:
            yield Spot(GONE, activity=old.key, before=old.name)
        else:
            yield from _words(old, new)
    yield from _roles(before, after)
    labels = {each.label: each for each in after.variations}
    for each in before.variations:
        if each.label not in labels:
            yield Spot(GONE, variation=each.label, before=each.label)
        elif each.note != (note := labels[each.label].note):
            yield Spot(NOTE, variation=each.label, before=each.note, after=note)
    old_letters, new_letters = dict(_letters(before)), dict(_letters(after))
    for cell in {**old_letters, **new_letters}:
        was, now = old_letters.get(cell, ""), new_letters.get(cell, "")
        if was != now:
            yield Spot(LETTER, *cell, before=was, after=now)


def _words(old: Activity, new: Activity) -> Iterator[Spot]:
    for word in WORDS:
        was, now = getattr(old, word), getattr(new, word)
        if was != now:
            yield Spot(word, activity=old.key, before=_said(was), after=_said(now))


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _roles(before: Grid, after: Grid) -> Iterator[Spot]:
    for role in before.roles:
        was, now = before.descriptions.get(role, ""), after.descriptions.get(role, "")
        if role not in after.roles:
            yield Spot(GONE, role=role, before=role)
        elif was != now:
            yield Spot(DESCRIPTION, role=role, before=was, after=now)


def _letters(grid: Grid) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Every letter by key of the activity, role and label of the variation."""
    keys = {each.place: each.key for each in grid.activities}
    for each in grid.activities:
        for role, letter in each.letters.items():
            yield (each.key, role, ""), str(letter)
    for variation in grid.variations:
        for place, held in variation.letters.items():
            for role, given in held.items():
                yield (keys[place], role, variation.label), str(given or TAKEN_AWAY)
