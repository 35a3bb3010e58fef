"""The register of decisions not to notify, and the clocks counsel stands down or keeps."""

from datetime import datetime

from incidents.models.incident import Incident
from incidents.models.legal import LegalClock, LegalDecision
from incidents.models.people import Person


def stand_down_clock(
    incident: Incident, *, clock: LegalClock, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    """End a duty that is none after all; the clock stays, with counsel's reason."""
    raise NotImplementedError


def keep_clock(
    incident: Incident, *, clock: LegalClock, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    """Let a clock run on whose facts do not call for it any more."""
    raise NotImplementedError


def decide_not_to_notify(
    incident: Incident, *, regime: str, reason: str, actor: Person, at: datetime
) -> LegalDecision:
    """Enter in the register why nobody is notified under this regime."""
    raise NotImplementedError
