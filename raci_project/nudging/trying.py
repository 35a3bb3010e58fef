"""Who would have been nudged: steps, saved or not, over a period that is past or to come."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.models import NudgePolicy
from incidents.operations import policies, try_out
from incidents.operations.try_out import Day, Tried
from incidents.rules.policy_words import in_words
from raci_project.nudging.forms import said
from raci_project.nudging.previewing import may_read
from raci_project.nudging.sources import SOURCES
from raci_project.nudging.steps import names_of

LISTED = 200  # more nobody reads; the counts are of all
LONGEST = timedelta(days=366)
_NOT_STEPS = ("csrfmiddlewaretoken", "form_key")
# Told apart without colour, too: by width of the bar's border.
_TRIED = {"backgroundColor": "var(--color-primary-500)"}
_STORED = {"backgroundColor": "var(--color-orange-500)"}
_SENT = {"backgroundColor": "var(--color-base-400)"}


def _day(label: str) -> forms.DateField:
    look = forms.DateInput(attrs={"type": "date", "class": "case-select"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=look, input_formats=["%Y-%m-%d"])


class PeriodForm(forms.Form):
    """Which days of the reader's calendar, both included."""

    since = _day("From")
    until = _day("Until")

    def clean(self) -> dict[str, Any]:
        """A year at most; a period that ends before it begins is a slip."""
        days = self.cleaned_data
        since, until = days.get("since"), days.get("until")
        if since and until and until < since:
            self.add_error("until", "The period ends before it begins.")
        if since and until and until - since > LONGEST:
            self.add_error("until", "Choose a year at most.")
        if any(day and not 1990 <= day.year <= 9000 for day in (since, until)):
            self.add_error("since", "Choose days between 1990 and 9000.")
        return days

    def instants(self) -> tuple[datetime, datetime]:
        """Half-open, from the first midnight of the reader to the one after the last day."""
        days = self.cleaned_data
        return _midnight(days["since"]), _midnight(days["until"] + timedelta(days=1))


def try_page(admin: GovernedAdmin, request: HttpRequest, row: NudgePolicy) -> HttpResponse:
    """A GET, to be linked to: what these steps would have sent. Stores nothing.

    A POST is the form in which steps are set, handed over before it is sent: it leads here.
    """
    source = SOURCES[row.what]
    may_read(request, source)
    if request.method == "POST":
        return HttpResponseRedirect(f"{request.path}?{_steps_of(request.POST)}")
    tried = said(request.GET, row, acting(request))
    period = PeriodForm(_period(request.GET))
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Try out: {row.get_what_display()}",
        "opts": admin.opts,
        "original": row,
        "form": tried.form,
        "period": period,
        "steps_said": _hidden(request.GET) if tried.policy else [],
        "set_url": _set_url(request, row),
    }
    if period.is_valid() and (tried.policy or not tried.form.is_bound):
        stored = policies.of(row.what)
        policy = tried.policy or stored
        since, until = period.instants()
        found = try_out.run(
            source, policy, stored, reader=acting(request), since=since, until=until
        )
        names = names_of(row.what)
        context |= _outcome(found, is_other=policy != stored) | {
            "words": in_words(policy.ladder.steps, names),
            "stored_words": in_words(stored.ladder.steps, names),
            "is_active": policy.is_active,
        }
    status = 200 if "found" in context else 422
    return TemplateResponse(request, "admin/nudges/try.html", context, status=status)


def _outcome(found: Tried, *, is_other: bool) -> dict[str, Any]:
    data, options = _chart(found.days, is_other=is_other)
    return {
        "found": found,
        "is_other": is_other,
        "listed": found.nudges[:LISTED],
        "left_out": max(len(found.nudges) - LISTED, 0),
        "people_told": sum(1 for one in found.people if one.tried),
        "days_told": [day for day in found.days if day.tried or day.stored or day.sent],
        "data": data,
        "options": options,
        "most_rows": try_out.MOST_ROWS,
        "most_nudges": try_out.MOST_NUDGES,
    }


def _chart(days: Sequence[Day], *, is_other: bool) -> tuple[str, str]:
    """Bars a day: what was tried, what is stored where that is another, what was sent."""
    series = [_series("these steps", [day.tried for day in days], _TRIED)]
    if is_other:
        series.append(_series("as stored", [day.stored for day in days], _STORED))
    series.append(_series("really sent", [day.sent for day in days], _SENT))
    labels = [f"{day.on:%-d %b}" for day in days]
    x = {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 8}}
    y = {"beginAtZero": True, "ticks": {"maxTicksLimit": 6, "precision": 0}}
    legend = {"display": True, "align": "end", "labels": {"boxHeight": 7, "boxWidth": 14}}
    options = {
        "animation": False,
        "maintainAspectRatio": False,
        "responsive": True,
        "barPercentage": 0.9,
        "plugins": {"legend": legend},
        "scales": {"x": x, "y": y},
    }
    return json.dumps({"labels": labels, "datasets": series}), json.dumps(options)


def _series(label: str, values: list[int], looks: dict[str, str]) -> dict[str, Any]:
    return {"label": label, "data": values, "maxBarThickness": 20, **looks}


def _period(data: QueryDict) -> dict[str, Any]:
    """What the address says, else the last whole month of the reader's calendar."""
    if "since" in data or "until" in data:
        return {"since": data.get("since"), "until": data.get("until")}
    this_month = timezone.localdate().replace(day=1)
    return {
        "since": this_month - relativedelta(months=1),
        "until": this_month - timedelta(days=1),
    }


def _steps_of(data: QueryDict) -> str:
    kept = data.copy()
    for name in _NOT_STEPS:
        kept.pop(name, None)
    return kept.urlencode()


def _hidden(data: QueryDict) -> list[tuple[str, str]]:
    """The steps of the address once more, so that another period is asked of the same."""
    return [
        (name, value)
        for name, values in data.lists()
        if name not in ("since", "until")
        for value in values
    ]


def _set_url(request: HttpRequest, row: NudgePolicy) -> str:
    """Where what was tried is set; "" for whoever may not."""
    if not request.user.has_perm(policies.SET):
        return ""
    url = reverse("admin:incidents_nudgepolicy_set", args=[row.pk])
    kept = request.GET.copy()
    for name in ("since", "until"):
        kept.pop(name, None)
    return f"{url}?{kept.urlencode()}" if kept else url


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())
