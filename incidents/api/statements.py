"""Holding statements over the API: the library, and what may be said of one incident now."""

from datetime import date, datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.auth import VIEW, Bearer
from incidents.api.fields import Reference, Said, Slug, one_of, refuse_unknown
from incidents.api.pages import Order, Page, Paging, page
from incidents.models import Audience, HoldingStatement, Incident
from incidents.models.calendar import today
from incidents.models.statement import StatementQuerySet
from incidents.operations.statement import needs_approval_anew, offered
from incidents.rules.wording import blanks, phrases

SEE = "incidents.view_holdingstatement"

router = Router(tags=["statements"])
of_incident = Router(tags=["statements"])
_OLDEST = Order(("id",), TypeAdapter(tuple[int]))


class Sought(Paging):
    """Which statements: the filters given all hold."""

    status: Annotated[HoldingStatement.Status, one_of(HoldingStatement.Status)] | None = Field(
        None, description="Such as approved."
    )
    audience: Audience | None = None
    purpose: HoldingStatement.Purpose | None = Field(None, description="Such as no_news.")
    scenario: Slug | None = Field(None, description="A slug; empty: those for any scenario.")
    severity: Slug | None = Field(None, description="A level; empty: those for any level.")
    language: Slug | None = Field(None, description="Such as en.")
    usable: bool | None = Field(None, description="Whether they may be used today.")


class Offering(Said):
    """For what, and in which language best."""

    purpose: HoldingStatement.Purpose = HoldingStatement.Purpose.FIRST
    language: Slug = "en"


class StatementListed(TypedDict):
    """One statement; `scenario` null and `severity` empty are any, the days as its approval says.

    `blanks` are to be filled, `forbidden` must not be claimed. `needs_approval_anew`: its approver
    has left, so it may be drafted from, but not published in one act.
    """

    id: int
    title: str
    scenario: str | None
    severity: str
    audience: str
    language: str
    purpose: str
    text: str
    blanks: list[str]
    forbidden: list[str]
    version: int
    replaces: int | None
    status: str
    maker: str
    cleared_by: str | None
    cleared_at: datetime | None
    approver: str | None
    approved_at: datetime | None
    effective_from: date | None
    review_on: date | None
    expires_on: date | None
    needs_approval_anew: bool


class Offered(TypedDict):
    """Words that may be used for this incident now; `text` as far as the incident fills it.

    `missing` are the blanks somebody has to fill first.
    """

    statement: int
    title: str
    audience: str
    purpose: str
    language: str
    text: str
    missing: list[str]
    needs_approval_anew: bool


@router.get(
    "/statements",
    auth=Bearer(SEE),
    response=Page[StatementListed],
    operation_id="list_statements",
)
def list_statements(request: HttpRequest, query: Query[Sought]) -> Page[StatementListed]:
    """The library of holding statements, drafts and retired ones included, the oldest first."""
    rows = _sought(HoldingStatement.objects.all(), query)
    rows = rows.select_related("scenario", "maker", "cleared_by", "approver")
    found, following = page(request, rows, _OLDEST, query)
    return {"items": [_listed(row) for row in found], "next": following}


@of_incident.get(
    "/{reference}/statements",
    auth=Bearer(VIEW, SEE),
    response=list[Offered],
    operation_id="offer_statements",
    summary="The words approved for what happens",
)
def offer_statements(
    request: HttpRequest, reference: Reference, query: Query[Offering]
) -> list[Offered]:
    """The best match of each audience, its blanks filled with what the incident knows."""
    refuse_unknown(request, Offering)
    rows = Incident.objects.select_related("level__scheme").prefetch_related("services")
    incident = lookup.incident_of(rows, reference)
    found = offered(incident, purpose=query.purpose, language=query.language, at=timezone.now())
    return [
        {
            "statement": one.statement.pk,
            "title": one.statement.title,
            "audience": one.statement.audience,
            "purpose": one.statement.purpose,
            "language": one.statement.language,
            "text": one.text,
            "missing": list(one.missing),
            "needs_approval_anew": one.needs_approval_anew,
        }
        for one in found
    ]


def _sought(rows: StatementQuerySet, query: Sought) -> QuerySet[HoldingStatement]:
    if query.usable is not None:
        usable = HoldingStatement.objects.usable(today(timezone.now()))
        rows = usable if query.usable else rows.exclude(pk__in=usable.values("pk"))
    for name in ("status", "audience", "purpose", "severity", "language"):
        if (wanted := getattr(query, name)) is not None:
            rows = rows.filter(**{name: wanted})
    if query.scenario is not None:
        rows = rows.filter(scenario=lookup.scenario(query.scenario))
    return rows


def _listed(row: HoldingStatement) -> StatementListed:
    return {
        "id": row.pk,
        "title": row.title,
        "scenario": row.scenario.slug if row.scenario else None,
        "severity": row.severity,
        "audience": row.audience,
        "language": row.language,
        "purpose": row.purpose,
        "text": row.text,
        "blanks": blanks(row.text),
        "forbidden": phrases(row.forbidden),
        "version": row.version,
        "replaces": row.replaces_id,
        "status": row.status,
        "maker": row.maker.username,
        "cleared_by": row.cleared_by.username if row.cleared_by else None,
        "cleared_at": row.cleared_at,
        "approver": row.approver.username if row.approver else None,
        "approved_at": row.approved_at,
        "effective_from": row.effective_from,
        "review_on": row.review_on,
        "expires_on": row.expires_on,
        "needs_approval_anew": needs_approval_anew(row),
    }
