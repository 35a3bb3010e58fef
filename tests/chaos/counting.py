"""What became of every message: composed, sent, lost, sent twice and why, late by how much.

Pure: it is told the rows of the outbox, what the mail server took, and when what was broken.
Instants are seconds of the epoch by the machine's own clock.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

SENT, DEAD, VOID = "sent", "dead", "void"
# A message may be taken just before the blow, and noted by the server just after.
BEFORE, AFTER = 1.5, 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the outbox, as its table has it in the end."""

    pk: int
    key: str
    status: str
    due_at: float
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that the mail server took; `answered`: and said so."""

    pk: int
    at: float
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Blow:
    """Something was broken from then until then; who had a message in hand may not know its fate.

    `hands`: how many messages may have been in hand; no more second copies are explained by it.
    """

    what: str
    began: float
    ended: float
    hands: int = 2  # a worker delivers pages and the rest at once

    def explains(self, at: float) -> bool:
        """Whether whoever sent a message at this instant may have died of it."""
        return self.began - BEFORE <= at <= self.ended + AFTER


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of one scenario; `problems` says in words what must not be."""

    owed: int = 0
    composed: int = 0
    sent: int = 0
    lost: Sequence[str] = ()
    twice: Mapping[str, int] = field(default_factory=dict)
    unexplained: Sequence[str] = ()
    dead: int = 0
    late_median: float = 0.0
    late_p95: float = 0.0
    late_most: float = 0.0
    problems: Sequence[str] = ()

    @property
    def is_sound(self) -> bool:
        """Nothing lost, nothing doubled without a reason, and whatever else was asked holds."""
        return not (self.lost or self.unexplained or self.problems)

    def as_dict(self) -> dict[str, Any]:
        """For the report, with lists cut to what a person reads."""
        return {
            "owed": self.owed,
            "composed": self.composed,
            "sent": self.sent,
            "lost": len(self.lost),
            "which_lost": list(self.lost[:20]),
            "twice": dict(self.twice),
            "twice_without_reason": len(self.unexplained),
            "which_twice": list(self.unexplained[:20]),
            "dead": self.dead,
            "late_median": round(self.late_median, 2),
            "late_p95": round(self.late_p95, 2),
            "late_most": round(self.late_most, 2),
            "problems": list(self.problems),
            "sound": self.is_sound,
        }


def count(
    owed: Mapping[str, float],
    rows: Sequence[Row],
    arrivals: Sequence[Arrival],
    blows: Sequence[Blow] = (),
    *,
    refused: Collection[int] = (),
    problems: Iterable[str] = (),
) -> Tally:
    """Put together what was owed (by the beginning of a message's key) and what came of it.

    `refused`: rows whose recipient the server was told to refuse for good; they alone may be dead.
    """
    taken = _by_row(arrivals)
    begun = _kept_promises(owed, rows)
    twice, unexplained = _doubles(taken, blows)
    late = _lateness(rows, taken, _owed_at(owed, begun))
    return Tally(
        owed=len(owed),
        composed=len(rows),
        sent=len(taken.keys() & {row.pk for row in rows}),
        lost=[*_never_composed(owed, begun), *_never_sent(rows, taken, refused)],
        twice=twice,
        unexplained=unexplained,
        dead=sum(row.status == DEAD for row in rows),
        late_median=median(late) if late else 0.0,
        late_p95=_p95(late),
        late_most=max(late, default=0.0),
        problems=[*problems, *_unknown(rows, taken)],
    )


def _by_row(arrivals: Iterable[Arrival]) -> dict[int, list[Arrival]]:
    taken: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in sorted(arrivals, key=lambda one: one.at):
        taken[arrival.pk].append(arrival)
    return taken


def _kept_promises(owed: Mapping[str, float], rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each promise: those whose key begins with it, up to a colon."""
    begun: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        parts = row.key.split(":")
        for end in range(len(parts), 0, -1):
            if (promise := ":".join(parts[:end])) in owed:
                begun[promise].append(row)
                break
    return begun


def _never_composed(
    owed: Mapping[str, float], begun: Mapping[str, Sequence[Row]]
) -> Iterable[str]:
    return (f"{promise}: never composed" for promise in owed if promise not in begun)


def _never_sent(
    rows: Iterable[Row], taken: Mapping[int, Sequence[Arrival]], refused: Collection[int]
) -> Iterable[str]:
    for row in rows:
        if row.status == VOID or (row.status == DEAD and row.last_error and row.pk in refused):
            continue
        if row.status != SENT or row.pk not in taken:
            arrived = "arrived" if row.pk in taken else "never arrived"
            yield f"{row.pk} {row.key}: {row.status}, {arrived} {row.last_error}".strip()


def _doubles(
    taken: Mapping[int, Sequence[Arrival]], blows: Iterable[Blow]
) -> tuple[dict[str, int], list[str]]:
    """Every arrival but the last of its row must be one whose answer nobody heard."""
    hands = {blow: blow.hands for blow in blows}
    twice, unexplained = defaultdict[str, int](int), []
    for pk, arrivals in taken.items():
        for earlier in arrivals[:-1]:
            if reason := _reason(earlier, hands):
                twice[reason] += 1
            else:
                times = ", ".join(f"{one.at:.2f}" for one in arrivals)
                unexplained.append(f"{pk}: taken at {times}")
    return dict(twice), unexplained


def _reason(arrival: Arrival, hands: dict[Blow, int]) -> str:
    """Why nobody heard the answer; "" where somebody must have."""
    if not arrival.answered:
        return "the server never answered"
    for blow, left in hands.items():
        if left and blow.explains(arrival.at):
            hands[blow] -= 1
            return blow.what
    return ""


def _unknown(rows: Iterable[Row], taken: Mapping[int, Sequence[Arrival]]) -> Iterable[str]:
    known = {row.pk for row in rows}
    return (f"{pk}: sent, and no row promises it" for pk in taken if pk not in known)


def _owed_at(owed: Mapping[str, float], begun: Mapping[str, Sequence[Row]]) -> dict[int, float]:
    """When the first message of each promise was owed, however late it was composed."""
    return {min(row.pk for row in rows): owed[promise] for promise, rows in begun.items()}


def _lateness(
    rows: Iterable[Row], taken: Mapping[int, Sequence[Arrival]], owed_at: Mapping[int, float]
) -> list[float]:
    """Seconds from when it was due to when it first arrived."""
    return [
        max(taken[row.pk][0].at - owed_at.get(row.pk, row.due_at), 0.0)
        for row in rows
        if row.pk in taken
    ]


def _p95(late: Sequence[float]) -> float:
    if len(late) < 2:
        return max(late, default=0.0)
    return quantiles(late, n=20, method="inclusive")[-1]
