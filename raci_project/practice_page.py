"""Does practice show? Exercises beside real incidents, and who had practised beside who had not.

Here, because reviews measure incidents and training knows who practised.
"""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from incidents.models import Assignment, Incident
from incidents.models.calendar import today
from incidents.rules.roles import COMMANDER
from raci_project.charts import MEDIAN, NINETIETH, Chart, number, options, series
from reviews.metrics.durations import Duration, Epoch
from reviews.metrics.practice import (
    SUPPRESSED_BELOW,
    Quarter,
    by_practice,
    by_quarter,
)
from reviews.metrics.spans import spans_of
from training.models import Evidence, GameDay, Proof

QUARTERS = 8
FRESH = timedelta(days=180)  # so long an exercise counts as practice
_DAY_SECONDS = timedelta(days=1).total_seconds()
_FRESH_SECONDS = (FRESH + timedelta(days=1)).total_seconds()  # the whole of its last day
_TITLES = {
    "time_to_commander": ("Time to commander", "Minutes from declaration until somebody commanded."),
    "time_to_acknowledge": ("Time to acknowledge", "Minutes from detection until it was acknowledged."),
    "time_to_first_internal_update": (
        "Time to first internal update",
        "Minutes from declaration until colleagues were told.",
    ),
    "detection_to_containment": (
        "Detection to containment",
        "Minutes from detection until the impact stopped growing.",
    ),
}  # fmt: skip
_SHOWN_BY = (Proof.PLAYED, Proof.LED)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Whoever may view incidents and game days sees it; changes nothing."""
    if not request.user.has_perms(("incidents.view_incident", "training.view_gameday")):
        raise PermissionDenied
    at = timezone.now()
    firsts = quarters(today(at))
    found = by_quarter(firsts, _in_real_time())
    before, after = by_practice(firsts, had_practised())
    context = {
        **admin.site.each_context(request),
        "title": "Does practice show?",
        "at": at,
        "charts": [_chart(name, found) for name in _TITLES],
        "compared": [
            (_TITLES[name][0], before[name], after[name], _verdict(before[name], after[name]))
            for name in _TITLES
        ],
        "exercises": sum(one.practised["time_to_commander"].n for one in found),
        "left_out": left_out(firsts),
        "fresh_days": FRESH.days,
        "least": SUPPRESSED_BELOW,
        "from_on": firsts[0],
    }
    return TemplateResponse(request, "admin/practice.html", context)


def quarters(on: date) -> tuple[date, ...]:
    """The first days of the last eight quarters and of the one after this."""
    this = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    return tuple(this + relativedelta(months=3 * n) for n in range(1 - QUARTERS, 2))


def left_out(firsts: Sequence[date]) -> int:
    """How many exercises of these quarters compare with nothing, told by hand or compressed."""
    rows = GameDay.objects.exclude(pace=GameDay.Pace.REAL)
    rows = rows.filter(status=GameDay.Status.COMPLETED)
    edges = spans_of(tuple(firsts)).edges
    shown = rows.filter(
        incident__declared_at__gte=edges[0], incident__declared_at__lt=edges[-1]
    )
    return shown.count()


def had_practised() -> Q:
    """Of an incident: somebody who commanded it had played or led an exercise shortly before.

    From the day after it: evidence has a day and no hour, so of the same day nobody knows which was
    first. Counted in seconds: SQLite calls into Python for its days, once for each proof of each command.
    """
    before = Epoch(OuterRef("assigned_at")) - Epoch("happened_on")
    shown = Evidence.objects.counting().alias(before=before)
    shown = shown.filter(
        person=OuterRef("person"),
        kind__in=_SHOWN_BY,
        before__gte=_DAY_SECONDS,
        before__lt=_FRESH_SECONDS,
    )
    commands = Assignment.objects.filter(Exists(shown), role=COMMANDER)
    return Q(pk__in=commands.values("incident"))


def _in_real_time() -> Any:
    return Incident.objects.filter(game_day__pace=GameDay.Pace.REAL)


def _chart(name: str, found: Sequence[Quarter]) -> Chart:
    title, meaning = _TITLES[name]
    real = [one.real[name] for one in found]
    practised = [one.practised[name] for one in found]
    labels = [_name(one.starts_on) for one in found]
    lines = [
        series("real incidents, median", [one.median_minutes for one in real], MEDIAN),
        series("exercises, median", [one.median_minutes for one in practised], NINETIETH),
    ]
    rows = [
        [
            label,
            str(one.n),
            number(one.median_minutes),
            str(other.n),
            number(other.median_minutes),
        ]
        for label, one, other in zip(labels, real, practised, strict=True)
    ]
    columns = ["quarter", "incidents", "median min", "exercises", "median min"]
    data = json.dumps({"labels": labels, "datasets": lines})
    return Chart(
        title,
        meaning,
        *_latest(labels, practised),
        True,  # noqa: FBT003
        data,
        options(None),
        columns,
        rows[::-1],
    )


def _latest(labels: Sequence[str], practised: Sequence[Duration]) -> tuple[str, str]:
    known = [
        (label, one.median_minutes)
        for label, one in zip(labels, practised, strict=True)
        if one.median_minutes is not None
    ]
    if not known:
        return "", "no exercise yet"
    label, value = known[-1]
    return f"exercises {label}", f"{number(value)} min"


def _name(first: date) -> str:
    return f"{first.year} Q{(first.month - 1) // 3 + 1}"


def _verdict(before: Duration, after: Duration) -> str:
    """What the two medians say, in words that claim no cause."""
    if before.median_minutes is None or after.median_minutes is None:
        return "too few to say"
    saved = before.median_minutes - after.median_minutes
    if abs(saved) < 1:
        return "no difference"
    return f"{number(abs(saved))} min {'faster' if saved > 0 else 'slower'} with practice"
