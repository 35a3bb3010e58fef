"""Messages: what was promised to whom, what became of it, and the dead sent again."""

from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.acts import by
from incidents.api.auth import Bearer, caller
from incidents.api.fields import Instant, Number, Reference, Slug, one_of
from incidents.api.pages import Order, Page, Paging, page
from incidents.api.shown import username
from incidents.models import Channel, OutboxMessage
from incidents.operations import outbox

router = Router(tags=["messages"])

_NEWEST = Order(("id",), TypeAdapter(tuple[Number]), descending=True)
_MAY_VIEW = "incidents.view_outboxmessage"


class MessageFilters(Paging):
    """Which messages."""

    status: Annotated[OutboxMessage.Status, one_of(OutboxMessage.Status)] | None = None
    channel: Channel | None = None
    topic: Reference | None = Field(None, description="Reference of an incident.")
    kind: Slug | None = None


class MessageShown(TypedDict):
    """One message: to whom, by which channel, how far it is. Its words stay in the admin."""

    id: int
    kind: str
    priority: str
    status: str
    channel: str
    recipient: str | None
    role: str
    subject: str
    topic: str
    attempts: int
    last_error: str
    created_at: Instant
    due_at: Instant
    next_attempt_at: Instant | None
    sent_at: Instant | None
    acknowledged_at: Instant | None


@router.get(
    "", auth=Bearer(_MAY_VIEW), response=Page[MessageShown], operation_id="list_messages"
)
def list_messages(request: HttpRequest, query: Query[MessageFilters]) -> Page[MessageShown]:
    """Messages, the newest first; without those about an incident the caller may not see."""
    wanted = {name: getattr(query, name) for name in ("status", "channel", "topic", "kind")}
    rows = _rows(request).filter(**{name: value for name, value in wanted.items() if value})
    found, following = page(request, rows.defer("body"), _NEWEST, query)
    return {"items": [_shown(row) for row in found], "next": following}


@router.post(
    "/{message_id}/resend",
    auth=Bearer(_MAY_VIEW, outbox.RESEND),
    response=MessageShown,
    operation_id="resend_message",
)
def resend_message(request: HttpRequest, message_id: Number) -> MessageShown:
    """Puts a dead message back into the queue with all its attempts."""
    message = lookup.message(_rows(request), message_id)
    return _shown(outbox.resend(message, **by(request)))


def _rows(request: HttpRequest) -> QuerySet[OutboxMessage]:
    rows = outbox.seen_by(OutboxMessage.objects.all(), caller(request))
    return rows.select_related("recipient")


def _shown(row: OutboxMessage) -> MessageShown:
    waits = row.status in (OutboxMessage.Status.PENDING, OutboxMessage.Status.HELD)
    return {
        "id": row.pk,
        "kind": row.kind,
        "priority": row.get_priority_display().lower(),
        "status": row.status,
        "channel": row.channel,
        "recipient": username(row.recipient),
        "role": row.role,
        "subject": row.subject,
        "topic": row.topic,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "next_attempt_at": row.next_attempt_at if waits else None,
        "sent_at": row.sent_at,
        "acknowledged_at": row.acknowledged_at,
    }
