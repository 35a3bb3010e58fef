"""Reads a matrix from the rows of a spreadsheet, long or wide, in whatever names it speaks.

Every problem is collected with its row, so that a person corrects a file once, not ten times.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from incidents.rules.raci import Activity, Grid, Letter
from incidents.rules.reasons import Invalid

LONG = ("phase", "activity", "role", "raci")
# Columns of our own exports that are neither a role nor a letter.
IGNORED = frozenset({"matrix_id", "basis"})
# A file that is wrong throughout would otherwise fill the memory and the screen.
MAX_ERRORS = 500


@dataclass(frozen=True, slots=True)
class RowError:
    """A problem in one row (header = 1, 0 = no row in particular) and column ("" = the row)."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        """The problem with its place in front, as a person reads it."""
        places = [
            f"row {self.row}" if self.row else "",
            self.column and f"column {self.column}",
        ]
        place = ", ".join(filter(None, places))
        return f"{place[0].upper()}{place[1:]}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a spreadsheet says, in its own names; use the grid only when there are no errors."""

    grid: Grid
    errors: tuple[RowError, ...] = ()
    # (phase, activity) -> the row where it first stands
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def phases(self) -> tuple[str, ...]:
        """The foreign phases in order of appearance."""
        return self.grid.phases

    @property
    def roles(self) -> tuple[str, ...]:
        """The foreign roles in order of appearance."""
        return self.grid.roles


class _Written(NamedTuple):
    """One cell as written: under which column, for which role."""

    column: str
    role: str
    text: str


# The letters, still text, that one row gives.
_Form = Callable[[Sequence[str]], list[_Written]]


def _long(role: int, raci: int) -> _Form:
    """A row per letter: `phase,activity,role,raci`."""
    return lambda row: [_Written("raci", _at(row, role), _at(row, raci))]


def _wide(roles: Mapping[int, str]) -> _Form:
    """A row per activity, a column per role."""
    return lambda row: [_Written(role, role, _at(row, index)) for index, role in roles.items()]


class _Reading:
    """Gathers letters and problems while the rows pass."""

    def __init__(self, header: Sequence[str]) -> None:
        self.header = [_tidy(cell) for cell in header]
        self.letters: dict[tuple[str, str], dict[str, Letter]] = {}
        self.rows: dict[tuple[str, str], int] = {}
        self.roles: dict[str, None] = {}
        self.errors: list[RowError] = []

    def complain(self, row: int, column: str, message: str) -> None:
        self.errors.append(RowError(row, column, message))

    def sheet(self) -> Sheet:
        activities = (Activity(*place, letters) for place, letters in self.letters.items())
        errors = tuple(self.errors[:MAX_ERRORS])
        return Sheet(Grid(tuple(activities), tuple(self.roles)), errors, self.rows)

    def take(self, number: int, row: Sequence[str], form: _Form) -> None:
        """Reads one row below the header."""
        if not any(_tidy(cell) for cell in row):
            return
        if self._is_shifted(number, row):
            return
        place = (self._needed(number, row, "phase"), self._needed(number, row, "activity"))
        letters: dict[str, Letter] = {}
        if all(place):
            self.rows.setdefault(place, number)
            letters = self.letters.setdefault(place, letters)
        for written in form(row):
            self._put(number, written, letters)

    def _put(self, number: int, written: _Written, letters: dict[str, Letter]) -> None:
        if not written.role:
            self.complain(number, "role", "The role is missing: name it, or delete the row.")
            return
        self.roles.setdefault(written.role)
        if not written.text:
            return
        try:
            letter = Letter.parse(written.text)
        except Invalid as refusal:
            self.complain(number, written.column, str(refusal))
            return
        if (earlier := letters.setdefault(written.role, letter)) is not letter:
            self.complain(
                number,
                written.column,
                f"{written.role} has {letter} here and {earlier} before for the same activity: "
                "keep one.",
            )

    def _needed(self, number: int, row: Sequence[str], column: str) -> str:
        text = _at(row, _folded(self.header).index(column))
        if not text:
            self.complain(number, column, f"The {column} is missing: write it in every row.")
        return text

    def _is_shifted(self, number: int, row: Sequence[str]) -> bool:
        # Usually a comma in a name that was not quoted; reading on would only add noise.
        stray = next(
            (i for i, cell in enumerate(row, 1) if _tidy(cell) and not _at(self.header, i - 1)),
            0,
        )
        if stray:
            self.complain(
                number,
                "",
                f"Cell {stray} stands under no heading: name the column, or put a name that "
                "contains the separator in quotes.",
            )
        return bool(stray)


def read(rows: Sequence[Sequence[str]]) -> Sheet:
    """The matrix these rows hold, with every problem found; the first row is the header."""
    if not any(_tidy(cell) for row in rows for cell in row):
        return _refused(
            "The sheet is empty: give a header row and one row per letter or activity."
        )
    reading = _Reading(rows[0])
    form = _form(reading.header)
    if isinstance(form, str):
        return _refused(form)
    for number, row in enumerate(rows[1:], start=2):
        reading.take(number, row, form)
        if len(reading.errors) >= MAX_ERRORS:
            break
    if not reading.letters and not reading.errors:
        reading.complain(1, "", "There are no activities below the header: add them.")
    return reading.sheet()


def _form(header: Sequence[str]) -> _Form | str:
    """How this header says the rows are written, or why it cannot be told."""
    names = _folded(header)
    twice = sorted(name for name in LONG if names.count(name) > 1)
    if twice:
        return f"The column {twice[0]} stands there twice: keep one."
    if all(name in names for name in LONG):
        return _long(names.index("role"), names.index("raci"))
    skipped = {"", "phase", "activity", *IGNORED}
    roles = {index: header[index] for index, name in enumerate(names) if name not in skipped}
    if {"phase", "activity"} <= set(names) and roles and not {"role", "raci"} & set(names):
        return _wide(roles)
    return (
        "No header recognised: the first row must be phase, activity, role, raci, "
        "or phase, activity and one column per role."
    )


def _refused(message: str) -> Sheet:
    return Sheet(Grid((), ()), (RowError(1, "", message),))


def _tidy(cell: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(cell.split())


def _folded(header: Sequence[str]) -> list[str]:
    return [_tidy(cell).casefold() for cell in header]


def _at(row: Sequence[str], index: int) -> str:
    """The tidy text of a cell; rows may be shorter than the header."""
    return _tidy(row[index]) if index < len(row) else ""
