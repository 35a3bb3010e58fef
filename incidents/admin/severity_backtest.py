"""Past incidents before one version of the criteria: leadership sees what follows from approving."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, acting
from incidents.admin.severity_page import standing_context
from incidents.models import Incident, SeverityLevel, SeverityScheme
from incidents.operations import backtest
from incidents.operations.backtest import Backtest
from incidents.rules.backtest import Comparison, Moved

LISTED = 200  # more nobody reads: the filters narrow
HAD, LAW = "had", "law"
# No incident was declared beyond these, and arithmetic near the calendar's ends overflows.
_BOUNDS = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9000, 1, 1)))


def _day(label: str) -> forms.DateField:
    look = forms.DateInput(attrs={"type": "date", "class": "case-select"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=False, widget=look, input_formats=["%Y-%m-%d"], validators=_BOUNDS
    )


class FilterForm(forms.Form):
    """Which incidents, and what this version is compared with; everything may be left open."""

    since = _day("Declared from")
    until = _day("Declared until")
    severity = forms.ChoiceField(required=False, label="Level they had")
    beside = forms.ChoiceField(required=False, label="Compared with")

    def __init__(self, *args: Any, law: SeverityScheme | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = SeverityLevel.objects.order_by("code").values_list("code", flat=True).distinct()
        self._offer("severity", [("", "any"), *((code, code) for code in codes)])
        in_force = [(LAW, f"{law}, in force")] if law else []
        self._offer("beside", [*in_force, (HAD, "the levels they had")])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(
            required=False,
            label=self.fields[name].label,
            choices=choices,
            widget=forms.Select(attrs={"class": "case-select"}),
        )

    def clean(self) -> dict[str, Any]:
        """A period that ends before it begins is a slip, not an empty past."""
        said = self.cleaned_data
        since, until = said.get("since"), said.get("until")
        if since and until and until < since:
            self.add_error("until", "The period ends before it begins.")
        return said

    def which(self) -> dict[str, Any]:
        """The filters as the operation takes them; days are the reader's own, both included."""
        said = self.cleaned_data
        until = said["until"] and said["until"] + timedelta(days=1)
        return {
            "since": _begins(said["since"]),
            "until": _begins(until),
            "severity": said["severity"],
        }


@dataclass(frozen=True)
class Line:
    """One incident that would be classed otherwise."""

    incident: Incident
    before: str
    now: str
    way: str
    why: str


@dataclass(frozen=True)
class Row:
    """One row of the table of levels: how many had this level before, by the level they get."""

    code: str
    cells: tuple[tuple[int, bool], ...]  # the number, and whether it is the same level


def backtest_page(
    admin: GovernedAdmin, request: HttpRequest, scheme: SeverityScheme
) -> HttpResponse:
    """A GET, to be linked to: what this version would have said of what happened; stores nothing."""
    at = timezone.now()
    standing = standing_context(scheme, at)
    law = standing["law"] if standing["law"] and standing["law"].pk != scheme.pk else None
    form = FilterForm(request.GET, law=law)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Back-test: {scheme}",
        "opts": admin.opts,
        "original": scheme,
        "form": form,
        "newest": backtest.NEWEST,
        **standing,
    }
    if form.is_valid():
        rows = backtest.closed(**form.which())
        tested = backtest.run(scheme, rows, reader=acting(request), at=at)
        context |= _outcome(tested, form.cleaned_data["beside"])
    status = 200 if form.is_valid() else 422
    template = "admin/incidents/severityscheme/backtest.html"
    return TemplateResponse(request, template, context, status=status)


def _outcome(tested: Backtest, beside: str) -> dict[str, Any]:
    """Compared with the scheme in force where there is another, unless asked otherwise."""
    found = tested.had if beside == HAD or tested.law is None else tested.law
    lines = list(_lines(tested, found.changed))
    return {
        "tested": tested,
        "compared": found,
        "is_by_law": found is tested.law,
        "columns": [level.code for level in tested.levels],
        "matrix": list(_matrix(found, [level.code for level in tested.levels])),
        "lines": lines[:LISTED],
        "left_out": max(len(lines) - LISTED, 0),
        "unseen": len(found.changed) - len(lines),
    }


def _lines(tested: Backtest, changed: Sequence[Moved]) -> Iterator[Line]:
    """Those the reader may see; the words of the deciding criterion only for those listed."""
    seen = 0
    for row in changed:
        incident = tested.shown.get(row.key)
        if incident is None:
            continue
        seen += 1
        why = tested.why(row) if seen <= LISTED else ""
        yield Line(incident, row.before, row.now, _way(row), why)


def _way(row: Moved) -> str:
    if not row.shift:
        return "as grave"
    return "graver" if row.shift < 0 else "less grave"


def _matrix(found: Comparison, codes: Sequence[str]) -> Iterator[Row]:
    """The levels of this version in their order, then those only the past knows."""
    counts: Mapping[tuple[str, str], int] = found.matrix
    foreign = sorted({before for before, _ in counts} - set(codes))
    for before in (*codes, *foreign):
        yield Row(before, tuple((counts.get((before, now), 0), before == now) for now in codes))


def _begins(day: date | None) -> datetime | None:
    """The instant at which this day begins for the reader."""
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None
