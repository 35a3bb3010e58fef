"""The data map and the regulators, to be read by whoever plans or files."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from typing_extensions import TypedDict

from incidents.api.auth import Bearer
from incidents.api.pages import BY_KEY, Page, Paging, page
from incidents.models import DataHolding, Regulator
from incidents.models.calendar import today
from incidents.rules.data_map import is_stale

router = Router(tags=["readiness"])


class HoldingListed(TypedDict):
    """What an active service holds of people where; `is_stale`: not verified in half a year."""

    id: int
    service: str
    title: str
    data_categories: list[str]
    jurisdictions: list[str]
    persons: dict[str, int]
    data_role: str
    protection: str
    verified_on: date | None
    is_stale: bool


class RegulatorListed(TypedDict):
    """An authority or other recipient of a notice and its channel; our account there is left out."""

    id: int
    recipient: str
    jurisdiction: str
    name: str
    channel: str
    address: str
    phone: str
    timezone: str
    hours: str
    verified_on: date | None
    is_stale: bool


@router.get(
    "/data-map",
    auth=Bearer("incidents.view_dataholding"),
    response=Page[HoldingListed],
    operation_id="list_data_map",
)
def list_data_map(request: HttpRequest, query: Query[Paging]) -> Page[HoldingListed]:
    """Active holdings of active services, in the order in which they were added."""
    rows = DataHolding.objects.filter(is_active=True, service__is_active=True)
    found, following = page(request, rows.select_related("service"), BY_KEY, query)
    on = today(timezone.now())
    return {"items": [_holding(row, on) for row in found], "next": following}


@router.get(
    "/regulators",
    auth=Bearer("incidents.view_regulator"),
    response=Page[RegulatorListed],
    operation_id="list_regulators",
)
def list_regulators(request: HttpRequest, query: Query[Paging]) -> Page[RegulatorListed]:
    """Active authorities, in the order in which they were added."""
    found, following = page(request, Regulator.objects.filter(is_active=True), BY_KEY, query)
    on = today(timezone.now())
    return {"items": [_regulator(row, on) for row in found], "next": following}


def _holding(row: DataHolding, on: date) -> HoldingListed:
    return {
        "id": row.pk,
        "service": row.service.slug,
        "title": row.title,
        "data_categories": list(row.data_categories),
        "jurisdictions": list(row.jurisdictions),
        "persons": dict(row.persons),
        "data_role": row.data_role,
        "protection": row.protection,
        "verified_on": row.verified_on,
        "is_stale": is_stale(row.verified_on, on),
    }


def _regulator(row: Regulator, on: date) -> RegulatorListed:
    return {
        "id": row.pk,
        "recipient": row.recipient,
        "jurisdiction": row.jurisdiction,
        "name": row.name,
        "channel": row.channel,
        "address": row.address,
        "phone": row.phone,
        "timezone": row.timezone,
        "hours": row.hours,
        "verified_on": row.verified_on,
        "is_stale": is_stale(row.verified_on, on),
    }
