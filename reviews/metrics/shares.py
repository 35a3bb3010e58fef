"""How many of how many: communications leads, repeats, promises kept on time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Lag, TruncDate

from incidents.models import Assignment, Incident
from incidents.rules.phases import State
from incidents.rules.roles import COMMUNICATIONS
from reviews.metrics.spans import Spans
from reviews.models import ActionItem, Review

REPEATS_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`count` of `n`; `missing` are those of which it cannot be known, and not part of `n`."""

    n: int = 0
    count: int = 0
    missing: int = 0

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None of nothing."""
        return round(self.count / self.n, 4) if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShare(Share):
    """Repeats among the closed incidents of one class of cause."""

    cause_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatShare(Share):
    """Repeats among closed incidents. Both counts are published; one incident may be in both."""

    by_rule: int = 0
    by_link: int = 0
    by_cause_class: tuple[CauseShare, ...] = ()


def comms_lead(rows: QuerySet[Incident]) -> dict[int, Share]:
    """By span: incidents in which somebody ever held the role of communications lead.

    Imported history tells of no roles: it is missing, not "without".
    """
    held = Assignment.objects.filter(incident=OuterRef("pk"), role=COMMUNICATIONS)
    found = (
        rows.annotate(is_led=Exists(held))
        .values("span")
        .annotate(
            n=Count("pk", filter=Q(source="")),
            count=Count("pk", filter=Q(source="", is_led=True)),
            missing=Count("pk", filter=~Q(source="")),
        )
    )
    return {
        row["span"]: Share(n=row["n"], count=row["count"], missing=row["missing"])
        for row in found
    }


def repeats(rows: QuerySet[Incident], spans: Spans) -> dict[int, RepeatShare]:
    """By span of the later incident: closed ones that repeat an earlier one.

    By rule: same class of cause and a shared service, detected within 90 days before. By link:
    its review names the incident it repeats. Only published reviews speak.
    """
    is_said = Q(review__status=Review.Status.PUBLISHED)
    is_linked = is_said & Q(review__repeat_of__isnull=False)
    is_ruled = Q(pk__in=_repeating(spans))
    found = (
        rows.filter(state=State.CLOSED)
        .annotate(
            cause=Case(
                When(is_said, then=F("review__cause_class__slug")),
                default=Value(None),
                output_field=CharField(null=True),
            ),
        )
        .values("span", "cause")
        .annotate(
            n=Count("pk"),
            count=Count("pk", filter=is_ruled | is_linked),
            by_rule=Count("pk", filter=is_ruled),
            by_link=Count("pk", filter=is_linked),
        )
    )
    causes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        causes[row["span"]].append(dict(row))
    return {span: _repeat_share(of_span) for span, of_span in causes.items()}


def reviews_on_time(incidents: QuerySet[Incident], spans: Spans, *, at: datetime) -> Share:
    """Reviews that fell due in the span and by `at`: published by then."""
    due = Review.objects.filter(spans.contain("due_at"), due_at__lte=at, incident__in=incidents)
    kept = Q(published_at__lte=F("due_at"))
    return Share(**due.aggregate(n=Count("pk"), count=Count("pk", filter=kept)))


def actions_on_time(incidents: QuerySet[Incident], spans: Spans, *, at: datetime) -> Share:
    """Action items first due in the span, on days over by `at`: done on that day or before.

    Days are the organisation's. A moved date does not help, and what was cancelled or accepted
    as a risk was not done.
    """
    zone = settings.ORGANISATION_ZONE
    first, end = (edge.astimezone(zone).date() for edge in (spans.edges[0], spans.edges[-1]))
    due = ActionItem.objects.filter(
        original_due_on__gte=first,
        original_due_on__lt=min(end, at.astimezone(zone).date()),
        review__incident__in=incidents,
    ).annotate(finished_on=TruncDate("finished_at", tzinfo=zone))
    kept = Q(status=ActionItem.Status.DONE, finished_on__lte=F("original_due_on"))
    return Share(**due.aggregate(n=Count("pk"), count=Count("pk", filter=kept)))


def _repeating(spans: Spans) -> QuerySet[Review, Any]:
    """The incidents in the spans before which, within 90 days, one alike was detected.

    Only the nearest before can decide, so one pass in order of time is enough: asking of each
    incident whether there is an earlier one costs the square of their number.
    """
    nearest_before = Window(
        Lag("incident__detected_at"),
        partition_by=["cause_class", "incident__services"],
        order_by=["incident__detected_at", "incident"],
    )
    published = Review.objects.filter(
        status=Review.Status.PUBLISHED,
        cause_class__isnull=False,
        incident__services__isnull=False,
        incident__detected_at__gte=spans.edges[0] - REPEATS_WITHIN,
        incident__detected_at__lt=spans.edges[-1],
        incident__in=Incident.objects.real(),
    )
    return (
        published.annotate(before=nearest_before)
        .filter(before__gte=F("incident__detected_at") - REPEATS_WITHIN)
        .values("incident")
    )


def _repeat_share(causes: Iterable[dict[str, Any]]) -> RepeatShare:
    rows = sorted(causes, key=lambda row: row["cause"] or "")
    totals = {
        what: sum(row[what] for row in rows) for what in ("n", "count", "by_rule", "by_link")
    }
    named = tuple(
        CauseShare(cause_class=row["cause"], n=row["n"], count=row["count"])
        for row in rows
        if row["cause"] is not None
    )
    return RepeatShare(**totals, by_cause_class=named)
