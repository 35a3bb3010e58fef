"""Writes a matrix as the rows of a spreadsheet, long or wide, so that nothing of it is lost.

`matrix_rows` reads back the same grid. Columns that would be empty throughout are left out.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from incidents.rules.matrix_document import TAKEN_AWAY
from incidents.rules.matrix_header import CASE, DETAILS, LONG
from incidents.rules.matrix_rows import ROLE_CASE
from incidents.rules.raci import Activity, Grid, Letter, Place, Variation

Form = Literal["long", "wide"]
Row = Mapping[str, str]  # cells by heading; in the wide form a role is a heading as well


def as_rows(grid: Grid, form: Form = "long") -> list[list[str]]:
    """The matrix as a spreadsheet holds it, header first."""
    written = list(_wide(grid) if form == "wide" else _long(grid))
    used = {heading for row in written for heading, text in row.items() if text}
    optional = [name for name in (CASE, *DETAILS) if name in used]
    if form == "wide":
        # The case stands before the letters: who reads a row must see that it is no row of the base.
        first = ["phase", "activity", *optional[: CASE in optional]]
        header = [*first, *grid.roles, *optional[CASE in optional :]]
    else:
        header = [*LONG, *optional]
    return [header, *([row.get(heading, "") for heading in header] for row in written)]


def _wide(grid: Grid) -> Iterator[Row]:
    for each in grid.activities:
        yield _place(each.place) | _letters(each.letters) | _details(each)
    if grid.descriptions:
        yield {CASE: ROLE_CASE, **grid.descriptions}
    for variation in grid.variations:
        yield from _introduction(variation)
        for place, letters in variation.letters.items():
            yield _place(place) | {CASE: variation.label} | _letters(letters)


def _long(grid: Grid) -> Iterator[Row]:
    for number, each in enumerate(grid.activities):
        # The first names every role, with a letter or without: so their order is kept, and those
        # without any letter. Another without letters is kept by one row that names a role.
        named = grid.roles if number == 0 else [r for r in grid.roles if r in each.letters]
        letters = {role: each.letters.get(role, "") for role in named or grid.roles[:1]}
        for index, row in enumerate(_lines(letters)):
            yield _place(each.place) | row | ({} if index else _details(each))
    for role, said in grid.descriptions.items():
        yield {CASE: ROLE_CASE, "role": role, "description": said}
    for variation in grid.variations:
        yield from _introduction(variation)
        for place, differing in variation.letters.items():
            for row in _lines(_letters(differing)):
                yield _place(place) | {CASE: variation.label} | row


def _introduction(variation: Variation) -> Iterator[Row]:
    """A row without a place says why a case differs, and keeps one that does not."""
    if variation.note or not variation.letters:
        yield {CASE: variation.label, "description": variation.note}


def _place(place: Place) -> dict[str, str]:
    return {"phase": place[0], "activity": place[1]}


def _letters(letters: Mapping[str, Letter | None]) -> dict[str, str]:
    return {role: str(letter or TAKEN_AWAY) for role, letter in letters.items()}


def _lines(letters: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for role, letter in letters.items():
        yield {"role": role, "raci": str(letter)}


def _details(activity: Activity) -> dict[str, str]:
    said = {
        "act": activity.act,
        "proceed_after": activity.proceed_after,
        "within": activity.within,
        "description": activity.description,
        "key": activity.key,
    }
    return {name: "" if value is None else str(value) for name, value in said.items()}
