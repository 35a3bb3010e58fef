"""The instants a commander records: each once, in order, with where it comes from."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    cadence,
    records,
    routing,
    timeline,
    waiting,
    words,
)
from incidents.operations.moves import begin, clock, provenance
from incidents.rules.instants import INSTANTS, order_violations
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.reasons import Invalid, Refused

_REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant the commander records, and the phase an incident is in at least from then on."""

    verb: str
    field: str
    said: str
    at_least: State


CONTAIN = Mark("contain", "contained_at", "Contained", State.DETECTION)
MITIGATE = Mark("mitigate", "mitigated_at", "Mitigated", State.MITIGATION)
RESOLVE = Mark("resolve", "resolved_at", "Resolved", State.RESOLUTION)


@transaction.atomic
def record(
    mark: Mark,
    incident: Incident,
    happened_at: datetime | None,
    reason: str,
    *,
    actor: Person,
    at: datetime,
) -> Incident:
    """Keep the instant once, with where it comes from; the phase follows where it lags."""
    begin(mark.verb, incident, actor)
    waiting.require_consulted(incident, mark.verb, actor=actor, at=at)
    _refuse_second_time(mark, incident)
    instant = timeline.happened(happened_at, at)
    reason = words.optional(reason, "reason", longest=_REASON_LENGTH)
    _check_order(incident, mark.field, instant, reason)
    before = incident.state
    setattr(incident, mark.field, instant)
    source = "human" if happened_at else "auto"
    incident.provenance[mark.field] = provenance(source, actor, reason)
    incident.state = max(State(before), mark.at_least, key=OPEN_STATES.index)
    incident.save(update_fields=[mark.field, "provenance", "state"])
    if incident.resolved_at is not None:
        cadence.stop_clocks(incident, actor=actor, at=at)
    timeline.record(incident, mark.said, at=at, author=actor, happened_at=instant)
    routing.performed(
        incident, mark.verb, actor=actor, at=at, done_at=instant, phase=before, note=reason
    )
    records.audit(
        mark.verb, incident, actor=actor, at=at,
        happened_at=instant, reason=reason, before=before, state=incident.state,
    )  # fmt: skip
    return incident


def _refuse_second_time(mark: Mark, incident: Incident) -> None:
    known = getattr(incident, mark.field)
    if known is not None:
        by = incident.provenance.get(mark.field, {}).get("by") or "nobody known"
        message = f"{mark.said} at {clock(known)}, recorded by {by}: it is recorded once."
        raise Refused.because("already_recorded", message)


def _check_order(incident: Incident, field: str, instant: datetime, reason: str) -> None:
    """Invalid where this instant brings a disorder that nobody gave a reason for."""
    known = {name: getattr(incident, name) for name in INSTANTS}
    accepted = order_violations(known)
    new = [each for each in order_violations({**known, field: instant}) if each not in accepted]
    if new and not reason:
        raise Invalid(*(replace(each, field="happened_at") for each in new))
