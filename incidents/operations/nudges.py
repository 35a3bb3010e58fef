"""The one sweep along a policy's ladder: claim what is due, compose each step once, move on."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value

from incidents.models import Nudged, NudgePolicy, Person
from incidents.operations import composing, records
from incidents.rules import policy as rules
from incidents.rules.nudges import DueStep, Ladder
from incidents.rules.policy import Policy

BATCH = 1000
# A row that cannot be nudged is looked at again then: soon enough for an update clock.
TRY_AGAIN_AFTER = timedelta(minutes=10)

N = TypeVar("N", bound=Nudged)
Say = Callable[[str], None]

logger = logging.getLogger(__name__)


def schedule(row: Nudged, policy: Policy | Ladder, *, at: datetime) -> None:
    """Begin the ladder anew for the row's due instant, without saving; no due instant ends it.

    Reminders that should have gone out before the due instant are let go: whoever sets it now
    knows of it. What is overdue already is nudged by the next sweep.
    """
    row.nudged_through = ""
    row.next_nudge_at = row.due_at and rules.of(policy).first_at(row.due_at, at)


def end(row: Nudged) -> None:
    """Nothing is owed by this row any more, without saving."""
    row.due_at = row.next_nudge_at = None
    row.nudged_through = ""


def key(row: Nudged, step: DueStep, person: Person) -> str:
    """What makes a nudge unique: this row, owed by this instant, this step, this person."""
    due_at = row.due_at.astimezone(UTC).isoformat() if row.due_at else ""
    return f"{row._meta.label_lower}:{row.pk}:{due_at}:{step.key}:{person.pk}"


def sweep(
    rows: QuerySet[N],
    policy: Policy | Ladder,
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
    left to it. A row that fails is logged and tried again later; the others go on. Where the
    policy was changed, all open rows are booked by it first: steps reached before are let go.
    """
    law = rules.of(policy)
    if law.is_changed:
        _book_anew(rows, law, at)
    work = _Sweep(rows, law, compose, at, called if say else None)
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
    policy: Policy
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
        self._move_on(claimed, steps)
        if self.called:
            self.lines.extend(
                _line(self.called(row), step, some) for row, step, some in told if some
            )
        return new

    def _step(self, row: N) -> DueStep | None:
        if row.due_at is None:
            return None
        return self.policy.due_step(row.due_at, row.nudged_through, self.at)

    def _move_on(self, claimed: Sequence[N], steps: Sequence[DueStep | None]) -> None:
        looks = []
        for row, step in zip(claimed, steps, strict=True):
            through = step.key if step else row.nudged_through
            looks.append(
                (row, through, row.due_at and self.policy.next_at(row.due_at, self.at))
            )
        _move(self.rows, looks)

    def _put_off(self, row: N, error: Exception) -> None:
        # The error's own text may quote what the row says of people: only its kind is logged.
        logger.error(
            "nudging %s %s failed: %s", row._meta.label_lower, row.pk, type(error).__name__
        )
        _book(self.rows, [row.pk], next_nudge_at=self.at + TRY_AGAIN_AFTER)


@transaction.atomic
def _book_anew(rows: QuerySet[N], policy: Policy, at: datetime) -> None:
    """Let every open row go by the policy as it was changed; once, whichever sweep is first.

    What is due by now is left as it is: it was owed before the change, or scheduled since. Each
    thousand is locked while it is written, so that no act's new due instant is overwritten.
    """
    changed_at = policy.changed_at
    mine = NudgePolicy.objects.filter(pk=policy.what, applied_at__lt=F("changed_at"))
    if changed_at is None or not mine.filter(changed_at=changed_at).update(
        applied_at=changed_at
    ):
        return
    later = Q(next_nudge_at=None) | Q(next_nudge_at__gt=at)
    waiting = rows.filter(later, due_at__isnull=False).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    for begin in range(0, len(keys), BATCH):
        some = rows.model._base_manager.filter(pk__in=keys[begin : begin + BATCH])
        held = some.filter(later, due_at__isnull=False).select_for_update().only("due_at")
        looks = [(row, *policy.anew(row.due_at, changed_at)) for row in held if row.due_at]
        _move(rows, looks)


def _move(rows: QuerySet[N], looks: Iterable[tuple[N, str, datetime | None]]) -> None:
    """Book through which step each row is done and when to look next.

    One UPDATE for all rows on the same step, not one a row: from the due instant to the next
    look is the same for them.
    """
    alike: dict[tuple[str, timedelta | None], list[int]] = defaultdict(list)
    for row, through, later in looks:
        wait = later - row.due_at if later and row.due_at else None
        alike[through, wait].append(row.pk)
    for (through, wait), keys in alike.items():
        next_look = Value(None) if wait is None else F("due_at") + wait
        _book(rows, keys, next_nudge_at=next_look, nudged_through=through)


def _book(rows: QuerySet[N], keys: Sequence[int], **columns: object) -> None:
    """Write bookkeeping, which row history leaves out; nothing else is written this way."""
    rows.model._base_manager.filter(pk__in=keys).update(**columns)
