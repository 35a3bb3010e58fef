"""What a measurement is: two medians taken in turns, statements counted, an aim met or not."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
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
    """The most that is allowed: SQL statements, how many times the bare time, milliseconds.

    `p95_ms` is what 95 of 100 runs stay within; it depends on the machine, unlike the others.
    """

    statements: int | None = None
    ratio: float | None = None
    p95_ms: float | None = None

    def __str__(self) -> str:
        parts = []
        if self.statements is not None:
            parts.append(f"{self.statements} SQL")
        if self.ratio is not None:
            parts.append(f"{self.ratio:g} x")
        if self.p95_ms is not None:
            parts.append(f"{self.p95_ms:g} ms p95")
        return "≤ " + ", ".join(parts) if parts else ""


NO_AIM = Aim()


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table; times are median milliseconds, `bare_ms` None where nothing compares.

    `p95_ms` is measured where an aim asks for it.
    """

    name: str
    database: str
    rows: int
    ours_ms: float
    bare_ms: float | None = None
    statements: int | None = None
    aim: Aim = NO_AIM
    p95_ms: float | None = None

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
                (self.p95_ms, self.aim.p95_ms),
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
    found = [median(times) for times in _taken(acts, effort, between)]
    return found[0], found[1] if bare else None


def median_and_p95(ours: Act, effort: Effort) -> tuple[float, float]:
    """Median milliseconds, and those that 95 of 100 runs stay within, after a warm-up."""
    (times,) = _taken([ours], effort, nothing)
    return median(times), sorted(times)[ceil(0.95 * len(times)) - 1]


def _taken(acts: Sequence[Act], effort: Effort, between: Act) -> list[list[float]]:
    taken: list[list[float]] = [[] for _ in acts]
    since = perf_counter()
    for run in range(effort.most + 1):
        for act, times in zip(acts, taken, strict=True):
            times.append(_milliseconds(act))
            between()
        if effort.is_spent(run, since):
            break
    return [times[1:] for times in taken]  # the first is the warm-up


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
