"""Where each audience is spoken to: read by callers, changed by people alone."""

from django.http import HttpRequest
from ninja import Query, Router
from typing_extensions import TypedDict

from incidents.api.auth import Bearer
from incidents.api.pages import BY_KEY, Page, Paging, page
from incidents.models import Destination
from incidents.operations import ways

router = Router(tags=["updates"])


class DestinationListed(TypedDict):
    """One place; without `is_set_up` this installation cannot deliver by its channel."""

    id: int
    name: str
    audience: str
    channel: str
    address: str
    is_active: bool
    is_set_up: bool


@router.get(
    "/destinations",
    auth=Bearer("incidents.view_destination"),
    response=Page[DestinationListed],
    operation_id="list_destinations",
)
def list_destinations(request: HttpRequest, query: Query[Paging]) -> Page[DestinationListed]:
    """Every place where published updates go, active or not, in the order they were added."""
    found, following = page(request, Destination.objects.all(), BY_KEY, query)
    return {"items": [_listed(row) for row in found], "next": following}


def _listed(row: Destination) -> DestinationListed:
    return {
        "id": row.pk,
        "name": row.name,
        "audience": row.audience,
        "channel": row.channel,
        "address": row.address,
        "is_active": row.is_active,
        "is_set_up": ways.is_set_up(row.channel),
    }
