"""What the first row of a sheet says: which of the two forms it has, and what stands where.

Beside phase, activity and letters a sheet may say more of each activity (`DETAILS`), and in which
`case` a row holds. A sheet without these columns is read as if all of it were left empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LONG = ("phase", "activity", "role", "raci")
DETAILS = ("act", "proceed_after", "within", "description", "key")
CASE = "case"
# Columns of our own exports that are neither a role nor a letter.
IGNORED = frozenset({"matrix_id", "basis"})


class Written(NamedTuple):
    """One cell as written: under which column, for which role."""

    column: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    """The columns: `places` of our own by name, and in the wide form the roles by place."""

    names: Sequence[str]
    places: Mapping[str, int]
    roles: Mapping[int, str]

    def text(self, row: Sequence[str], column: str) -> str:
        """The tidy text of this column; "" where the sheet has none."""
        return tidy(self.prose(row, column))

    def prose(self, row: Sequence[str], column: str) -> str:
        """The text of this column with its line breaks."""
        return _at(row, self.places.get(column, len(row)))

    def letters(self, row: Sequence[str]) -> list[Written]:
        """What the row says of each role: one in the long form, all of them in the wide."""
        if self.roles:
            return [Written(role, role, _at(row, place)) for place, role in self.roles.items()]
        return [Written("raci", self.text(row, "role"), _at(row, self.places["raci"]))]

    def stray(self, row: Sequence[str]) -> int:
        """The number of the first cell that stands under no heading, 0 for none."""
        return next(
            (i for i, cell in enumerate(row, 1) if tidy(cell) and not _at(self.names, i - 1)), 0
        )


def understand(first_row: Sequence[str]) -> Header | str:
    """The header; or, as a sentence, why these cells are none."""
    names = [tidy(cell) for cell in first_row]
    folded = [fold_heading(name) for name in names]
    ours = (*LONG, *DETAILS, CASE)
    twice = sorted(name for name in ours if folded.count(name) > 1)
    if twice:
        return f"The column {twice[0]} stands there twice: keep one."
    places = {name: folded.index(name) for name in ours if name in folded}
    if all(name in places for name in LONG):
        return Header(names, places, {})
    skipped = {"", *ours, *IGNORED}
    roles = {place: names[place] for place, name in enumerate(folded) if name not in skipped}
    if {"phase", "activity"} <= set(places) and roles and not {"role", "raci"} & set(places):
        return Header(names, places, roles)
    return (
        "No header recognised: the first row must be phase, activity, role, raci, "
        "or phase, activity and one column per role."
    )


def tidy(cell: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(cell.split())


def fold_heading(name: str) -> str:
    """A heading as it is compared: “Proceed after” is proceed_after."""
    return "_".join(name.casefold().split())


def _at(row: Sequence[str], index: int) -> str:
    """The text of a cell; rows may be shorter than the header."""
    return row[index].strip() if index < len(row) else ""
