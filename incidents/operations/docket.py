"""Choosing a duty's clock: it is of this incident, it is a duty, and whether it is over."""

from incidents.models.incident import Incident
from incidents.models.legal import LegalClock
from incidents.operations import moves
from incidents.rules.reasons import Invalid, Reason, Refused

_OVER = {
    LegalClock.Outcome.MET: "was filed, sent",
    LegalClock.Outcome.LATE: "was filed late, sent",
    LegalClock.Outcome.STOOD_DOWN: "was stood down",
    LegalClock.Outcome.VOID: "ended without an incident",
}


def own(incident: Incident, clock: LegalClock) -> LegalClock:
    """The clock, locked and read anew; Invalid `unknown_clock` of another incident, `not_a_duty`."""
    rows = incident.legal_clocks.select_for_update(of=("self",)).select_related("settled_by")
    found = rows.filter(pk=clock.pk).first()
    if found is None:
        message = "This is no legal clock of this incident: choose one it lists."
        raise Invalid.because("unknown_clock", message, "clock")
    if not found.regime:
        message = "This clock is about engaging counsel: record whom you reached instead."
        raise Invalid.because("not_a_duty", message, "clock")
    return found


def own_open(incident: Incident, clock: LegalClock) -> LegalClock:
    """The same, and it runs; Refused `already_settled`."""
    found = own(incident, clock)
    if reason := already_settled(found):
        raise Refused(reason)
    return found


def already_settled(clock: LegalClock) -> Reason | None:
    """Why nothing is left to decide about this clock; None while it runs."""
    if clock.settled_at is None:
        return None
    outcome = _OVER[LegalClock.Outcome(clock.outcome)]
    who = f", {clock.settled_by} recorded it" if clock.settled_by else ""
    message = f"“{clock.title}” {outcome} {moves.clock(clock.settled_at)}{who}: it stands."
    return Reason("already_settled", message, "clock")
