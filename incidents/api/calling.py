"""Calls under the level's escalation: who was called, how often, and the answer to one's own."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router
from typing_extensions import TypedDict

from incidents.api import lookup
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.auth import VIEW, Bearer
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.models import EscalationCall
from incidents.operations import paging

router = Router(tags=["calls"])


class CallShown(TypedDict):
    """Who is called for a step; `role` null: as leadership; `person` null: nobody was found.

    `line`: 0 the step's own role, 1 the next in line, and so on. `ended` is empty while it waits.
    """

    level: str
    step: str
    line: int
    role: str | None
    person: str | None
    channel: str
    due_at: datetime
    calls: int
    last_called_at: datetime | None
    next_call_at: datetime | None
    answered_at: datetime | None
    ended: str


class Calls(TypedDict):
    """Every call of one incident, the earliest due first."""

    items: list[CallShown]


@act(router, "answer_call")
def answer_call(request: HttpRequest, reference: Reference) -> Document:
    paging.answer_call(lookup.incident(reference), **by(request))
    return document(reference)


@router.get("/{reference}/calls", auth=Bearer(VIEW), response=Calls, operation_id="list_calls")
def list_calls(request: HttpRequest, reference: Reference) -> Calls:
    """Who was, is and will be called under this incident's levels, and who answered."""
    rows = lookup.incident(reference).calls.select_related("person", "level")
    return {"items": [_shown(row) for row in rows]}


def _shown(row: EscalationCall) -> CallShown:
    return {
        "level": row.level.code,
        "step": row.step_id,
        "line": row.line,
        "role": row.role_id,
        "person": row.person.username if row.person else None,
        "channel": row.channel,
        "due_at": row.due_at,
        "calls": row.calls,
        "last_called_at": row.last_called_at,
        "next_call_at": row.next_call_at,
        "answered_at": row.answered_at,
        "ended": row.ended,
    }
