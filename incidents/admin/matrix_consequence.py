"""What it would mean tomorrow if a version were law: who answers, whose load rises, who is missing."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from incidents.admin.base import GovernedAdmin
from incidents.admin.matrix_case import case_said, choices, spoken_names
from incidents.admin.matrix_compare import compare_url
from incidents.models import MatrixVersion
from incidents.operations import law, matrix_facts
from incidents.rules.layers import resolve
from incidents.rules.matrix_consequence import LoadChange, foresee
from incidents.rules.raci import Grid

CHARTED = 12  # people: more bars nobody reads
LISTED = 50  # people in the table beside it
PIXELS_A_BAR = 34


def consequence_page(admin: GovernedAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Tomorrow beside today, for a version that is not law yet."""
    version = admin.get_object(request, str(pk))
    if not isinstance(version, MatrixVersion):
        raise Http404
    if not admin.has_view_permission(request, version):
        raise PermissionDenied
    at = timezone.now()
    in_force = law.matrix_in_force(at)
    context = {
        **admin.admin_site.each_context(request),
        "title": f"What {version} would mean",
        "opts": admin.opts,
        "original": version,
        "version": version,
        "law": in_force,
        "is_foreseeable": is_foreseeable(version, at),
        "compare_url": compare_url(in_force, version),
    }
    if context["is_foreseeable"]:
        context |= _foreseen(request, version, in_force, at)
    return TemplateResponse(request, "admin/matrix/consequence.html", context)


def is_foreseeable(version: MatrixVersion, at: datetime) -> bool:
    """Whether it may still become law."""
    return version.standing(at, None) in ("draft", "submitted", "approved")


def _foreseen(
    request: HttpRequest, version: MatrixVersion, in_force: MatrixVersion | None, at: datetime
) -> dict[str, Any]:
    today = law.grid(in_force) if in_force else Grid((), ())
    tomorrow = law.grid(version)
    case = case_said(request.GET.dict())
    facts = matrix_facts.gather({*today.roles, *tomorrow.roles}, at=at)
    found = foresee(resolve(today, case).grid, resolve(tomorrow, case).grid, facts)
    return {
        "consequence": found,
        "case_choices": choices((today, tomorrow), case, spoken_names(at)),
        "is_register_used": facts.is_register_used,
        "loads": found.loads[:LISTED],
        "left_out": max(len(found.loads) - LISTED, 0),
        **_chart(found.loads[:CHARTED]),
    }


def _chart(loads: Sequence[LoadChange]) -> dict[str, Any]:
    """Two bars a person, told apart without colour by their order and outline, too."""
    return {
        "chart_data": json.dumps(
            {
                "labels": [one.name for one in loads],
                "datasets": [
                    _bars("today", [one.before for one in loads], "var(--color-base-400)"),
                    _bars("tomorrow", [one.after for one in loads], "var(--color-primary-500)"),
                ],
            }
        ),
        "chart_options": json.dumps(
            {
                "animation": False,
                "maintainAspectRatio": False,
                "responsive": True,
                "indexAxis": "y",
                "plugins": {"legend": {"display": True, "align": "end"}},
                "scales": {
                    "x": {
                        "beginAtZero": True,
                        "ticks": {"maxTicksLimit": 6},
                        "title": {"display": True, "text": "expected A and R letters"},
                    },
                    "y": {
                        "grid": {"display": False},
                        "ticks": {"display": True, "autoSkip": False},
                    },
                },
            }
        ),
        "chart_height": 90 + PIXELS_A_BAR * len(loads),
    }


def _bars(label: str, values: list[float], colour: str) -> dict[str, Any]:
    return {
        "label": label,
        "data": [round(value, 2) for value in values],
        "backgroundColor": colour,
        "borderColor": colour,
        "maxBarThickness": 12,
    }
