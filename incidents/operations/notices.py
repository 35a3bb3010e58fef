"""Notices: what contracts promise to tell customers about an incident, by when, and that it was told."""

from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.update import Update


def start_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """One clock a clause that this incident touches; repeating it changes nothing."""


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """What was no incident owes no notice: open clocks end."""


def given_by(update: Update, *, actor: Person, at: datetime) -> None:
    """A published update to customers gives the notices that it reaches."""
