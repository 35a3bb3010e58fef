"""Incidents: declared, listed, read."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from incidents.api import answers, lookup
from incidents.api.auth import VIEW, Bearer, caller, may
from incidents.api.document import document, listed, receipt, summary
from incidents.api.fields import Reference
from incidents.api.pages import NEWEST, Page, page
from incidents.api.said import Declaration, Filters
from incidents.models import Incident
from incidents.models.incident import IncidentQuerySet
from incidents.operations.declaration import declare

router = Router(tags=["incidents"])


@router.post("", auth=may("declare"), response={201: answers.Receipt}, operation_id="declare")
def declare_incident(
    request: HttpRequest, response: HttpResponse, body: Declaration
) -> answers.Receipt:
    """Opens an incident, computes its severity, pins the law and fills the roles."""
    incident = declare(
        title=body.title,
        services=lookup.services(body.services),
        facts=body.facts,
        detected_at=body.detected_at,
        impact_started_at=body.impact_started_at,
        kind=Incident.Kind.EXERCISE if body.exercise else Incident.Kind.INCIDENT,
        scenario=lookup.scenario(body.scenario),
        is_private=body.private,
        seen_by=lookup.groups(body.seen_by),
        actor=caller(request),
        at=timezone.now(),
    )
    response["Location"] = f"{request.path}/{incident.reference}"
    return receipt(incident)


@router.get(
    "", auth=Bearer(VIEW), response=Page[answers.Summary], operation_id="list_incidents"
)
def list_incidents(request: HttpRequest, query: Query[Filters]) -> Page[answers.Summary]:
    """Incidents, the newest first."""
    seen = _matching(query).visible_to(caller(request))
    rows, following = page(request, listed(seen), NEWEST, query)
    return {"items": [summary(row) for row in rows], "next": following}


@router.get(
    "/{reference}", auth=Bearer(VIEW), response=answers.Document, operation_id="read_incident"
)
def read_incident(request: HttpRequest, reference: Reference) -> answers.Document:
    """Everything about one incident."""
    return document(reference)


def _matching(filters: Filters) -> IncidentQuerySet:
    wanted = {
        "state__in": filters.state,
        "level__code": filters.severity,
        "kind": filters.kind,
        "services__slug": filters.service,
        "declared_at__gte": filters.since,
        "declared_at__lt": filters.until,
    }
    rows = Incident.objects.filter(**{name: value for name, value in wanted.items() if value})
    if filters.q:
        rows = rows.filter(Q(title__icontains=filters.q) | Q(reference__iexact=filters.q))
    return rows
