"""How the updates of an incident kept their time: said when due, later, or never."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Kept:
    """Counts of due instants; `running_late` are those that passed and still wait for an update."""

    on_time: int = 0
    late: int = 0
    missed: int = 0
    running_late: int = 0

    @property
    def n(self) -> int:
        """All that were due until now."""
        return self.on_time + self.late + self.missed + self.running_late

    def in_words(self) -> str:
        """One line for a page: "5 of 6 updates on time; 1 late"; empty while none was due."""
        if not self.n:
            return ""
        said = f"{self.on_time} of {self.n} update{'' if self.n == 1 else 's'} on time"
        parts = (
            (self.late, "late"), (self.missed, "never said"), (self.running_late, "late now"),
        )  # fmt: skip
        return "; ".join([said, *(f"{count} {what}" for count, what in parts if count)])


class Standing(StrEnum):
    """How a clock stands against its target: green below one half of it, amber up to all of it."""

    NEUTRAL = "neutral"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


def standing(took: timedelta, target: timedelta | None) -> Standing:
    """Of a clock that ran so long; neutral where nothing asks for an end."""
    if target is None:
        return Standing.NEUTRAL
    if took > target:
        return Standing.RED
    return Standing.GREEN if took < target / 2 else Standing.AMBER


@dataclass(frozen=True, slots=True)
class FirstWord:
    """The clock from detection to the first public update; `said_at` None while it runs."""

    detected_at: datetime
    said_at: datetime | None
    target: timedelta | None

    def took(self, at: datetime) -> timedelta:
        """So far, or in all; a word before detection kept nobody waiting."""
        return max((self.said_at or at) - self.detected_at, timedelta())

    def standing(self, at: datetime) -> Standing:
        """The colour at this instant; once said, a word in time is green."""
        found = standing(self.took(at), self.target)
        return Standing.GREEN if self.said_at and found is Standing.AMBER else found

    def in_words(self, at: datetime) -> str:
        """What the colour says, for whoever cannot see it."""
        if self.target is None:
            return "not asked for at this level"
        minutes = f"{self.target // timedelta(minutes=1)} min"
        if self.standing(at) is not Standing.RED:
            return f"within the target of {minutes}" if self.said_at else f"target {minutes}"
        return (
            f"later than the target of {minutes}"
            if self.said_at
            else f"target {minutes} missed"
        )
