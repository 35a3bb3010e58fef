"""Nudging one action item in a hundred, beside plain ORM that selects, inserts and updates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from bench.company import Company
from bench.measured import Aim, Effort, Measured, medians, statements
from incidents.models import OutboxMessage, Person
from reviews.models import ActionItem
from reviews.operations import sweeps


class DuplicatesError(AssertionError):
    """A second tick composed messages that were composed already."""


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """A whole sweep of reviews and action items; then a second tick, which must add nothing."""
    overdue = Overdue(company.at)
    overdue.forget()
    sent = statements(partial(sweeps.sweep, company.at))
    composed = OutboxMessage.objects.count()
    if composed < rows // 100 - 2:
        raise RuntimeError(f"Only {composed} messages for some {rows // 100} overdue items")
    yield _second_tick(company, database, rows, effort)
    overdue.forget()
    times = medians(
        partial(sweeps.sweep, company.at), overdue.nudge, effort, between=overdue.forget
    )
    yield Measured(
        f"nudge {composed:,} overdue items", database, rows, *times,
        statements=sent, aim=Aim(ratio=2),
    )  # fmt: skip


def _second_tick(company: Company, database: str, rows: int, effort: Effort) -> Measured:
    before = OutboxMessage.objects.count()
    tick = partial(sweeps.sweep, company.at + timedelta(seconds=30))
    sent = statements(tick)
    times = medians(tick, None, effort)
    if OutboxMessage.objects.count() != before:
        raise DuplicatesError(f"{OutboxMessage.objects.count() - before} duplicates")
    return Measured("second tick, adds none", database, rows, *times, statements=sent)


@dataclass
class Overdue:
    """The items overdue at `at`, how plain ORM nudges them, and how it is undone."""

    at: datetime

    def nudge(self) -> None:
        """Read what is overdue, write a message to each owner (late: and manager), move on."""
        with transaction.atomic():
            due = ActionItem.objects.filter(status="open", next_nudge_at__lte=self.at)
            items = list(due.select_related("owner__manager", "review__incident"))
            OutboxMessage.objects.bulk_create(
                [self._message(item, to) for item in items for to in self._told(item)],
                batch_size=1000,
            )
            due.update(next_nudge_at=F("due_at") + timedelta(days=30), nudged_through="bare")

    def forget(self) -> None:
        """As before the first nudge."""
        OutboxMessage.objects.all().delete()
        nudged = ActionItem.objects.exclude(nudged_through="")
        nudged.update(next_nudge_at=F("due_at"), nudged_through="")

    def _told(self, item: ActionItem) -> list[Person]:
        is_late = item.due_at is not None and item.due_at <= self.at - timedelta(days=7)
        return [who for who in (item.owner, is_late and item.owner.manager) if who]

    def _message(self, item: ActionItem, to: Person) -> OutboxMessage:
        return OutboxMessage(
            dedupe_key=f"bare:{item.pk}:{item.due_at}:{to.pk}",
            kind="action-item-nudge",
            recipient=to,
            address=to.email,
            subject=f"{item.reference} is late: {item.title}",
            body=f"{item} from the review of {item.review.incident} is late: it was due on "
            f"{item.due_on}. Its owner is {item.owner}.\n\nPlease finish it and say what was "
            "done, or reschedule it and say why.",
            link=f"/admin/reviews/actionitem/{item.pk}/change/",
            topic=item.review.incident.reference,
            created_at=self.at,
            due_at=self.at,
            next_attempt_at=self.at,
        )
