"""The coverage map of holding statements over the API, and that words were taken."""

from datetime import date, datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.acts import by
from incidents.api.auth import Bearer, caller
from incidents.api.fields import Number, Said, Text, one_of, refuse_unknown
from incidents.models import Audience, HoldingStatement
from incidents.models.calendar import today
from incidents.operations import coverage, support
from incidents.operations.coverage import Coverage
from incidents.rules.coverage import Cell, State

router = Router(tags=["statements"])
VIEW = Bearer(support.VIEW)


class Looking(Said):
    """Of which words."""

    audience: Audience | None = Field(None, description="All of them unless given.")
    language: str = Field(coverage.LANGUAGE, min_length=1, max_length=10)


class Taken(Said):
    """For which incident, by its reference, if for one."""

    incident: Text = ""


class CellShown(TypedDict):
    """One cell; `scenario` null is any scenario, `severity` "" any level.

    `statement` is the number of the words that decide it; `asked`: the law asks for an update.
    """

    scenario: str | None
    severity: str
    audience: str
    state: Annotated[State, one_of(State)]
    asked: bool
    covered: bool
    statement: int | None
    why: str


class Shown(TypedDict):
    """The map on a day: of the cells the law asks for `asked`, and how many are `covered`."""

    on: date
    scheme: str
    language: str
    languages: list[str]
    asked: int
    covered: int
    cells: list[CellShown]


class Counted(TypedDict):
    """One copy that was counted."""

    statement: int
    incident: str | None
    at: datetime


_NO_INCIDENT = Taken()


@router.get("/coverage", auth=VIEW, response=Shown, operation_id="read_coverage")
def read_coverage(request: HttpRequest, query: Query[Looking]) -> Shown:
    """How every scenario, level and audience stands today."""
    refuse_unknown(request, Looking)
    at = timezone.now()
    found = coverage.look(audience=query.audience or "", language=query.language, at=at)
    return _shown(found, today(at))


@router.post(
    "/statements/{statement_id}/copied",
    auth=VIEW,
    response={201: Counted},
    operation_id="statement_copied",
)
def statement_copied(
    request: HttpRequest, statement_id: Number, body: Taken = _NO_INCIDENT
) -> Status[Counted]:
    """Count that somebody took these words to say them."""
    row = HoldingStatement.objects.filter(pk=statement_id).first()
    if row is None:
        raise Http404(f"There is no statement {statement_id}: look it up first.")
    reference = body.incident
    incident = lookup.other(reference, "incident", caller(request)) if reference else None
    made = support.copied(row, incident=incident, **by(request))
    return Status(
        201,
        {
            "statement": made.statement_id,
            "incident": incident.reference if incident else None,
            "at": made.at,
        },
    )


def _shown(found: Coverage, on: date) -> Shown:
    slugs = {each.pk: each.slug for each in found.scenarios if each}
    return {
        "on": on,
        "scheme": found.scheme,
        "language": found.language,
        "languages": list(found.languages),
        "asked": found.totals.asked,
        "covered": found.totals.covered,
        "cells": [_cell(cell, slugs) for cell in found.cells],
    }


def _cell(cell: Cell, slugs: dict[int, str]) -> CellShown:
    return {
        "scenario": slugs[cell.scenario] if cell.scenario else None,
        "severity": cell.severity,
        "audience": cell.audience,
        "state": cell.state,
        "asked": cell.is_asked,
        "covered": cell.is_covered,
        "statement": cell.words.key if cell.words else None,
        "why": cell.why,
    }
