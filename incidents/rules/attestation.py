"""Attestation: what each column of a matrix asks of its people, and how far a campaign is.

Source of the idea: periodic recertification as identity governance knows it, by the whole
population, with answers that are not edited after they are given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from incidents.rules.raci import Activity, Grid, Letter


class Line(TypedDict):
    """One activity as somebody was asked about it; `letters` such as “A, R for severity sev1”."""

    phase: str
    name: str
    letters: str


class Asked(TypedDict):
    """One role somebody answers for, as it was called and as it read when they were asked."""

    role: str
    name: str
    activities: list[Line]


class Standing(StrEnum):
    """How one person's attestation stands."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    NOT_ANSWERED = "not answered"
    EXPIRED = "expired"  # not answered in time, or not before the campaign was closed


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of those asked stand how."""

    confirmed: int = 0
    objected: int = 0
    not_answered: int = 0
    expired: int = 0

    @property
    def answered(self) -> int:
        """Who said something, whatever it was."""
        return self.confirmed + self.objected

    @property
    def asked(self) -> int:
        """Everybody."""
        return self.answered + self.not_answered + self.expired

    @property
    def percent(self) -> int:
        """How much of the whole has answered; 100 only once everybody has."""
        return self.answered * 100 // self.asked if self.asked else 0


def standing(answer: str, *, is_over: bool) -> Standing:
    """How an attestation with this answer stands; `is_over` once it was to be answered before."""
    if answer:
        return Standing(answer)
    return Standing.EXPIRED if is_over else Standing.NOT_ANSWERED


def progress(standings: Iterable[Standing]) -> Progress:
    """The count of each."""
    found = list(standings)
    return Progress(*(found.count(each) for each in Standing))


def duties(grid: Grid) -> dict[str, list[Line]]:
    """What each role answers for or does, in any case at all, by role in the order of columns.

    A role that is only consulted or informed has nothing to attest and is left out.
    """
    found: dict[str, list[Line]] = {}
    for role in grid.roles:
        lines = [_line(grid, each, role) for each in grid.activities]
        if mine := [line for line in lines if line["letters"]]:
            found[role] = mine
    return found


def asked(
    duties: Mapping[str, Sequence[Line]], names: Mapping[str, str], roles: Iterable[str]
) -> list[Asked]:
    """What somebody with these roles is asked, in the order of the columns."""
    held = set(roles)
    return [
        Asked(role=role, name=names.get(role, role), activities=list(lines))
        for role, lines in duties.items()
        if role in held
    ]


def _line(grid: Grid, activity: Activity, role: str) -> Line:
    said = [_spoken(activity.letters.get(role), "")]
    for variation in grid.variations:
        letter = variation.letters.get(activity.place, {}).get(role)
        said.append(_spoken(letter, f" for {variation.label}"))
    letters = ", ".join(each for each in said if each)
    return Line(phase=activity.phase, name=activity.name, letters=letters)


def _spoken(letter: Letter | None, case: str) -> str:
    is_work = letter is not None and (letter.is_accountable or letter.is_responsible)
    return f"{letter}{case}" if is_work else ""
