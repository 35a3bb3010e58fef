"""The one sweep along a ladder of reminders: claim what is due, compose each step once, move on."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, QuerySet, Value

from incidents.models import Nudged, Person
from incidents.operations import composing, records
from incidents.rules.nudges import DueStep, Ladder, due_step, next_at

BATCH = 1000
# A row that cannot be nudged is looked at again then: soon enough for an update clock.
TRY_AGAIN_AFTER = timedelta(minutes=10)

N = TypeVar("N", bound=Nudged)
Say = Callable[[str], None]

logger = logging.getLogger(__name__)


def schedule(row: Nudged, ladder: Ladder, *, at: datetime) -> None:
    """Begin the ladder anew for the row's due instant, without saving; no due instant ends it.

    Reminders that should have gone out before the due instant are let go: whoever sets it now
    knows of it. What is overdue already is nudged by the next sweep.
    """
    row.nudged_through = ""
    row.next_nudge_at = row.due_at and _first_at(ladder, row.due_at, at)


def _first_at(ladder: Ladder, due_at: datetime, at: datetime) -> datetime | None:
    reached = due_step(ladder, due_at, "", at)
    if reached and reached.at >= due_at:
        return at
    return next_at(ladder, due_at, at)


def key(row: Nudged, step: DueStep, person: Person) -> str:
    """What makes a nudge unique: this row, owed by this instant, this step, this person."""
    due_at = row.due_at.astimezone(UTC).isoformat() if row.due_at else ""
    return f"{row._meta.label_lower}:{row.pk}:{due_at}:{step.key}:{person.pk}"


def sweep(
    rows: QuerySet[N],
    ladder: Ladder,
    compose: Callable[[N, DueStep], Iterable[composing.Message]],
    *,
    at: datetime,
    batch: int = BATCH,
    say: Say | None = None,
    called: Callable[[N], str] = str,
) -> int:
    """Nudge whatever of `rows` is due and return how many messages were new.

    `say`, where somebody listens, hears one line a row nudged, by the name it is `called`.

    `rows` says what still owes something, and brings along (`select_related`) what `compose`
    reads. Each batch is one transaction with one audit line. Rows that another sweep holds are
    left to it. A row that fails is logged and tried again later; the others go on.
    """
    work = _Sweep(rows, ladder, compose, at, called if say else None)
    composed = 0
    while True:
        with transaction.atomic():
            claimed = work.claim(batch)
            new = work.nudge(claimed)
            if new:
                work.record(len(claimed), new)
        if say:
            work.tell(say)
        if not claimed:
            return composed
        composed += new


def _line(name: str, step: DueStep, messages: Iterable[composing.Message]) -> str:
    """Names whom the outbox takes: somebody who has left, or has no address, is not told."""
    told = [each.to.username for each in messages if each.to.is_active and each.to.email]
    return f"{name}: {step.key} to {', '.join(told) or 'nobody'}"


@dataclass(frozen=True)
class _Sweep(Generic[N]):
    """One run of the sweep over one kind of row."""

    rows: QuerySet[N]
    ladder: Ladder
    compose: Callable[[N, DueStep], Iterable[composing.Message]]
    at: datetime
    called: Callable[[N], str] | None = None
    lines: list[str] = field(default_factory=list)  # of this batch alone

    def claim(self, batch: int) -> Sequence[N]:
        """Lock the rows longest due. SQLite has no row locks: there the transaction is one."""
        due = self.rows.filter(next_nudge_at__lte=self.at).order_by("next_nudge_at", "pk")
        return list(due.select_for_update(skip_locked=True, of=("self",))[:batch])

    def nudge(self, claimed: Sequence[N]) -> int:
        """Compose and move on, all rows together; where that fails, halve until it is found whose."""
        try:
            with transaction.atomic():
                return self._write(claimed)
        except Exception as error:  # whatever one row does, the rest must be nudged
            if len(claimed) == 1:
                self._put_off(claimed[0], error)
                return 0
        half = len(claimed) // 2
        return self.nudge(claimed[:half]) + self.nudge(claimed[half:])

    def record(self, rows: int, messages: int) -> None:
        """One line for the batch, about the kind of row: the messages name each one."""
        kind = ContentType.objects.get_for_model(self.rows.model)
        said = {"kind": self.rows.model._meta.label_lower, "rows": rows, "messages": messages}
        records.audit("nudge", kind, actor=None, at=self.at, **said)

    def tell(self, say: Say) -> None:
        """Say what the batch did, once it is committed."""
        for line in self.lines:
            say(line)
        self.lines.clear()

    def _write(self, claimed: Sequence[N]) -> int:
        steps = [self._step(row) for row in claimed]
        told = [
            (row, step, list(self.compose(row, step)))
            for row, step in zip(claimed, steps, strict=True)
            if step
        ]
        messages = [message for _, _, some in told for message in some]
        new = composing.compose_counted(messages, at=self.at) if messages else 0
        self._move(claimed, steps)
        if self.called:
            self.lines.extend(
                _line(self.called(row), step, some) for row, step, some in told if some
            )
        return new

    def _step(self, row: N) -> DueStep | None:
        if row.due_at is None:
            return None
        return due_step(self.ladder, row.due_at, row.nudged_through, self.at)

    def _move(self, claimed: Sequence[N], steps: Sequence[DueStep | None]) -> None:
        """One UPDATE for all rows that reached the same step, not one a row."""
        alike: dict[tuple[str, timedelta | None], list[int]] = defaultdict(list)
        for row, step in zip(claimed, steps, strict=True):
            through = step.key if step else row.nudged_through
            alike[through, self._wait(row)].append(row.pk)
        for (through, wait), keys in alike.items():
            later = Value(None) if wait is None else F("due_at") + wait
            self._book(keys, next_nudge_at=later, nudged_through=through)

    def _wait(self, row: N) -> timedelta | None:
        """From the due instant to the next look: the same for all rows on one step."""
        later = row.due_at and next_at(self.ladder, row.due_at, self.at)
        return later - row.due_at if later and row.due_at else None

    def _put_off(self, row: N, error: Exception) -> None:
        # The error's own text may quote what the row says of people: only its kind is logged.
        logger.error(
            "nudging %s %s failed: %s", row._meta.label_lower, row.pk, type(error).__name__
        )
        self._book([row.pk], next_nudge_at=self.at + TRY_AGAIN_AFTER)

    def _book(self, keys: Sequence[int], **columns: object) -> None:
        """Write bookkeeping, which row history leaves out; nothing else is written this way."""
        self.rows.model._base_manager.filter(pk__in=keys).update(**columns)
