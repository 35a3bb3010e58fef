"""What a RACI matrix says: who is responsible, accountable, consulted and informed.

Phases and roles are opaque text here: a grid may speak our names or a foreign company's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

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


Place: TypeAlias = tuple[str, str]  # phase and name of an activity: unique in a matrix


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of a matrix: something to be done in a phase, and who has which part in it.

    `act` is what it governs in an incident (a code of `rules.acts`) or "". `proceed_after` is how
    many minutes those consulted are waited for, None for not at all; `within` the minutes from
    declaration until it is to be done, None for no target. `key` stays when it is renamed.
    """

    phase: str
    name: str
    letters: Mapping[str, Letter]
    act: str = ""
    proceed_after: int | None = None
    within: int | None = None
    description: str = ""
    key: str = ""

    @property
    def place(self) -> Place:
        """Where it stands, and what it is called there."""
        return self.phase, self.name

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


class VariationKind(StrEnum):
    """What a variation depends on, the weakest first: a later one overrides an earlier."""

    TIER = "tier"
    SEVERITY = "severity"
    SCENARIO = "scenario"


@dataclass(frozen=True, slots=True)
class Variation:
    """Where the matrix differs from its base for one severity, service tier or scenario.

    `letters` holds only the differences; None takes the base's letter away.
    """

    kind: VariationKind
    value: str  # a level's code, "1" to "4", a scenario's slug
    letters: Mapping[Place, Mapping[str, Letter | None]]
    note: str = ""

    @property
    def label(self) -> str:
        """As people name it, such as “severity sev1”."""
        return f"{self.kind} {self.value}"


@dataclass(frozen=True, slots=True)
class Grid:
    """A whole matrix: its activities and roles, each in the order they were written.

    `descriptions` says of a role what it is there for in this matrix, where somebody wrote it.
    """

    activities: tuple[Activity, ...]
    roles: tuple[str, ...]
    variations: tuple[Variation, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)

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
