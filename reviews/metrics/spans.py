"""Consecutive spans of time, and the incidents that fall into them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise

from django.conf import settings
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.db.models.functions import Coalesce

from incidents.models import Incident, Service, SeverityLevel
from incidents.rules.reasons import Invalid

MAX_MONTHS = 24
# Beyond these no incident was detected, and arithmetic near the calendar's ends overflows.
EARLIEST, LATEST = date(1970, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Spans:
    """Half-open spans, each from one edge to the next; edges are rising instants in UTC."""

    edges: tuple[datetime, ...]

    def __len__(self) -> int:
        return len(self.edges) - 1

    def contain(self, field: str) -> Q:
        """Rows of which this instant falls into any of the spans."""
        return Q(**{f"{field}__gte": self.edges[0], f"{field}__lt": self.edges[-1]})

    def number(self, field: str) -> Case:
        """In which span, counted from 0, an instant contained by them falls.

        Comparing with a dozen constants stays inside the database; truncating to a month in a
        zone is, on SQLite, a call back into Python for every row.
        """
        ends = enumerate(self.edges[1:])
        whens = [When(Q(**{f"{field}__lt": end}), then=number) for number, end in ends]
        return Case(*whens, output_field=IntegerField())


def period(from_on: date, until_on: date) -> Spans:
    """One span: the organisation's days [from_on, until_on). Refuses `period_empty`."""
    return _spans([from_on, until_on])


def months(from_on: date, until_on: date) -> tuple[Spans, list[date]]:
    """The organisation's calendar months that [from_on, until_on) touches, with their first days.

    Refuses `period_empty` and `too_many_months`.
    """
    firsts = [from_on.replace(day=1)]
    while firsts[-1] < min(until_on, LATEST):
        if len(firsts) > MAX_MONTHS:
            message = f"Choose at most {MAX_MONTHS} months."
            raise Invalid.because("too_many_months", message, "from")
        firsts.append(_next_month(firsts[-1]))
    return _spans(firsts), firsts[:-1]


def spans_of(days: Sequence[date]) -> Spans:
    """From each of these days of the organisation to the next. Refuses `period_empty`."""
    return _spans(days)


def placed(rows: QuerySet[Incident], spans: Spans) -> QuerySet[Incident]:
    """Those of the incidents that were detected in the spans, each with its `span`.

    One of which nobody knows when it was detected is placed by its declaration.
    """
    detected = spans.contain("detected_at")
    undetected = Q(detected_at=None) & spans.contain("declared_at")
    dated = (
        rows.filter(detected | undetected)
        .order_by()
        .annotate(happened_at=Coalesce("detected_at", "declared_at"))
    )
    return dated.annotate(span=spans.number("happened_at"))


def narrowed(*, severity: str = "", service: str = "") -> QuerySet[Incident]:
    """Real incidents of one severity level (by code) and one service (by slug); exercises never.

    Refuses `unknown_severity` and `unknown_service`: a misspelt filter must not look like calm.
    """
    rows = Incident.objects.real()
    if severity:
        if not SeverityLevel.objects.filter(code=severity).exists():
            message = f"There is no severity level “{severity}”: give the code of one."
            raise Invalid.because("unknown_severity", message, "severity")
        rows = rows.filter(level__code=severity)
    if service:
        if not Service.objects.filter(slug=service).exists():
            message = f"There is no service “{service}”: give the slug of one."
            raise Invalid.because("unknown_service", message, "service")
        rows = rows.filter(services__slug=service)
    return rows


def _spans(days: Sequence[date]) -> Spans:
    if len(days) < 2 or any(a >= b for a, b in pairwise(days)):
        raise Invalid.because("period_empty", "The period ends before it begins.", "to")
    return Spans(tuple(_midnight(day) for day in days))


def _midnight(day: date) -> datetime:
    """The instant, in UTC, at which this day begins for the organisation."""
    if not EARLIEST <= day <= LATEST:
        message = f"Choose days from {EARLIEST} to {LATEST}."
        raise Invalid.because("date_out_of_range", message)
    return datetime.combine(day, time.min, settings.ORGANISATION_ZONE).astimezone(UTC)


def _next_month(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
