"""What other incidents are to one, as the API answers it."""

from datetime import datetime

from django.db.models import Q
from typing_extensions import TypedDict

from incidents.models import Incident, IncidentLink


class Linked(TypedDict):
    """`incident` is a duplicate of, was split from, was caused by or is related to `other`."""

    incident: str
    kind: str
    other: str
    reason: str
    made_by: str
    made_at: datetime


def linked(incident: Incident) -> list[Linked]:
    """Every link from or to it; of a private one only a private one speaks. One query."""
    rows = IncidentLink.objects.filter(Q(incident=incident) | Q(other=incident))
    if not incident.is_private:
        rows = rows.exclude(incident__is_private=True).exclude(other__is_private=True)
    return [
        {
            "incident": row.incident.reference,
            "kind": row.kind,
            "other": row.other.reference,
            "reason": row.reason,
            "made_by": row.made_by.username,
            "made_at": row.made_at,
        }
        for row in rows.select_related("incident", "other", "made_by")
    ]
