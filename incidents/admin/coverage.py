"""The coverage map of holding statements as a page, and the acts that create the work it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.forms import VerbForm, date_field, person_field
from incidents.models import Audience, Scenario
from incidents.models.calendar import today
from incidents.operations import coverage
from incidents.operations.coverage import Coverage
from incidents.operations.law import levels, scheme_in_force
from incidents.rules.coverage import OPEN_STATES, Cell, State

PAGE = "admin:incidents_holdingstatement_coverage"
AUDIENCES = [(each, Audience(each).label) for each in coverage.AUDIENCES]

# Letter, name and looks of each state: no meaning is carried by colour alone.
MARKS: dict[State, tuple[str, str]] = {
    State.COVERED: ("C", "covered"),
    State.GENERAL: ("G", "covered by general words"),
    State.EXPIRING: ("S", "expires soon"),
    State.REVIEW: ("R", "review due"),
    State.APPROVER_LEFT: ("L", "approver left"),
    State.DRAFT: ("D", "draft only"),
    State.EXPIRED: ("E", "expired"),
    State.HOLE: ("H", "hole"),
    State.NOT_ASKED: ("·", "not asked for"),
}


class RowForm(VerbForm):
    """For which scenario, who writes, and by when."""

    scenario = forms.ModelChoiceField(Scenario.objects.all())
    language = forms.CharField(max_length=10, initial=coverage.LANGUAGE)
    owner = person_field(required=False, help_text="Who writes the words. Empty: you.")
    by = date_field(help_text="The day on which they are due; reminders begin before it.")

    def prepare(self) -> None:
        """Two weeks, unless somebody says otherwise."""
        self.initial["by"] = today(timezone.now()) + timedelta(days=coverage.DAYS)


class CellForm(RowForm):
    """For which scenario, level and audience as well."""

    scenario = forms.ModelChoiceField(
        Scenario.objects.all(), required=False, help_text="Empty: for any."
    )
    severity = forms.ChoiceField(required=False, label="Level")
    audience = forms.ChoiceField(choices=AUDIENCES)

    field_order = ["scenario", "severity", "audience", "language", "owner", "by"]

    def prepare(self) -> None:
        """The levels of the scheme in force."""
        super().prepare()
        scheme = scheme_in_force(timezone.now())
        known = levels(scheme).items() if scheme else ()
        names = [(code, law.row.name) for code, law in known]
        severity = cast(forms.ChoiceField, self.fields["severity"])
        severity.choices = [("", "Any level"), *names]


PLANS = (
    Verb("plan", "Plan words", coverage.plan, CellForm,
         icon="add_task", on_list=True, permission="add",
         explain="Makes an empty draft with an owner and a day: the owner is told, and reminded "
         "until another person has approved the words.",
         done="The draft is planned; its owner is reminded of it."),
    Verb("plan_row", "Plan all words of a scenario", coverage.plan_row, RowForm,
         icon="playlist_add", on_list=True, permission="add",
         explain="Makes an empty draft for every level and audience of the scenario that the law "
         "asks for and nobody has words for or works on.",
         done="The drafts are planned; their owner is reminded of them."),
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """One cell as it is drawn: `says` is what a screen reader reads, `url` "" leads nowhere."""

    letter: str
    state: str
    says: str
    url: str
    is_asked: bool


@dataclass(frozen=True)
class Row:
    """One scenario; `fill_url` creates the work for all of its holes at once."""

    name: str
    marks: tuple[Mark, ...]
    open_count: int
    fill_url: str = ""


def pages(admin: GovernedAdmin) -> list[URLPattern]:
    """The page of the map; it comes before the rows, whose addresses would swallow it."""
    view = admin.admin_site.admin_view(partial(coverage_page, admin))
    return [path("coverage/", view, name="incidents_holdingstatement_coverage")]


def coverage_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """The map for one language and one audience or all of them; a GET, to be linked to."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    audience = request.GET.get("audience", "")
    audience = audience if audience in Audience.values else ""
    language = request.GET.get("language", "")[:10] or coverage.LANGUAGE
    found = coverage.look(audience=audience, language=language, at=timezone.now())
    may_plan = request.user.has_perm(coverage.ADD)
    context = {
        **admin.admin_site.each_context(request),
        "title": "Coverage of holding statements",
        "opts": admin.opts,
        "found": found,
        "rows": tuple(_rows(found, may_plan=may_plan)),
        "legend": [(letter, str(state), name) for state, (letter, name) in MARKS.items()],
        "audiences": _links("audience", audience, AUDIENCES, language=language),
        "languages": _languages(found, audience),
        "share": round(100 * found.totals.covered / found.totals.asked)
        if found.totals.asked
        else 0,
        "may_plan": may_plan,
        "back": reverse("admin:incidents_holdingstatement_changelist"),
    }
    return TemplateResponse(request, "admin/statements/coverage.html", context)


def _rows(found: Coverage, *, may_plan: bool) -> Iterator[Row]:
    width = len(found.levels) * len(found.audiences)
    names = dict(found.levels)
    for number, scenario in enumerate(found.scenarios):
        cells = found.cells[number * width : (number + 1) * width]
        name = str(scenario or "Any scenario")
        marks = tuple(
            _mark(cell, f"{name}, {names[cell.severity]}", found.language, may_plan=may_plan)
            for cell in cells
        )
        work = sum(cell.wants_work for cell in cells)
        fill = ""
        if scenario and work and may_plan:
            fill = _plan("plan_row", scenario=str(scenario.pk), language=found.language)
        yield Row(name, marks, work, fill)


def _mark(cell: Cell, place: str, language: str, *, may_plan: bool) -> Mark:
    letter, name = MARKS[cell.state]
    words = f" “{cell.words.title}”." if cell.words else ""
    says = f"{place}, {cell.audience}: {name}. {cell.why}{words}"
    url = ""
    if may_plan and (cell.state in OPEN_STATES or cell.words is None):
        says += " Create the work."
        url = _plan(
            "plan",
            scenario=str(cell.scenario or ""),
            severity=cell.severity,
            audience=cell.audience,
            language=language,
        )
    elif cell.words:
        url = reverse("admin:incidents_holdingstatement_change", args=[cell.words.key])
    return Mark(letter, str(cell.state), says, url, cell.is_asked)


def _plan(verb: str, **said: str) -> str:
    return f"{reverse(f'admin:incidents_holdingstatement_{verb}')}?{_query(said)}"


def _query(said: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in said.items() if value})
    return query.urlencode()


def _links(
    name: str, chosen: str, choices: Sequence[tuple[str, Any]], **kept: str
) -> list[dict[str, Any]]:
    """Plain links of a filter, the one chosen marked."""
    every = [("", "all audiences"), *choices] if name == "audience" else choices
    return [
        {
            "label": label,
            "url": f"?{_query({name: value, **kept})}",
            "is_chosen": value == chosen,
        }
        for value, label in every
    ]


def _languages(found: Coverage, audience: str) -> list[dict[str, Any]]:
    choices = [(each, each) for each in found.languages]
    return _links("language", found.language, choices, audience=audience)
