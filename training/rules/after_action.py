"""What an after-action report makes of what was seen: pure arithmetic and comparisons.

Source: HSEEP, Exercise Evaluation Guides (P, S, M, U) and the improvement plan.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from incidents.rules.reasons import Reason
from training.rules.ratings import SCALE

MET = "PS"  # the objective was met, with challenges or without
LEGEND = {
    "P": "Performed without challenges",
    "S": "Performed with some challenges",
    "M": "Performed with major challenges",
    "U": "Unable to be performed",
}
# Minnesota Department of Health: the draft by day 30.
REPORT_DUE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What participants said of how ready they are, before and after; 1 to 5."""

    count: int
    before: float
    after: float
    better: int
    worse: int

    @property
    def change(self) -> float:
        """How much readier they are on average."""
        return round(self.after - self.before, 1)


def is_met(rating: str) -> bool:
    """Performed, with some challenges or none; what nobody rated was not shown."""
    return bool(rating) and rating in MET


def compared(before: str, now: str) -> str:
    """How a rating moved since the last time: "better", "worse", "the same", "" if not comparable."""
    if not before or not now:
        return ""
    moved = SCALE.index(before) - SCALE.index(now)
    return "better" if moved > 0 else "worse" if moved < 0 else "the same"


def readiness(said: Sequence[tuple[int, int]]) -> Readiness | None:
    """The means of what was said before and after; None where nobody said anything."""
    if not said:
        return None
    count = len(said)
    return Readiness(
        count=count,
        before=round(sum(before for before, _ in said) / count, 1),
        after=round(sum(after for _, after in said) / count, 1),
        better=sum(after > before for before, after in said),
        worse=sum(after < before for before, after in said),
    )


def minutes(count: int) -> str:
    """A span as people say it: “1 minute”, “2 minutes”, “less than a minute”."""
    if count == 0:
        return "less than a minute"
    return f"{count} minute{'' if count == 1 else 's'}"


def span(seconds: float) -> str:
    """So much story time in whole minutes: “20 minutes of story time”."""
    return f"{minutes(int(seconds // 60))} of story time"


def missing(
    *,
    summary: str,
    unrated: Collection[int],
    improvements: int,
    reason: str,
    unrated_because: str = "",
) -> tuple[Reason, ...]:
    """Everything a report lacks before it may be published; `unrated` are numbers of objectives."""
    found = []
    if not summary.strip():
        message = (
            "Write the executive summary first: what was shown, what was not, what follows."
        )
        found.append(Reason("summary_missing", message))
    if unrated and not unrated_because.strip():
        listed = ", ".join(str(number) for number in sorted(unrated))
        which = f"objective {listed} is" if len(unrated) == 1 else f"objectives {listed} are"
        # The record is fixed by now: asking for the rating itself would keep the report for ever.
        message = f"Say here why not every objective is rated: {which} not."
        found.append(Reason("rating_missing", message, "unrated_because"))
    if not improvements and not reason.strip():
        message = "Add an improvement, or say here why there is nothing to improve."
        found.append(Reason("improvement_missing", message, "reason"))
    return tuple(found)
