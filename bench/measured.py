"""What a measurement is: two medians taken in turns, statements counted, an aim met or not."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long one measurement is repeated: until `seconds` have passed, within bounds of runs."""

    seconds: float = 3.0
    least: int = 5
    most: int = 40

    def is_spent(self, runs: int, since: float) -> bool:
        """Whether so many runs are enough."""
        return runs >= self.most or (
            runs >= self.least and perf_counter() - since > self.seconds
        )


@dataclass(frozen=True, slots=True)
class Aim:
    """The most that is allowed: SQL statements, and how many times the bare time."""

    statements: int | None = None
    ratio: float | None = None

    def __str__(self) -> str:
        parts = []
        if self.statements is not None:
            parts.append(f"{self.statements} SQL")
        if self.ratio is not None:
            parts.append(f"{self.ratio:g} x")
        return "≤ " + ", ".join(parts) if parts else ""


NO_AIM = Aim()


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table; times are median milliseconds, `bare_ms` None where nothing compares."""

    name: str
    database: str
    rows: int
    ours_ms: float
    bare_ms: float | None = None
    statements: int | None = None
    aim: Aim = NO_AIM

    @property
    def ratio(self) -> float | None:
        """How many times as long as the bare reference."""
        return self.ours_ms / self.bare_ms if self.bare_ms else None

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is; None where none is set."""
        kept = [
            measured <= most
            for measured, most in (
                (self.statements, self.aim.statements),
                (self.ratio, self.aim.ratio),
            )
            if measured is not None and most is not None
        ]
        return all(kept) if kept else None

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it; `read` brings it back."""
        return {**asdict(self), "ratio": self.ratio, "is_met": self.is_met}


def read(said: dict[str, Any]) -> Measured:
    """What `as_dict` wrote."""
    known = {key: said[key] for key in said if key not in ("ratio", "is_met", "aim")}
    return Measured(**known, aim=Aim(**said["aim"]))


def nothing() -> None:
    """What is done between two runs, where nothing must be."""


def medians(
    ours: Act, bare: Act | None, effort: Effort, *, between: Act = nothing
) -> tuple[float, float | None]:
    """Median milliseconds of each, taken in turns after a warm-up: noise then hits both alike.

    `between` puts back, unmeasured, what a run has changed.
    """
    acts = [act for act in (ours, bare) if act is not None]
    taken: list[list[float]] = [[] for _ in acts]
    since = perf_counter()
    for run in range(effort.most + 1):
        for act, times in zip(acts, taken, strict=True):
            times.append(_milliseconds(act))
            between()
        if effort.is_spent(run, since):
            break
    found = [median(times[1:]) for times in taken]  # the first is the warm-up
    return found[0], found[1] if bare else None


def _milliseconds(act: Act) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


def statements(act: Act, *, between: Act = nothing) -> int:
    """How many statements the act sends, those that begin and end transactions left out."""
    with CaptureQueriesContext(connection) as captured:
        act()
    between()
    control = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return sum(not query["sql"].startswith(control) for query in captured)
