"""What contracts promise to tell customers about an incident, as its document shows it."""

from datetime import datetime

from typing_extensions import TypedDict

from incidents.models import Incident, NoticeClock


class NoticeShown(TypedDict):
    """One notice a contract promises: due then, given then and how; `due_at` null: not owed.

    `update` is the update that gave it, where one did.
    """

    id: int
    customer: str
    clause: str
    started_at: datetime
    due_at: datetime | None
    given_at: datetime | None
    given_by: str | None
    how: str
    update: int | None


def noticed(incident: Incident) -> list[NoticeShown]:
    """All of them, the one due first first; one query. Whom to call there is not said."""
    rows = incident.notice_clocks.select_related("clause__customer", "given_by")
    return [_shown(row) for row in rows]


def _shown(row: NoticeClock) -> NoticeShown:
    return {
        "id": row.pk,
        "customer": row.clause.customer.slug,
        "clause": row.clause.title,
        "started_at": row.started_at,
        "due_at": row.due_at,
        "given_at": row.given_at,
        "given_by": row.given_by.username if row.given_by else None,
        "how": row.how,
        "update": row.update_id,
    }
