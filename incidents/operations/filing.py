"""Filings: what was sent to an authority or to the people concerned, with its evidence."""

from dataclasses import dataclass
from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.legal import Filing, LegalClock
from incidents.models.people import Person


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it was sent: at most 5 MiB."""

    name: str
    type: str
    content: bytes


def file_notice(
    incident: Incident,
    *,
    clock: LegalClock,
    sent_at: datetime,
    recipient: str = "",
    reference: str = "",
    note: str = "",
    late_reason: str = "",
    attachment: Attachment | None = None,
    actor: Person,
    at: datetime,
) -> Filing:
    """Keep what was sent and when: the clock is met, or late with a reason."""
    raise NotImplementedError
