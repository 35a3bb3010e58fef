"""The ledger of legal clocks: what is asked of it, and its columns as a sheet has them."""

from dataclasses import dataclass
from datetime import date

OVERDUE = "overdue"
# How a clock can stand, as the ledger is asked for; the first is any.
OUTCOMES = {
    "": "any",
    "open": "open",
    OVERDUE: "open and overdue",
    "met": "met",
    "late": "late",
    "stood_down": "stood down",
    "void": "void: no incident",
}
COLUMNS = (
    "record", "incident", "incident_kind", "regime", "stage", "title", "confidence", "basis",
    "triggered_at", "clock", "started_at", "started_said_by", "started_said_at", "is_assumed",
    "due_at", "is_fixed", "permitted_until", "zone", "outcome", "settled_at", "settled_by",
    "reason", "late_reason", "sent_at", "sent_by", "recipient", "reference", "sha256",
    "recorded_by", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the ledger: of incidents declared from the first to the last of these days.

    Everything where nothing is said; exercises only where they are asked for.
    """

    since: date | None = None
    until: date | None = None
    regime: str = ""
    outcome: str = ""
    with_exercises: bool = False


def outcome(settled: str, *, is_overdue: bool) -> str:
    """How a clock stands, by the names of OUTCOMES."""
    if settled:
        return settled
    return OVERDUE if is_overdue else "open"
