"""What a RACI matrix says: who is responsible, accountable, consulted and informed.

Phases and roles are opaque text here: a grid may speak our names or a foreign company's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from incidents.rules.reasons import Invalid


class Letter(StrEnum):
    """One role's part in one activity."""

    R = "R"
    A = "A"
    C = "C"
    I = "I"  # noqa: E741  (the letter people know it by)
    AR = "A/R"

    @property
    def is_accountable(self) -> bool:
        """Whether the holder answers for the result."""
        return self in (Letter.A, Letter.AR)

    @property
    def is_responsible(self) -> bool:
        """Whether the holder does the work."""
        return self in (Letter.R, Letter.AR)

    @classmethod
    def parse(cls, text: str) -> "Letter":
        """The letter a person wrote, in any case and order; refuses `unknown_letter`."""
        written = re.sub(r"\s*[/,]\s*", "/", text.strip().upper())
        if written in ("A/R", "R/A", "AR", "RA"):
            return cls.AR
        if written in cls.__members__:
            return cls[written]
        raise Invalid.because(
            "unknown_letter",
            f"“{text.strip()[:20]}” is not R, A, C, I or A/R: write one of these.",
        )


class Cell(NamedTuple):
    """One letter and where it stands."""

    phase: str
    activity: str
    role: str
    letter: Letter


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of a matrix: something to be done in a phase, and who has which part in it."""

    phase: str
    name: str
    letters: Mapping[str, Letter]

    @property
    def accountable(self) -> tuple[str, ...]:
        """The roles that answer for it; a sound matrix has exactly one."""
        return tuple(role for role, letter in self.letters.items() if letter.is_accountable)

    @property
    def responsible(self) -> tuple[str, ...]:
        """The roles that do it."""
        return tuple(role for role, letter in self.letters.items() if letter.is_responsible)

    @property
    def consulted(self) -> tuple[str, ...]:
        """The roles asked before it is done."""
        return tuple(role for role, letter in self.letters.items() if letter is Letter.C)

    @property
    def informed(self) -> tuple[str, ...]:
        """The roles told afterwards."""
        return tuple(role for role, letter in self.letters.items() if letter is Letter.I)


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole matrix: its activities and roles, each in the order they were written."""

    activities: tuple[Activity, ...]
    roles: tuple[str, ...]

    @classmethod
    def from_cells(cls, cells: Iterable[Cell]) -> "Grid":
        """The grid these letters make; a later letter in the same place replaces an earlier."""
        rows: dict[tuple[str, str], dict[str, Letter]] = {}
        roles: dict[str, None] = {}
        for cell in cells:
            rows.setdefault((cell.phase, cell.activity), {})[cell.role] = cell.letter
            roles.setdefault(cell.role)
        activities = (Activity(*place, letters) for place, letters in rows.items())
        return cls(tuple(activities), tuple(roles))

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases in order of first appearance."""
        return tuple(dict.fromkeys(activity.phase for activity in self.activities))

    def cells(self) -> Iterator[Cell]:
        """Every letter given, row by row."""
        for activity in self.activities:
            for role, letter in activity.letters.items():
                yield Cell(activity.phase, activity.name, role, letter)

    def in_phase(self, phase: str) -> tuple[Activity, ...]:
        """The activities of one phase."""
        return tuple(activity for activity in self.activities if activity.phase == phase)

    def find(self, phase: str, name: str) -> Activity | None:
        """The activity of this name in this phase, or None."""
        return next((each for each in self.in_phase(phase) if each.name == name), None)

    def letters_of(self, role: str) -> tuple[Letter, ...]:
        """One role's column, blanks left out."""
        return tuple(each.letters[role] for each in self.activities if role in each.letters)
