"""The four metrics of the last twelve months as charts, each with its numbers in a table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings

from incidents.models import Incident
from reviews.metrics import Duration, Month, Share, monthly

MONTHS = 12
CHARTED = 5_000  # incidents read at most: the first page must not grow with history
_MONTH = relativedelta(months=1)
_MEDIAN = {"borderColor": "var(--color-primary-500)", "pointStyle": "circle"}
# Told apart without colour, too: where a month has one incident both lines meet.
_NINETIETH = {
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


def four_metrics(at: datetime) -> list[Chart]:
    """The charts of the overview; months are read in the organisation's zone.

    A company with more than CHARTED incidents in them sees fewer months.
    """
    this_month = _month_of(at)
    months = monthly(_first_month(this_month), this_month + _MONTH)
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
    ]


def _first_month(this_month: date) -> date:
    """A year ago, or the first month after the incident that is one too many: one index probe."""
    known = Incident.objects.filter(detected_at__isnull=False).order_by("-detected_at")
    too_old = known.values_list("detected_at", flat=True)[CHARTED : CHARTED + 1].first()
    longest = this_month - (MONTHS - 1) * _MONTH
    if too_old is None:
        return longest
    return min(max(_month_of(too_old) + _MONTH, longest), this_month)


def _month_of(at: datetime) -> date:
    return at.astimezone(settings.ORGANISATION_ZONE).date().replace(day=1)


def _duration(title: str, meaning: str, months: list[Month], found: list[Duration]) -> Chart:
    medians = [one.median_minutes for one in found]
    lines = [
        _series("median", medians, _MEDIAN),
        _series("90th percentile", [one.p90_minutes for one in found], _NINETIETH),
    ]
    rows = [
        [_name(month.starts_on), str(one.n), _number(one.median_minutes), _number(one.p90_minutes),
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
    bars = [_series("share", percent, _MEDIAN)]
    columns = ["month", "n", "count", "share"]
    return _chart(
        title, meaning, _latest(months, percent, "%"), months, bars, columns, rows, most=100
    )


def _chart(
    title: str,
    meaning: str,
    latest: tuple[str, str],
    months: list[Month],
    series: list[dict[str, Any]],
    columns: list[str],
    rows: list[list[str]],
    *,
    most: int | None = None,
) -> Chart:
    labels = [_name(month.starts_on) for month in months]
    data = json.dumps({"labels": labels, "datasets": series})
    return Chart(
        title, meaning, *latest, most is None, data, _options(most), columns, rows[::-1]
    )


def _latest(months: list[Month], values: Sequence[float | None], unit: str) -> tuple[str, str]:
    """The last month that has a value, and the value: what the headline says."""
    known = [(month, of) for month, of in zip(months, values, strict=True) if of is not None]
    if not known:
        return "", "no data yet"
    month, value = known[-1]
    return _name(month.starts_on), f"{_number(value)} {unit}"


def _options(most: int | None) -> str:
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


def _series(
    label: str, values: Sequence[float | None], looks: dict[str, Any]
) -> dict[str, Any]:
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


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
