"""The clock of an exercise's story: it runs as fast as agreed, stands still, and is moved by hand.

Sources: HSEEP (real time, compressed time, story time only; “shift following offsets”).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

PACES = range(1, 121)  # seconds of the story in one of the wall's


@dataclass(frozen=True, slots=True)
class StoryClock:
    """It stood at `seconds` at the instant `set_at`; without one it stands there still."""

    seconds: float = 0.0
    set_at: datetime | None = None
    factor: int = 1

    @property
    def is_running(self) -> bool:
        """Whether time passes in the story."""
        return self.set_at is not None

    def now(self, at: datetime) -> float:
        """Seconds of the story that have passed at this instant; never less than it was set to."""
        if self.set_at is None:
            return self.seconds
        passed = max((at - self.set_at).total_seconds(), 0.0)
        return self.seconds + passed * self.factor

    def stopped(self, at: datetime) -> "StoryClock":
        """Standing where it is at this instant."""
        return replace(self, seconds=self.now(at), set_at=None)

    def started(self, at: datetime) -> "StoryClock":
        """Running on from where it is."""
        return replace(self, seconds=self.now(at), set_at=at)

    def moved(self, seconds: float, at: datetime) -> "StoryClock":
        """Set to another time of the story; it runs on if it ran."""
        return replace(self, seconds=seconds, set_at=at if self.is_running else None)

    def due_at(self, story_seconds: float) -> datetime | None:
        """The instant that time of the story falls on; None while the clock stands still."""
        if self.set_at is None:
            return None
        return self.set_at + timedelta(seconds=(story_seconds - self.seconds) / self.factor)


def shown(seconds: float) -> str:
    """A time of the story as people say it: T+01:05:30, the hours only where there are any."""
    whole = max(int(seconds), 0)
    hours, minutes = divmod(whole // 60, 60)
    hour = f"{hours:02}:" if hours else ""
    return f"T+{hour}{minutes:02}:{whole % 60:02}"


def parsed(text: str) -> int | None:
    """Seconds of “12”, “12:30” or “1:05:30” (minutes, or hours first); None if it is no time."""
    parts = text.strip().removeprefix("T+").split(":")
    if not 1 <= len(parts) <= 3 or not all(each.isascii() and each.isdigit() for each in parts):
        return None
    numbers = [int(each) for each in parts]
    if len(numbers) == 1:
        return numbers[0] * 60
    if any(each > 59 for each in numbers[1:]):
        return None
    seconds = 0
    for number in numbers:
        seconds = seconds * 60 + number
    return seconds
