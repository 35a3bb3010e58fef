"""The two readings of the metrics: one period in full, and months for the charts."""

from dataclasses import dataclass
from datetime import date, datetime

from reviews.metrics import durations as took
from reviews.metrics.churn import Churn, severity_churn
from reviews.metrics.durations import Duration, durations
from reviews.metrics.duties import NO_DUTIES, duties
from reviews.metrics.shares import (
    RepeatShare,
    Share,
    actions_on_time,
    comms_lead,
    repeats,
    reviews_on_time,
    updates_on_time,
)
from reviews.metrics.spans import months, narrowed, period, placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Every metric of one period."""

    time_to_first_public_update: Duration
    detection_to_containment: Duration
    detection_to_resolution: Duration
    time_to_commander: Duration
    time_to_acknowledge: Duration
    comms_lead_share: Share
    repeat_rate: RepeatShare
    update_adherence: Share
    review_on_time: Share
    action_completion_on_time: Share
    severity_churn: Churn
    counsel_engagement: Share
    notifications_on_time: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The metrics charted, of the incidents detected in one calendar month of the organisation.

    Legal clocks are those that fell due in it.
    """

    starts_on: date
    time_to_first_public_update: Duration
    detection_to_containment: Duration
    comms_lead_share: Share
    repeat_rate: RepeatShare
    update_adherence: Share
    counsel_engagement: Share
    notifications_on_time: Share


def measure(
    from_on: date, until_on: date, *, at: datetime, severity: str = "", service: str = ""
) -> Report:
    """Every metric of the organisation's days [from_on, until_on), as known at `at`.

    Fourteen queries, and one a filter. Refuses `period_empty`, `unknown_severity`, `unknown_service`.
    """
    spans = period(from_on, until_on)
    among = narrowed(severity=severity, service=service)
    rows = placed(among, spans)
    measures = (
        took.FIRST_PUBLIC_UPDATE,
        took.CONTAINMENT,
        took.RESOLUTION,
        took.COMMANDER,
        took.ACKNOWLEDGE,
    )
    found = durations(rows, *measures)
    legal = duties(among, spans, at=at).get(0, NO_DUTIES)
    return Report(
        **{of.name: found[of.name].get(0, Duration()) for of in measures},
        comms_lead_share=comms_lead(rows).get(0, Share()),
        repeat_rate=repeats(rows, spans).get(0, RepeatShare()),
        update_adherence=updates_on_time(rows).get(0, Share()),
        review_on_time=reviews_on_time(among, spans, at=at),
        action_completion_on_time=actions_on_time(among, spans, at=at),
        severity_churn=severity_churn(rows),
        counsel_engagement=legal.counsel,
        notifications_on_time=legal.notices,
    )


def monthly(from_on: date, until_on: date, *, at: datetime) -> list[Month]:
    """The metrics charted, of each month that [from_on, until_on) touches, in eight queries.

    Refuses `period_empty` and `too_many_months` (more than 24).
    """
    spans, firsts = months(from_on, until_on)
    among = narrowed()
    rows = placed(among, spans)
    found = durations(rows, took.FIRST_PUBLIC_UPDATE, took.CONTAINMENT)
    led, repeated, kept = comms_lead(rows), repeats(rows, spans), updates_on_time(rows)
    legal = duties(among, spans, at=at)
    return [
        Month(
            starts_on=first,
            time_to_first_public_update=found[took.FIRST_PUBLIC_UPDATE.name].get(n, Duration()),
            detection_to_containment=found[took.CONTAINMENT.name].get(n, Duration()),
            comms_lead_share=led.get(n, Share()),
            repeat_rate=repeated.get(n, RepeatShare()),
            update_adherence=kept.get(n, Share()),
            counsel_engagement=legal.get(n, NO_DUTIES).counsel,
            notifications_on_time=legal.get(n, NO_DUTIES).notices,
        )
        for n, first in enumerate(firsts)
    ]
