"""How many of how many: communications leads, repeats, promises kept on time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
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


@dataclass(frozen=True, slots=True)
class _Group:
    """Closed incidents of one span and class of cause, either all linked or none."""

    cause: str | None
    n: int
    by_rule: int
    by_link: int

    @property
    def count(self) -> int:
        """Repeats of either kind: where all are linked, those by rule are among them."""
        return self.by_link or self.by_rule


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
    closed = rows.filter(state=State.CLOSED).annotate(
        cause=Case(
            When(is_said, then=F("review__cause_class__slug")),
            default=Value(None),
            output_field=CharField(null=True),
        ),
        linked=Case(When(is_linked, then=Value(1)), default=Value(0)),
    )
    # A query of its own: in one with the rest, databases look for the repeating ones twice.
    ruled = _counted(closed.filter(pk__in=_repeating(spans)))
    found: dict[int, list[_Group]] = defaultdict(list)
    for (span, cause, linked), n in _counted(closed).items():
        by_rule = ruled.get((span, cause, linked), 0)
        found[span].append(_Group(cause, n, by_rule, by_link=n * linked))
    return {span: _repeat_share(groups) for span, groups in found.items()}


def _counted(closed: QuerySet[Any]) -> dict[tuple[int, str | None, int], int]:
    groups = closed.values("span", "cause", "linked").annotate(n=Count("pk"))
    return {(row["span"], row["cause"], row["linked"]): row["n"] for row in groups}


def updates_on_time(rows: QuerySet[Any]) -> dict[int, Share]:
    """By span: due instants of updates that were answered or missed, and how many in time.

    Each instant counts once, whichever audience waited. Imported history tells of none.
    """
    in_time = Q(updates_due__answered_at__lte=F("updates_due__due_at"))
    found = rows.values("span").annotate(
        n=Count("updates_due"), count=Count("updates_due", filter=in_time)
    )
    return {row["span"]: Share(n=row["n"], count=row["count"]) for row in found}


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


def _repeating(spans: Spans) -> QuerySet[Incident, Any]:
    """The incidents in the spans before which, within 90 days, one alike was detected.

    Only the nearest before can decide, so one pass in order of time is enough: asking of each
    incident whether there is an earlier one costs the square of their number.
    """
    nearest_before = Window(
        Lag("detected_at"),
        partition_by=["review__cause_class", "services"],
        order_by=["detected_at", "pk"],
    )
    said = Incident.objects.real().filter(
        review__status=Review.Status.PUBLISHED,
        review__cause_class__isnull=False,
        services__isnull=False,
        detected_at__gte=spans.edges[0] - REPEATS_WITHIN,
        detected_at__lt=spans.edges[-1],
    )
    # Those detected before the spans are only there to be repeated: for them nothing is computed,
    # since SQLite calls back into Python for the arithmetic.
    since = Case(
        When(detected_at__gte=spans.edges[0], then=F("detected_at") - REPEATS_WITHIN),
        output_field=DateTimeField(),
    )
    found = said.annotate(before=nearest_before, since=since).filter(before__gte=F("since"))
    return found.order_by().values("pk")


def _repeat_share(groups: Sequence[_Group]) -> RepeatShare:
    by_cause: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        if group.cause is not None:
            by_cause[group.cause].append(group)
    return RepeatShare(
        n=sum(group.n for group in groups),
        count=sum(group.count for group in groups),
        by_rule=sum(group.by_rule for group in groups),
        by_link=sum(group.by_link for group in groups),
        by_cause_class=tuple(
            CauseShare(
                cause_class=cause,
                n=sum(group.n for group in alike),
                count=sum(group.count for group in alike),
            )
            for cause, alike in sorted(by_cause.items())
        ),
    )
