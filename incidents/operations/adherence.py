"""How far one incident followed its matrix, read in a constant number of queries."""

from collections.abc import Iterator
from datetime import datetime

from incidents.models.adherence import Omission, Performance
from incidents.models.incident import Incident
from incidents.models.legal import LegalClock
from incidents.models.people import Person
from incidents.operations import pinned
from incidents.operations.standing import CLOSED
from incidents.rules import adherence as rules
from incidents.rules.adherence import Adherence, Course, Omitted, Performed, Who
from incidents.rules.phases import Phase, State
from incidents.rules.roles import COMMANDER
from incidents.rules.routing import Departure
from incidents.rules.tenure import TenureFault, tenure_faults

_NOT_OWED = (LegalClock.Outcome.STOOD_DOWN, LegalClock.Outcome.VOID)


def of(incident: Incident, at: datetime) -> Adherence:
    """Each activity of the phases gone through, as it stands `at`; at most seven queries."""
    return rules.measure(
        pinned.activities(incident),
        list(_performed(incident)),
        _omitted(incident),
        _course(incident),
        at=at,
        command_faults=_command_faults(incident),
    )


def _performed(incident: Incident) -> Iterator[Performed]:
    rows = Performance.objects.filter(incident=incident)
    for row in rows.select_related("activity", "done_by", "reason_by"):
        yield Performed(
            place=(row.activity.phase, row.activity.name),
            by=_who(row.done_by),
            role=row.role_id or "",
            at=row.done_at,
            verb=row.verb,
            departures=tuple(Departure(**each) for each in row.departures),
            reason=row.reason,
            reason_by=_who(row.reason_by) if row.reason_by else None,
            note=row.note,
        )


def _who(person: Person) -> Who:
    return Who(person.username, str(person))


def _omitted(incident: Incident) -> Iterator[Omitted]:
    rows = Omission.objects.filter(incident=incident)
    for row in rows.select_related("activity", "explained_by"):
        place = (row.activity.phase, row.activity.name)
        yield Omitted(place, row.reason, _who(row.explained_by), row.explained_at)


def _course(incident: Incident) -> Course:
    is_cancelled = incident.state == State.CANCELLED
    phase = pinned.phase_of(incident)
    if is_cancelled:  # which it may be in detection and in triage
        phase = Phase.TRIAGE if incident.acknowledged_at else Phase.DETECTION
    return Course(
        declared_at=incident.declared_at,
        phase=str(phase),
        called_for=frozenset(_called_for(incident)),
        review_due_at=incident.review_due_at,
        is_cancelled=is_cancelled,
    )


def _called_for(incident: Incident) -> Iterator[str]:
    """The acts done on occasion that this incident gave occasion for."""
    if incident.level and incident.level.public_update_required:
        yield "publish_externally"
    duties = incident.legal_clocks.exclude(regime="")
    if duties.exclude(outcome__in=_NOT_OWED).exists():
        yield "notify_authority"
    if incident.computed_level_id != incident.level_id:
        yield "set_severity"


def _command_faults(incident: Incident) -> Iterator[TenureFault]:
    """While it was open; between its closing and its coming back nobody need command."""
    commands = list(incident.assignments.filter(role=COMMANDER))
    ends = [one.ended_at for one in commands if one.ended_at]
    over_at = None if incident.is_open else incident.closed_at or max(ends, default=None)
    closings = {one.ended_at for one in commands if one.end_reason == CLOSED}
    if not incident.is_open and over_at is None:
        return
    tenures = [(one.assigned_at, one.ended_at) for one in commands]
    for fault in tenure_faults(tenures, incident.declared_at, over_at):
        if fault.begins_at not in closings:
            yield fault
