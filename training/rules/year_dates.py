"""Which of many possible dates the planner is offered: few, cheap, and spread over the period."""

from collections.abc import Iterable, Mapping
from datetime import datetime

DATES = 10  # a planner that may choose among hundreds finds no better date, only later


def chosen(
    costs: Mapping[datetime, int], keep: Iterable[datetime] = (), *, most: int = DATES
) -> list[datetime]:
    """The cheapest of each week and of each time of day, the cheaper ones first kept; and `keep`.

    In order. Of equals the earlier one counts, but another weekday each week, so that nobody who
    is away every Tuesday is left out of the whole year.
    """
    best: dict[object, datetime] = {}
    for instant in sorted(costs):
        week = instant.isocalendar()[:2]
        for kind in (week, instant.time()):
            other = best.get(kind)
            if other is None or _rank(costs, instant) < _rank(costs, other):
                best[kind] = instant
    cheapest = sorted(set(best.values()), key=lambda one: (costs[one], one))
    kept = set(keep)
    return sorted(kept | set(cheapest[: max(0, most - len(kept))]))


def _rank(costs: Mapping[datetime, int], instant: datetime) -> tuple[int, int]:
    week, day = instant.isocalendar()[1:]
    return costs[instant], (day - week) % 5
