"""How late messages left, as a chart and as its numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from raci_project.figures import Lateness

NAMES = ("1 s", "5 s", "30 s", "2 min", "10 min", "1 h", "later")
IN_TIME = 1  # the bucket up to which a message is called in time: 5 s
_COLOUR = "var(--color-primary-500)"
_OPTIONS = json.dumps(
    {
        "animation": False,
        "maintainAspectRatio": False,
        "responsive": True,
        "barPercentage": 0.7,
        "plugins": {"legend": {"display": False}},
        "scales": {
            "y": {"beginAtZero": True, "ticks": {"maxTicksLimit": 6, "precision": 0}},
            "x": {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkip": False}},
        },
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One bucket: its name, how many messages, and what share left no later than its end."""

    name: str
    count: int
    so_far: str


@dataclass(frozen=True, slots=True)
class LatenessChart:
    """The chart of a day; without a message there is none."""

    total: int
    in_time: str
    data: str
    options: str
    rows: Sequence[Row]


def chart(late: Lateness) -> LatenessChart:
    """The buckets in order, each with its share."""
    shares = [_percent(so_far, late.total) for so_far in late.cumulative]
    rows = [
        Row(name, count, share)
        for name, count, share in zip(NAMES, late.counts, shares, strict=True)
    ]
    series = {
        "label": "messages",
        "data": list(late.counts),
        "backgroundColor": _COLOUR,
        "borderColor": _COLOUR,
        "maxBarThickness": 48,
    }
    data = json.dumps({"labels": list(NAMES), "datasets": [series]})
    return LatenessChart(late.total, shares[IN_TIME], data, _OPTIONS, rows)


def _percent(part: int, whole: int) -> str:
    """Rounded down: 100 % is said of all alone."""
    return f"{part * 1000 // whole / 10:g} %" if whole else ""
