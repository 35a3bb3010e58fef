"""Alerts: handed in by what watches, listed, and decided once."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api import answers, limits, lookup, said
from incidents.api.acts import by
from incidents.api.auth import VIEW, Bearer, caller
from incidents.api.document import document
from incidents.api.fields import Instant, Number, Reference, Said, Slug, Text, one_of
from incidents.api.pages import Order, Page, Paging, page
from incidents.api.shown import username
from incidents.models import Alert
from incidents.models.private import seen_by
from incidents.operations import alerts
from incidents.rules.alerts import LARGEST

router = Router(tags=["alerts"])
router.add_decorator(limits.at_most(LARGEST), mode="view")

RECEIVED = Order(("received_at", "id"), TypeAdapter(tuple[Instant, int]), descending=True)
_MAY_VIEW = "incidents.view_alert"


class Handed(BaseModel):
    """An alert as it is sent. What cannot be used is no mistake: it is kept as a problem."""

    model_config = ConfigDict(extra="allow")  # what watches says more than we ask for

    source: Any = Field(description="Which program watches, such as grafana.")
    external_id: Any = Field(description="The alert's own name there; the same is kept once.")
    title: Any = Field("", description="What is wrong, seen from outside.")
    services: Any = Field([], description="Slugs of the affected services.")
    facts: Any = Field({}, description="Facts by name, such as customers_affected.")
    detected_at: Any = Field(None, description="ISO 8601 with offset; default now.")
    url: Any = Field("", description="Where the sender shows it.")


class AlertFilters(Paging):
    """Which alerts."""

    status: Annotated[Alert.Status, one_of(Alert.Status)] | None = None
    source: Slug | None = None


class Accept(Said):
    """What whoever accepts knows better than the alert; `into` attaches it to an open incident."""

    title: Text | None = None
    services: list[Slug] | None = None
    facts: dict[str, Any] | None = None
    scenario: Slug | None = None
    private: bool = False
    seen_by: list[Slug] = Field(
        default=[], description="Names of groups that see a private one."
    )
    into: Reference | None = None


AS_IT_SAYS = Accept()  # what leaving the body out says


class AlertListed(TypedDict):
    """One alert, and what became of it."""

    id: int
    source: str
    external_id: str
    title: str
    status: str
    services: list[str]
    facts: dict[str, Any]
    url: str
    detected_at: Instant
    received_at: Instant
    received_by: str | None
    problems: list[dict[str, str]]
    incident: str | None
    decided_by: str | None
    decided_at: Instant | None
    reason: str


class AlertShown(AlertListed):
    """With the payload, as it came in."""

    payload: dict[str, Any]


@router.post(
    "",
    auth=Bearer("incidents.receive_alert"),
    response={201: AlertShown, 200: AlertShown},
    operation_id="receive_alert",
)
def receive_alert(
    request: HttpRequest, response: HttpResponse, body: Handed
) -> Status[AlertShown]:
    """Keeps an alert that proposes an incident: 201 for a new one, 200 for one seen before."""
    alert, is_new = alerts.receive(
        **{name: getattr(body, name) for name in Handed.model_fields},
        payload=body.model_dump(exclude_unset=True),
        **by(request),
    )
    response["Location"] = f"{request.path}/{alert.pk}"
    return Status(201 if is_new else 200, _whole(alert))


@router.get("", auth=Bearer(_MAY_VIEW), response=Page[AlertListed], operation_id="list_alerts")
def list_alerts(request: HttpRequest, query: Query[AlertFilters]) -> Page[AlertListed]:
    """Alerts, the newest first."""
    wanted = {"status": query.status, "source": query.source}
    rows = _rows(request).filter(**{name: value for name, value in wanted.items() if value})
    found, following = page(request, rows.defer("payload"), RECEIVED, query)
    return {"items": [_listed(row) for row in found], "next": following}


@router.get(
    "/{alert_id}", auth=Bearer(_MAY_VIEW), response=AlertShown, operation_id="read_alert"
)
def read_alert(request: HttpRequest, alert_id: Number) -> AlertShown:
    """One alert with its payload."""
    return _whole(lookup.alert(_rows(request), alert_id))


@router.post(
    "/{alert_id}/accept",
    auth=Bearer(VIEW, "incidents.accept_alert"),
    response=answers.Document,
    operation_id="accept_alert",
)
def accept_alert(
    request: HttpRequest, alert_id: Number, body: Accept = AS_IT_SAYS
) -> answers.Document:
    """Declares an incident from it, or attaches it to one; the incident is answered."""
    incident = alerts.accept(
        lookup.alert(_rows(request), alert_id),
        title=body.title,
        services=None if body.services is None else lookup.services(body.services),
        facts=body.facts,
        scenario=lookup.scenario(body.scenario),
        is_private=body.private,
        seen_by=lookup.groups(body.seen_by),
        into=lookup.other(body.into, "into", caller(request)) if body.into else None,
        **by(request),
    )
    return document(incident.reference)


@router.post(
    "/{alert_id}/dismiss",
    auth=Bearer(_MAY_VIEW, "incidents.dismiss_alert"),
    response=AlertShown,
    operation_id="dismiss_alert",
)
def dismiss_alert(request: HttpRequest, alert_id: Number, body: said.Why) -> AlertShown:
    """It is no incident; the reason is kept."""
    alert = lookup.alert(_rows(request), alert_id)
    return _whole(alerts.dismiss(alert, reason=body.reason, **by(request)))


def _rows(request: HttpRequest) -> QuerySet[Alert]:
    """Without those that became an incident the caller may not see."""
    seen = seen_by(Alert.objects.all(), caller(request))
    rows = seen.select_related("received_by", "decided_by", "incident")
    return rows.prefetch_related("services")


def _listed(alert: Alert) -> AlertListed:
    return {
        "id": alert.pk,
        "source": alert.source,
        "external_id": alert.external_id,
        "title": alert.title,
        "status": alert.status,
        "services": [service.slug for service in alert.services.all()],
        "facts": alert.facts,
        "url": alert.url,
        "detected_at": alert.detected_at,
        "received_at": alert.received_at,
        "received_by": username(alert.received_by),
        "problems": alert.problems,
        "incident": alert.incident.reference if alert.incident else None,
        "decided_by": username(alert.decided_by),
        "decided_at": alert.decided_at,
        "reason": alert.reason,
    }


def _whole(alert: Alert) -> AlertShown:
    return {**_listed(alert), "payload": alert.payload}
