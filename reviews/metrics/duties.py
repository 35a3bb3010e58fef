"""Counsel within the hour, and notices to authorities in time: of the legal clocks that fell due."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from incidents.models import Incident, LegalClock
from incidents.rules.legal_clocks import COUNSEL
from reviews.metrics.shares import Share
from reviews.metrics.spans import Spans

# Counsel found that nothing was owed, or there was no incident: nobody kept or missed anything.
_NOT_OWED = (LegalClock.Outcome.STOOD_DOWN, LegalClock.Outcome.VOID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """The legal clocks of one span: how many of those that fell due were met in time."""

    counsel: Share
    notices: Share


NO_DUTIES = Duties(counsel=Share(), notices=Share())


def duties(incidents: QuerySet[Incident], spans: Spans, *, at: datetime) -> dict[int, Duties]:
    """By span: clocks of these incidents that fell due in it and were owed, in one query.

    A clock counts once it is settled, or overdue at `at`; one still running in time is not yet
    known. In time is what the law allows, so a notice after the conservative instant but before
    the permitted one was met. Of notices only those whose deadline the law gives as a number.
    """
    owed = LegalClock.objects.filter(spans.contain("due_at"), incident__in=incidents)
    known = owed.exclude(outcome__in=_NOT_OWED).filter(~Q(outcome="") | _overdue(at))
    is_counsel = Q(kind=COUNSEL)
    is_notice = ~is_counsel & Q(is_fixed=True)
    is_met = Q(outcome=LegalClock.Outcome.MET)
    rows = (
        known.order_by()
        .annotate(span=spans.number("due_at"))
        .values("span")
        .annotate(
            counsel=Count("pk", filter=is_counsel),
            counsel_met=Count("pk", filter=is_counsel & is_met),
            notices=Count("pk", filter=is_notice),
            notices_met=Count("pk", filter=is_notice & is_met),
        )
    )
    return {
        row["span"]: Duties(
            counsel=Share(n=row["counsel"], count=row["counsel_met"]),
            notices=Share(n=row["notices"], count=row["notices_met"]),
        )
        for row in rows
    }


def _overdue(at: datetime) -> Q:
    """The law's own instant has passed, which is later than the conservative one where both are."""
    return Q(permitted_until=None, due_at__lte=at) | Q(permitted_until__lte=at)
