"""Who is on duty, now and over some days: the shifts that rotations publish."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api.auth import Bearer
from incidents.api.fields import Instant, Said, Slug, refuse_unknown
from incidents.api.pages import Order, Page, Paging, page
from incidents.models import Shift
from incidents.operations import duty
from incidents.rules.reasons import Invalid

router = Router(tags=["duty"])
_SOONEST = Order(("starts_at", "id"), TypeAdapter(tuple[Instant, int]))


class ShiftsAsked(Paging):
    """Which shifts: those that touch [from, until)."""

    role: Slug | None = Field(None, description="Such as incident_commander.")
    since: Instant | None = Field(None, alias="from", description="Now, unless said.")
    until: Instant | None = Field(None, description="As far as shifts are published.")


class OnDutyAsked(Said):
    """Of which role, and when."""

    role: Slug | None = None
    at: Instant | None = Field(None, description="Now, unless said.")


class ShiftListed(TypedDict):
    """One shift; `person` null is a gap, `reason` says why, `shadow` learns beside."""

    id: int
    rota: str
    role: str
    band: str
    starts_at: datetime
    ends_at: datetime
    person: str | None
    shadow: str | None
    reason: str


class OnDuty(TypedDict):
    """Whoever is to be asked first at this instant, gaps among them."""

    at: datetime
    items: list[ShiftListed]


@router.get(
    "/shifts",
    auth=Bearer("incidents.view_shift"),
    response=Page[ShiftListed],
    operation_id="list_shifts",
)
def list_shifts(request: HttpRequest, query: Query[ShiftsAsked]) -> Page[ShiftListed]:
    """Published shifts, the soonest first; a role nobody knows is refused."""
    since = query.since or timezone.now()
    if query.until and query.until <= since:
        message = "It would end before it begins: choose a later “until”."
        raise Invalid.because("ends_before_start", message, "until")
    rows = Shift.objects.filter(ends_at__gt=since).select_related("person", "shadow")
    if query.role:
        duty.require_role(query.role)
        rows = rows.filter(role=query.role)
    if query.until:
        rows = rows.filter(starts_at__lt=query.until)
    found, following = page(request, rows, _SOONEST, query)
    return {"items": [_listed(row) for row in found], "next": following}


@router.get(
    "/on-duty",
    auth=Bearer("incidents.view_shift"),
    response=OnDuty,
    operation_id="on_duty",
)
def on_duty(request: HttpRequest, query: Query[OnDutyAsked]) -> OnDuty:
    """The shifts that run at this instant; no item: no rotation covers it. Refuses `unknown_role`."""
    refuse_unknown(request, OnDutyAsked)
    at = query.at or timezone.now()
    rows = duty.on_duty(at=at, role=query.role or "")
    return {"at": at, "items": [_listed(row) for row in rows]}


def _listed(row: Shift) -> ShiftListed:
    return {
        "id": row.pk,
        "rota": row.rota,
        "role": row.role_id,
        "band": row.band,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "person": row.person.username if row.person else None,
        "shadow": row.shadow.username if row.shadow else None,
        "reason": row.reason,
    }
