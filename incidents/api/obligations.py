"""What is owed outside of incidents over the API, and that a runbook was followed."""

from datetime import date, datetime

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.acts import by
from incidents.api.auth import Bearer
from incidents.api.fields import Instant, Said, Slug, Text
from incidents.api.pages import Order, Page, Paging, page
from incidents.models import NudgePolicy, Obligation, Service
from incidents.operations import runbooks

router = Router(tags=["owed"])
_SOONEST = Order(("due_at", "id"), TypeAdapter(tuple[Instant, int]))


class Owing(Paging):
    """Which of what is owed: the filters given all hold."""

    what: NudgePolicy.What | None = Field(None, description="Such as runbook or statement.")
    owner: Slug | None = Field(None, description="A username.")
    late: bool | None = Field(None, description="Whether it was due before now.")


class OwedListed(TypedDict):
    """One thing owed; `owner` null is leadership, `link` the page on which it is done."""

    id: int
    what: str
    title: str
    owner: str | None
    due_at: datetime | None
    opened_at: datetime
    link: str


class Followed(Said):
    """What was found on the way."""

    note: Text = ""


class RunbookChecked(TypedDict):
    """The service, and the day its runbook was last followed."""

    service: str
    runbook_url: str
    runbook_checked_on: date | None


_NO_NOTE = Followed()


@router.get(
    "/obligations",
    auth=Bearer("incidents.view_obligation"),
    response=Page[OwedListed],
    operation_id="list_obligations",
)
def list_obligations(request: HttpRequest, query: Query[Owing]) -> Page[OwedListed]:
    """What is owed outside of incidents and reviews, the soonest first."""
    rows = Obligation.objects.open().select_related("owner")
    if query.what:
        rows = rows.filter(what=query.what)
    if query.owner:
        rows = rows.filter(owner=lookup.person(query.owner))
    if query.late is not None:
        now = timezone.now()
        rows = rows.filter(due_at__lte=now) if query.late else rows.filter(due_at__gt=now)
    found, following = page(request, rows, _SOONEST, query)
    return {"items": [_listed(row) for row in found], "next": following}


@router.post(
    "/services/{slug}/check-runbook",
    auth=Bearer(runbooks.CHECK),
    response=RunbookChecked,
    operation_id="check_runbook",
)
def check_runbook(
    request: HttpRequest, slug: Slug, body: Followed = _NO_NOTE
) -> RunbookChecked:
    """Keep that its owner, or a leader, followed the runbook today and it works."""
    service = Service.objects.filter(slug=slug).first()
    if service is None:
        raise Http404(f"There is no service “{slug}”: look it up first.")
    done = runbooks.check_runbook(service, note=body.note, **by(request))
    return {
        "service": done.slug,
        "runbook_url": done.runbook_url,
        "runbook_checked_on": done.runbook_checked_on,
    }


def _listed(row: Obligation) -> OwedListed:
    return {
        "id": row.pk,
        "what": row.what,
        "title": row.title,
        "owner": row.owner.username if row.owner else None,
        "due_at": row.due_at,
        "opened_at": row.opened_at,
        "link": row.link,
    }
