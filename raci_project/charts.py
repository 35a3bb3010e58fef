"""The metrics of twelve months as charts, each with its numbers in a table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings

from incidents.models import Incident
from reviews.metrics import Duration, Month, Share, monthly

MONTHS = 12
FIRST_YEAR = 1990  # nobody kept incidents in such a form before
CHARTED = 5_000  # incidents read at most: the first page must not grow with history
_MONTH = relativedelta(months=1)
MEDIAN = {"borderColor": "var(--color-primary-500)", "pointStyle": "circle"}
# Told apart without colour, too: where a month has one incident both lines meet.
NINETIETH = {
    "borderColor": "var(--color-orange-500)",
    "borderDash": [6, 4],
    "pointStyle": "triangle",
}


@dataclass(frozen=True)
class Chart:
    """One metric: its headline is the latest month that has a value."""

    title: str
    meaning: str
    latest: str
    headline: str
    is_line: bool
    data: str
    options: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Period:
    """The last month charted, and the months that the links beside it lead to; "" leads nowhere."""

    last: date
    earlier: str
    later: str


def period(said: str, at: datetime) -> Period:
    """The period that ends with the month `said` (YYYY-MM); with this month where it names none."""
    this_month = _month_of(at)
    last = min(_month_named(said) or this_month, this_month)
    later = min(last + MONTHS * _MONTH, this_month)
    earlier = last - MONTHS * _MONTH
    return Period(last, f"{earlier:%Y-%m}", f"{later:%Y-%m}" if later > last else "")


def by_month(last_month: date, *, at: datetime) -> list[Chart]:
    """The charts of the overview; months are read in the organisation's zone.

    A company with more than CHARTED incidents in them sees fewer months.
    """
    months = monthly(_first_month(last_month), last_month + _MONTH, at=at)
    return [
        _duration(
            "Time to first public update",
            "Minutes from detection to the first public post; where none was made it counts as never.",
            months,
            [month.time_to_first_public_update for month in months],
        ),
        _duration(
            "Detection to containment",
            "Minutes from detection until the impact stopped growing.",
            months,
            [month.detection_to_containment for month in months],
        ),
        _share(
            "With a communications lead",
            "Share of incidents in which somebody held the role.",
            months,
            [month.comms_lead_share for month in months],
        ),
        _share(
            "Repeat rate",
            "Closed incidents that repeat a cause class on the same service within 90 days.",
            months,
            [month.repeat_rate for month in months],
        ),
        _share(
            "Updates on time",
            "Share of the due instants of updates, of every audience, at which the update was out.",
            months,
            [month.update_adherence for month in months],
        ),
        _share(
            "Counsel within the hour",
            "Share of the incidents that wanted counsel within the hour in which counsel was engaged in time.",
            months,
            [month.counsel_engagement for month in months],
        ),
        _share(
            "Notices in time",
            "Share of the legal notices due in the month, by a deadline of the law, that were sent in time.",
            months,
            [month.notifications_on_time for month in months],
        ),
    ]


def _first_month(last_month: date) -> date:
    """A year before, or the first month after the incident that is one too many: one index probe."""
    ends_at = datetime.combine(last_month + _MONTH, time(), settings.ORGANISATION_ZONE)
    known = Incident.objects.filter(detected_at__lt=ends_at).order_by("-detected_at")
    too_old = known.values_list("detected_at", flat=True)[CHARTED : CHARTED + 1].first()
    longest = last_month - (MONTHS - 1) * _MONTH
    if too_old is None:
        return longest
    return min(max(_month_of(too_old) + _MONTH, longest), last_month)


def _month_named(said: str) -> date | None:
    """Nobody types this address: what is no month of a plausible year is simply not heeded."""
    try:
        month = datetime.strptime(said, "%Y-%m").date()  # noqa: DTZ007  a month has no zone
    except ValueError:
        return None
    return month if month.year >= FIRST_YEAR else None


def _month_of(at: datetime) -> date:
    return at.astimezone(settings.ORGANISATION_ZONE).date().replace(day=1)


def _duration(title: str, meaning: str, months: list[Month], found: list[Duration]) -> Chart:
    medians = [one.median_minutes for one in found]
    lines = [
        series("median", medians, MEDIAN),
        series("90th percentile", [one.p90_minutes for one in found], NINETIETH),
    ]
    rows = [
        [_name(month.starts_on), str(one.n), number(one.median_minutes), number(one.p90_minutes),
         str(one.running), str(one.never), str(one.missing)]
        for month, one in zip(months, found, strict=True)
    ]  # fmt: skip
    columns = ["month", "n", "median min", "p90 min", "running", "never", "missing"]
    return _chart(title, meaning, _latest(months, medians, "min"), months, lines, columns, rows)


def _share(title: str, meaning: str, months: list[Month], found: Sequence[Share]) -> Chart:
    percent = [None if one.share is None else round(one.share * 100, 1) for one in found]
    rows = [
        [_name(month.starts_on), str(one.n), str(one.count), "-" if of is None else f"{of} %"]
        for month, one, of in zip(months, found, percent, strict=True)
    ]
    bars = [series("share", percent, MEDIAN)]
    columns = ["month", "n", "count", "share"]
    return _chart(
        title, meaning, _latest(months, percent, "%"), months, bars, columns, rows, most=100
    )


def _chart(
    title: str,
    meaning: str,
    latest: tuple[str, str],
    months: list[Month],
    lines: list[dict[str, Any]],
    columns: list[str],
    rows: list[list[str]],
    *,
    most: int | None = None,
) -> Chart:
    labels = [_name(month.starts_on) for month in months]
    data = json.dumps({"labels": labels, "datasets": lines})
    return Chart(
        title, meaning, *latest, most is None, data, options(most), columns, rows[::-1]
    )


def _latest(months: list[Month], values: Sequence[float | None], unit: str) -> tuple[str, str]:
    """The last month that has a value, and the value: what the headline says."""
    known = [(month, of) for month, of in zip(months, values, strict=True) if of is not None]
    if not known:
        return "", "no data yet"
    month, value = known[-1]
    return _name(month.starts_on), f"{number(value)} {unit}"


def options(most: int | None) -> str:
    """The theme's default has no y axis and bars of 4 pixels; a share is at `most` 100 %."""
    y = {
        "beginAtZero": True,
        "max": most,
        "ticks": {"maxTicksLimit": 6, "precision": 0},
        "title": {"display": True, "text": "minutes" if most is None else "%"},
    }
    x = {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 8}}
    legend = {
        "display": most is None,
        "align": "end",
        "labels": {"usePointStyle": True, "boxHeight": 7},
    }
    return json.dumps(
        {
            "animation": False,
            "maintainAspectRatio": False,
            "responsive": True,
            "barPercentage": 0.7,
            "spanGaps": True,
            "plugins": {"legend": legend},
            "scales": {"x": x, "y": y},
        }
    )


def series(label: str, values: Sequence[float | None], looks: dict[str, Any]) -> dict[str, Any]:
    """One line or row of bars, in the looks of it."""
    return {
        "label": label,
        "data": list(values),
        **looks,
        "backgroundColor": looks["borderColor"],
        "borderWidth": 2,
        "pointRadius": 4,
        "maxBarThickness": 28,
    }


def _name(first: date) -> str:
    return f"{first:%b %y}"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
