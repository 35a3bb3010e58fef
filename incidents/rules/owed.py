"""What is owed outside of incidents: what opened, moved and was settled since the last look.

Five kinds: a holding statement that expires or waits for somebody, a matrix nobody reviewed, a
qualification that lapses, a runbook nobody followed, an attestation nobody gave. Others keep what
is owed in their own books here too, and are told of it in the same words and by the same ladders.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

STATEMENT, MATRIX, QUALIFICATION = "statement", "matrix", "qualification"
RUNBOOK, ATTESTATION = "runbook", "attestation"
KINDS = (STATEMENT, MATRIX, QUALIFICATION, RUNBOOK, ATTESTATION)
# Kept by those whose books they stand in, outside of incidents.
ROTA_GAP, INVITATION, AFTER_ACTION = "rota_gap", "invitation", "after_action"
SHIFT = "shift"  # nothing to be done, but to be there
KEPT = (ROTA_GAP, INVITATION, AFTER_ACTION, SHIFT)
# Their instant is when it ends or begins, not the last on which it can be done.
AT_ONCE = (STATEMENT, QUALIFICATION, ROTA_GAP, SHIFT)

# What is due later than that is not owed yet, unless its policy reminds earlier.
IN_SIGHT = timedelta(days=60)
# How long a runbook that was followed counts as one that works.
RUNBOOK_DAYS = 180
# What nobody ever did has no date of its own: it is owed so long after it was first found.
FIRST_TIME = timedelta(days=30)
# A qualification not renewed by then is none any more, and the checks of the matrix say so (R16).
LAPSED_DAYS = 30

_ASSUMED = timedelta(days=7)  # before the first step, so that no look misses it


class Debt(StrEnum):
    """Why a holding statement is owed; its title begins so, and that is how it is known again."""

    EXPIRY = "Holding statement"
    WRITING = "Words of the holding statement"
    REVIEW = "Review of the holding statement"
    APPROVER = "A new approval of the holding statement"

    def titled(self, name: str) -> str:
        """The title of what is owed about the statement of this name."""
        return f"{self} “{name}”"


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing owed; `due_at` None: since it was first found. `owner` None: leadership's."""

    subject: str
    title: str
    link: str
    due_at: datetime | None
    owner: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look found: new, owed otherwise than before, and no longer owed (by subject)."""

    opened: tuple[Owed, ...] = ()
    changed: tuple[Owed, ...] = ()
    settled: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.changed or self.settled)


def compare(owed: Iterable[Owed], known: Iterable[Owed], *, at: datetime) -> Changes:
    """What is to be written so that `known`, the open rows, say what is `owed` at this instant."""
    before = {each.subject: each for each in known}
    now = {each.subject: _dated(each, before.get(each.subject), at) for each in owed}
    return Changes(
        opened=tuple(each for key, each in now.items() if key not in before),
        changed=tuple(
            each for key, each in now.items() if key in before and each != before[key]
        ),
        settled=tuple(key for key in before if key not in now),
    )


def in_sight(first_step: timedelta) -> timedelta:
    """How far ahead to look, given when the first reminder goes (negative: before it is due)."""
    return max(IN_SIGHT, _ASSUMED - first_step)


def subject_line(what: str, title: str, on: date, *, is_late: bool) -> str:
    """What it is, and when: the subject of a reminder. `on` is the last day, or the day it ends."""
    before, after = _STATEMENT_WHEN[_debt(title)] if what == STATEMENT else _WHEN[what]
    return f"{title} {after if is_late else before} {on:%-d %B %Y}"


def to_do(what: str, title: str = "") -> str:
    """What ends it, as the body of a reminder says."""
    return _STATEMENT_TO_DO[_debt(title)] if what == STATEMENT else _TO_DO[what]


def soonest(
    debts: Iterable[tuple[Debt, datetime | None]], at: datetime
) -> tuple[Debt, datetime | None]:
    """Of what is owed about one statement the first to be done; at least one is given."""
    return min(debts, key=lambda each: each[1] or at + FIRST_TIME)


def _debt(title: str) -> Debt:
    return next((each for each in Debt if title.startswith(f"{each} “")), Debt.EXPIRY)


def _dated(owed: Owed, before: Owed | None, at: datetime) -> Owed:
    if owed.due_at is not None:
        return owed
    return replace(owed, due_at=before.due_at if before else at + FIRST_TIME)


_WHEN = {
    MATRIX: ("is due by", "was due by"),
    QUALIFICATION: ("lapses on", "lapsed on"),
    RUNBOOK: ("is due by", "was due by"),
    ATTESTATION: ("is due by", "was due by"),
    ROTA_GAP: ("begins on", "began on"),
    INVITATION: ("is due by", "was due by"),
    AFTER_ACTION: ("is due by", "was due by"),
    SHIFT: ("begins on", "began on"),
}
_STATEMENT_WHEN = {
    Debt.EXPIRY: ("expires on", "expired on"),
    Debt.WRITING: ("are due on", "were due on"),
    Debt.REVIEW: ("is due on", "was due on"),
    Debt.APPROVER: ("is due on", "was due on"),
}
_TO_DO = {
    MATRIX: "Nobody has approved or confirmed the matrix in force for as long as the thresholds "
    "allow. Read it, ask those who work by it, and confirm that it is still right, or draft the "
    "next version.",
    QUALIFICATION: "From that day on the role is not given to this person. Practise on a game "
    "day, and have the qualification granted anew, or let it lapse and qualify somebody else.",
    RUNBOOK: "Follow the runbook once from end to end, mend what no longer fits, and record on "
    "the page of the service that it works.",
    ATTESTATION: "Read what the matrix asks of you. Confirm that you know and accept it, or "
    "object and say why: leadership reads every objection.",
    ROTA_GAP: "Nobody is on duty in these hours. Read why on its page, then put somebody on the "
    "shift, qualify one more person, or ask for leave to be moved.",
    INVITATION: "You were asked to take part and have not answered. Accept or decline on its page: "
    "until then nobody else can be found for your part.",
    AFTER_ACTION: "Write down what happened, what it showed and what is to change, and publish it "
    "while everybody still remembers.",
    SHIFT: "You are asked first in these hours. See that pages reach you. If you cannot be there, "
    "offer the shift to somebody on its page: it stays yours until they accept.",
}
_STATEMENT_TO_DO = {
    Debt.EXPIRY: "From that day on nobody may use these words. Draft them anew under the same title "
    "and have another person approve them, or retire them if they are needed no more.",
    Debt.WRITING: "Nobody may use these words yet. Write them, and have another person approve "
    "them, before the next incident asks for them.",
    Debt.REVIEW: "Read these words again. Where they still hold, have them approved anew with a "
    "later day of review; else draft what replaces them.",
    Debt.APPROVER: "Who approved these words has left, so nobody answers for them. Draft them anew "
    "under the same title and have another person approve them, or retire them.",
}
