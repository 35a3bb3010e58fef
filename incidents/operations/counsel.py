"""Engaging counsel: who was reached, when, and whether within the hour."""

from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.legal import LegalClock
from incidents.models.people import Person


def engage_counsel(
    incident: Incident,
    *,
    person: Person,
    how: str,
    engaged_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> LegalClock:
    """Keep who of counsel was reached and when (`at` unless given); the counsel clock stops."""
    raise NotImplementedError
