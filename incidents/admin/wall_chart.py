"""The wall chart: a whole matrix on one sheet, to be printed and hung where people look up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from incidents.admin.matrix_case import case_said, choices, spoken_names
from incidents.admin.matrix_page import MEANINGS, STANDING_TAGS
from incidents.models import MatrixVersion
from incidents.operations.grids import grid_of
from incidents.operations.law import matrix_in_force
from incidents.rules.layers import ANY_CASE, Resolved, resolve
from incidents.rules.matrix_wording import Names
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Letter, Variation
from incidents.rules.wall_chart import PAPERS, Block, lay_out

GONE = "–"  # noqa: RUF001  where a case takes the letter away


@dataclass(frozen=True)
class Mark:
    """One cell; `is_varied` where the case decided it."""

    text: str = ""
    style: str = ""
    is_varied: bool = False


@dataclass(frozen=True)
class Row:
    """One activity, with the minutes it is to be done in, as people say them, or ""."""

    name: str
    within: str
    marks: tuple[Mark, ...]

    @property
    def line(self) -> str:
        """What is printed of it."""
        return f"{self.name} {self.within}".strip()


@dataclass(frozen=True)
class Group:
    """One phase."""

    phase: str
    rows: tuple[Row, ...]


def wall_chart_page(version: MatrixVersion, request: HttpRequest) -> HttpResponse:
    """The version, or one case of it, on a sheet of the paper asked for."""
    at = timezone.now()
    law = matrix_in_force(at)
    standing = version.standing(at, law)
    context = {
        "version": version,
        "standing": standing,
        "standing_tag": STANDING_TAGS.get(standing, ""),
        "is_law": standing == "in force",
        "printed_at": at,
        "back": reverse("admin:incidents_matrixversion_change", args=[version.pk]),
        "legend": [(str(each), each.name, MEANINGS[each]) for each in Letter],
        **_chart(version, request, spoken_names(at)),
    }
    return TemplateResponse(request, "admin/matrix/wall_chart.html", context)


def _chart(version: MatrixVersion, request: HttpRequest, names: Names) -> dict[str, Any]:
    grid = grid_of(version)
    case = case_said(request.GET)
    resolved = resolve(grid, case)
    groups = tuple(_groups(resolved))
    roles = [names.role(role) for role in grid.roles]
    paper = PAPERS.get(request.GET.get("paper", ""), PAPERS["a3"])
    notes = _notes(resolved, grid.variations, names, is_chosen=case != ANY_CASE)
    blocks = [Block(group.phase, tuple(row.line for row in group.rows)) for group in groups]
    layout = lay_out(blocks, roles, paper, len(notes))
    return {
        "roles": roles,
        "columns": [part for part in (groups[: layout.first], groups[layout.first :]) if part],
        "layout": layout,
        "paper": paper,
        "papers": PAPERS.values(),
        "notes": notes,
        "case_choices": choices((grid,), case, names),
        "case_names": [
            names.case(str(each.kind), each.value)
            for each in grid.variations
            if case.value(each.kind) == each.value
        ],
    }


def _notes(
    resolved: Resolved, variations: tuple[Variation, ...], names: Names, *, is_chosen: bool
) -> list[str]:
    """What the marks mean, or that other cases differ: one line each."""
    said = {each.label: names.case(str(each.kind), each.value) for each in variations}
    if not is_chosen:
        return [f"Differs for {', '.join(said.values())}: see those charts."] if said else []
    decided = {
        each.label: each for letters in resolved.sources.values() for each in letters.values()
    }
    return [f"* {said[label]}: {each.note}".rstrip(": ") for label, each in decided.items()]


def _groups(resolved: Resolved) -> Iterator[Group]:
    order = list(Phase)
    for phase in sorted(resolved.grid.phases, key=lambda phase: order.index(Phase(phase))):
        rows = (_row(each, resolved) for each in resolved.grid.in_phase(phase))
        yield Group(phase.capitalize(), tuple(rows))


def _row(activity: Activity, resolved: Resolved) -> Row:
    decided = resolved.sources.get(activity.place, {})
    marks = (
        _mark(activity.letters.get(role), is_varied=role in decided)
        for role in resolved.grid.roles
    )
    return Row(activity.name, _within(activity.within), tuple(marks))


def _mark(letter: Letter | None, *, is_varied: bool) -> Mark:
    if letter is not None:
        return Mark(letter.value, letter.name, is_varied)
    return Mark(GONE, "none", is_varied) if is_varied else Mark()


def _within(minutes: int | None) -> str:
    if minutes is None:
        return ""
    if minutes and minutes % (24 * 60) == 0:
        return f"in {minutes // (24 * 60)} d"
    if minutes and minutes % 60 == 0:
        return f"in {minutes // 60} h"
    return f"in {minutes} min"
