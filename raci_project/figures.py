"""How the messages fare, in numbers: for the health page, for /metrics and for the dead-man's ping.

What waits and what is dead is counted through partial indexes, and of what was sent no more than
the last day is read: the cost does not grow with history. Nothing here names a person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import (
    Case,
    Count,
    FloatField,
    Func,
    IntegerField,
    Min,
    Q,
    Sum,
    Value,
    When,
)

from incidents.models import Heartbeat, Incident, OutboxMessage, Outlet
from incidents.models.records import Nudged

DAY = timedelta(days=1)
# Upper bounds of lateness, inclusive, in seconds; what is later comes after the last.
BOUNDS = (1, 5, 30, 120, 600, 3600)
SILENT_AFTER = timedelta(seconds=90)
PAGE = OutboxMessage.Priority.PAGE
Status = OutboxMessage.Status


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one status, channel and priority: how many, and how many are due since when."""

    status: str
    channel: str
    priority: int
    count: int
    due: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the messages of a day left: how many up to each bound, and the seconds in all."""

    counts: tuple[int, ...]
    seconds: float

    @property
    def total(self) -> int:
        """All messages of that day."""
        return sum(self.counts)

    @property
    def cumulative(self) -> tuple[int, ...]:
        """How many left no later than each bound; the last is the total."""
        return tuple(accumulate(self.counts))


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything at one instant."""

    at: datetime
    messages: Sequence[Waiting]
    lateness: Lateness
    beats: Mapping[str, datetime]
    outlets: Sequence[Outlet]
    open_incidents: int
    nudges: Mapping[str, int]

    def is_fresh(self, beat: datetime) -> bool:
        """Whether a process that beats every ten seconds still lives: nine missed, and it does not."""
        return self.at - beat < SILENT_AFTER

    def oldest(self) -> Iterable[Waiting]:
        """Of each channel and priority what is due and did not leave."""
        return (one for one in self.messages if one.due)

    def count(self, status: str) -> int:
        """All messages of this status."""
        return sum(one.count for one in self.messages if one.status == status)


def read(at: datetime) -> Figures:
    """The figures as of now; a constant number of queries."""
    return Figures(
        at,
        [*_waiting(at), *_dead()],
        lateness(at),
        dict(Heartbeat.objects.values_list("name", "at")),
        list(Outlet.objects.order_by("channel")),
        Incident.objects.open().count(),
        _nudges(at),
    )


def late_pages(at: datetime, *, by: timedelta) -> int:
    """How many pages were due so long ago and did not leave; held back for a failure is late, too."""
    pages = OutboxMessage.objects.filter(status=Status.PENDING, priority=PAGE)
    return pages.filter(due_at__lte=at - by).count()


class SecondsBetween(Func):
    """From the second instant to the first, in seconds to the millisecond, by the database itself.

    Django's own difference calls Python for each row on SQLite: a day of 100,000 took 4 seconds.
    """

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """As days of the Julian calendar."""
        template = "ROUND((julianday(%(expressions)s)) * 86400.0, 3)"
        joiner = ") - julianday("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        """As an interval."""
        template = "ROUND(EXTRACT(EPOCH FROM (%(expressions)s)), 3)::float8"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ")


def lateness(at: datetime) -> Lateness:
    """Of what left in the 24 hours before `at`."""
    sent = OutboxMessage.objects.filter(sent_at__gt=at - DAY, sent_at__lte=at).order_by()
    late = sent.annotate(late=SecondsBetween("sent_at", "due_at"))
    bounds = [When(late__lte=bound, then=Value(i)) for i, bound in enumerate(BOUNDS)]
    bucket = Case(*bounds, default=Value(len(BOUNDS)), output_field=IntegerField())
    rows = late.annotate(bucket=bucket).values_list("bucket")
    found = {
        index: (count, spent)
        for index, count, spent in rows.annotate(n=Count("pk"), spent=Sum("late"))
    }
    counts = tuple(found.get(index, (0, 0))[0] for index in range(len(BOUNDS) + 1))
    return Lateness(counts, float(sum(spent for _, spent in found.values())))


def _waiting(at: datetime) -> Iterable[Waiting]:
    due = Q(status=Status.PENDING, due_at__lte=at)
    found = [
        OutboxMessage.objects.filter(status=status)
        .order_by()
        .values_list("status", "channel", "priority")
        .annotate(n=Count("pk"), due=Count("pk", filter=due), oldest=Min("due_at", filter=due))
        for status in (Status.PENDING, Status.HELD)
    ]
    return (Waiting(*row) for row in found[0].union(found[1], all=True))


def _dead() -> Iterable[Waiting]:
    dead = OutboxMessage.objects.filter(status=Status.DEAD).order_by()
    rows = dead.values_list("status", "channel", "priority").annotate(n=Count("pk"))
    return (Waiting(*row) for row in rows)


def _nudges(at: datetime) -> dict[str, int]:
    """Of each kind of row how many the sweep should have looked at by now."""
    kinds = sorted(Nudged.__subclasses__(), key=lambda model: model._meta.label)
    counted = [
        model._default_manager.filter(next_nudge_at__lte=at)
        .order_by()
        .values_list(Value(str(model._meta.model_name)))
        .annotate(n=Count("pk"))
        for model in kinds
    ]
    owed = dict(counted[0].union(*counted[1:], all=True))
    return {str(model._meta.model_name): owed.get(model._meta.model_name, 0) for model in kinds}
