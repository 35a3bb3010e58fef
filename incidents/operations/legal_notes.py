"""Privileged notes: written by counsel, privacy and command, and read by nobody else."""

from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.legal import LegalNote
from incidents.models.people import Person


def write_legal_note(
    incident: Incident, *, text: str, actor: Person, at: datetime
) -> LegalNote:
    """Keep a note whose words stand nowhere else: not on the timeline, not in the audit line."""
    raise NotImplementedError


def readable(incident: Incident, person: Person) -> bool:
    """Whether this person is counsel, privacy officer or commander here, now or to the end."""
    raise NotImplementedError


def notes(incident: Incident, person: Person) -> list[LegalNote]:
    """Those this person may read, the oldest first; none for all others."""
    raise NotImplementedError


def count(incident: Incident) -> int:
    """How many there are: that much everybody may know."""
    raise NotImplementedError
