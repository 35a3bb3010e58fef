"""Reads a matrix from the rows of a spreadsheet, long or wide, in whatever names it speaks.

Every problem is collected with its row, so that a person corrects a file once, not ten times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from incidents.rules.matrix_details import activity, code_of, objection
from incidents.rules.matrix_document import TAKEN_AWAY
from incidents.rules.matrix_header import CASE, DETAILS, LONG, Header, Written, tidy, understand
from incidents.rules.raci import Grid, Letter, Place, Variation, VariationKind
from incidents.rules.reasons import Invalid

__all__ = ["LONG", "MAX_ERRORS", "ROLE_CASE", "RowError", "Sheet", "read"]

# A file that is wrong throughout would otherwise fill the memory and the screen.
MAX_ERRORS = 500
ROLE_CASE = "role"  # the case of a row that describes a role
DASHES = (TAKEN_AWAY, "\u2013", "\u2014")  # a hyphen, an en dash, an em dash
_TIERS = ("1", "2", "3", "4")


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


def read(rows: Sequence[Sequence[str]]) -> Sheet:
    """The matrix these rows hold, with every problem found; the first row is the header."""
    if not any(tidy(cell) for row in rows for cell in row):
        return _refused(
            "The sheet is empty: give a header row and one row per letter or activity."
        )
    header = understand(rows[0])
    if isinstance(header, str):
        return _refused(header)
    reading = _Reading(header)
    for number, row in enumerate(rows[1:], start=2):
        reading.take(number, row)
        if len(reading.errors) >= MAX_ERRORS:
            break
    reading.end()
    return reading.sheet()


def _refused(message: str) -> Sheet:
    return Sheet(Grid((), ()), (RowError(1, "", message),))


class _Reading:
    """Gathers letters and problems while the rows pass."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.letters: dict[Place, dict[str, Letter | None]] = {}
        self.details: dict[Place, dict[str, str]] = {}
        self.rows: dict[Place, int] = {}
        self.roles: dict[str, None] = dict.fromkeys(header.roles.values())
        self.descriptions: dict[str, str] = {}
        self.variations: dict[tuple[VariationKind, str], _Differing] = {}
        self.errors: list[RowError] = []

    def complain(self, row: int, column: str, message: str) -> None:
        self.errors.append(RowError(row, column, message))

    def sheet(self) -> Sheet:
        base = {
            place: {role: letter for role, letter in held.items() if letter}
            for place, held in self.letters.items()
        }
        grid = Grid(
            activities=tuple(
                activity(place, letters, self.details[place]) for place, letters in base.items()
            ),
            roles=tuple(self.roles),
            variations=tuple(
                Variation(*case, each.letters, each.note)
                for case, each in self.variations.items()
            ),
            descriptions=self.descriptions,
        )
        return Sheet(grid, tuple(self.errors[:MAX_ERRORS]), self.rows)

    def take(self, number: int, row: Sequence[str]) -> None:
        """Reads one row below the header."""
        if not any(tidy(cell) for cell in row) or self._is_shifted(number, row):
            return
        case = self.header.text(row, CASE)
        if case.casefold() in ("", "base"):
            self._take_base(number, row)
        elif case.casefold() == ROLE_CASE:
            self._take_role(number, row)
        else:
            self._take_difference(number, row, case)

    def end(self) -> None:
        """What only all rows together tell."""
        if not self.letters and not self.errors:
            self.complain(1, "", "There are no activities below the header: add them.")
        for differing in self.variations.values():
            for place, number in differing.rows.items():
                if place not in self.letters:
                    self.complain(
                        number, "activity",
                        f"“{place[1]}” does not stand in {place[0]} without a case: add that row.",
                    )  # fmt: skip
        keys: dict[str, Place] = {}
        for place, said in self.details.items():
            if said.get("key") and keys.setdefault(said["key"], place) != place:
                message = f"“{keys[said['key']][1]}” has this key too: leave one empty."
                self.complain(self.rows[place], "key", message)

    def _take_base(self, number: int, row: Sequence[str]) -> None:
        place = (self._needed(number, row, "phase"), self._needed(number, row, "activity"))
        letters: dict[str, Letter | None] = {}
        details: dict[str, str] = {}
        if all(place):
            self.rows.setdefault(place, number)
            letters = self.letters.setdefault(place, letters)
            details = self.details.setdefault(place, details)
        for column in DETAILS:
            self._detail(number, row, column, details)
        for written in self.header.letters(row):
            if written.text in DASHES:  # how people write an empty cell
                written = written._replace(text="")
            self._put(number, written, letters)

    def _take_role(self, number: int, row: Sequence[str]) -> None:
        """A row about a role: what it is there for."""
        for written in self.header.letters(row):
            said = written.text if self.header.roles else self.header.prose(row, "description")
            if not self.header.roles and written.text:
                self.complain(number, "raci", "A row about a role has no letter: delete it.")
            if not written.role:
                self.complain(number, "role", "The role is missing: name it.")
            elif said:
                self.roles.setdefault(written.role)
                self.descriptions[written.role] = said

    def _take_difference(self, number: int, row: Sequence[str], written_case: str) -> None:
        case = self._case(number, written_case)
        if case is None:
            return
        differing = self.variations.setdefault(case, _Differing())
        differing.note = differing.note or self.header.prose(row, "description")
        for column in DETAILS:
            if column != "description" and self.header.text(row, column):
                self.complain(number, column, "In a case only letters differ: leave it empty.")
        written = [each for each in self.header.letters(row) if each.text or each.role]
        is_placed = self.header.text(row, "phase") or self.header.text(row, "activity")
        if not is_placed and not any(each.text for each in written):
            return  # the row only introduces the case
        place = (self._needed(number, row, "phase"), self._needed(number, row, "activity"))
        differing.rows.setdefault(place, number)
        letters: dict[str, Letter | None] = differing.letters.get(place, {})
        for each in written:
            self._put(number, each, letters)
        if letters:
            differing.letters[place] = letters

    def _case(self, number: int, written: str) -> tuple[VariationKind, str] | None:
        kind, _, value = written.partition(" ")
        if kind.casefold() not in list(VariationKind) or not value:
            self.complain(
                number, CASE,
                f"“{written[:40]}” is no case: write such as “severity sev1”, “tier 4” or "
                "“scenario” and its slug, or leave it empty.",
            )  # fmt: skip
            return None
        if kind.casefold() == VariationKind.TIER and value not in _TIERS:
            self.complain(number, CASE, f"“{value[:40]}” is no tier: write 1 to 4.")
            return None
        return VariationKind(kind.casefold()), value

    def _detail(
        self, number: int, row: Sequence[str], column: str, details: dict[str, str]
    ) -> None:
        said = self.header.prose(row, column)
        said = said if column == "description" else tidy(said)
        if not said:
            return
        if (problem := objection(column, said)) is not None:
            self.complain(number, column, problem)
            return
        said = code_of(said) if column == "act" else said
        if (earlier := details.setdefault(column, said)) != said:
            self.complain(
                number, column,
                f"“{said[:40]}” here and “{earlier[:40]}” before for the same activity: keep one.",
            )  # fmt: skip

    def _put(self, number: int, written: Written, letters: dict[str, Letter | None]) -> None:
        if not written.role:
            self.complain(number, "role", "The role is missing: name it, or delete the row.")
            return
        self.roles.setdefault(written.role)
        if not written.text:
            return
        try:
            letter = None if written.text in DASHES else Letter.parse(written.text)
        except Invalid as refusal:
            self.complain(number, written.column, str(refusal))
            return
        if (earlier := letters.setdefault(written.role, letter)) is not letter:
            self.complain(
                number,
                written.column,
                f"{written.role} has {letter or TAKEN_AWAY} here and {earlier or TAKEN_AWAY} "
                "before for the same activity: keep one.",
            )

    def _needed(self, number: int, row: Sequence[str], column: str) -> str:
        text = self.header.text(row, column)
        if not text:
            self.complain(number, column, f"The {column} is missing: write it in every row.")
        return text

    def _is_shifted(self, number: int, row: Sequence[str]) -> bool:
        # Usually a comma in a name that was not quoted; reading on would only add noise.
        if stray := self.header.stray(row):
            self.complain(
                number,
                "",
                f"Cell {stray} stands under no heading: name the column, or put a name that "
                "contains the separator in quotes.",
            )
        return bool(stray)


@dataclass(slots=True)
class _Differing:
    """One case while its rows pass."""

    note: str = ""
    letters: dict[Place, dict[str, Letter | None]] = field(default_factory=dict)
    rows: dict[Place, int] = field(default_factory=dict)
