"""Legal clocks: started by facts under the law pinned, never deleted, settled once."""

from datetime import UTC, datetime

from simple_history.utils import bulk_update_with_history

from incidents.models.incident import Assignment, Incident
from incidents.models.legal import LegalClock
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    composing,
    escalation,
    nudges,
    policies,
    staffing,
    timeline,
)
from incidents.rules.assignment import Chosen, Need, Unfilled
from incidents.rules.legal import counsel_clock
from incidents.rules.legal_engine import Outcome
from incidents.rules.roles import COUNSEL

COUNSEL_CLOCK = "counsel"
_TITLE = "Engage counsel within the hour"
_BASIS = "Personal data may be exposed: counsel within the hour, by our own policy."


def start_counsel_clock(incident: Incident, *, at: datetime) -> LegalClock | None:
    """Start the one counsel clock once personal data may be exposed, and engage counsel.

    None while no exposure is known. A clock that runs or was answered stays as it is. Call it
    in the transaction of the act that made the exposure known.
    """
    due_at = counsel_clock(incident.facts, at)
    if due_at is None:
        return None
    if running := incident.legal_clocks.filter(kind=COUNSEL_CLOCK).first():
        return running
    clock = LegalClock(
        incident=incident, kind=COUNSEL_CLOCK, title=_TITLE, basis=_BASIS, started_at=at,
        due_at=due_at,
    )  # fmt: skip
    nudges.schedule(clock, policies.of(NudgePolicy.What.LEGAL_CLOCK), at=at)
    clock.save()
    text = f"{_BASIS} Due at {due_at.astimezone(UTC):%H:%M} UTC."
    timeline.record(incident, text, at=at)
    composing.compose(_engage(incident, text, at), at=at)
    return clock


def reevaluate(
    incident: Incident, *, actor: Person | None = None, at: datetime
) -> Outcome | None:
    """What the pinned law says of the incident as it is known now, brought onto its clocks."""
    raise NotImplementedError


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """What was no incident owes nothing: open clocks are void, and stay to be read."""
    clocks = list(incident.legal_clocks.filter(settled_at=None))
    for clock in clocks:
        clock.outcome, clock.settled_at, clock.settled_by = LegalClock.Outcome.VOID, at, actor
        clock.next_nudge_at = None
    fields = ["outcome", "settled_at", "settled_by", "next_nudge_at"]
    bulk_update_with_history(clocks, LegalClock, fields, default_user=actor, default_date=at)


def _engage(incident: Incident, text: str, at: datetime) -> list[composing.Message]:
    """Tell counsel here; else give the role to somebody; else leadership must find somebody."""
    here = escalation.participants(incident, COUNSEL)
    if not here and incident.kind == Incident.Kind.INCIDENT:
        found = _find(incident, at)
        if isinstance(found, Chosen):
            return list(staffing.told_assigned([_assign(incident, found, at)]))
        _keep_unfilled(incident, found, at)
        here, text = escalation.leadership(incident), f"{text} Nobody can be found: assign one."
    return list(
        escalation.about(
            incident, here, key=f"counsel:{incident.reference}", kind="counsel",
            subject="counsel is needed within the hour", body=text, priority=escalation.PAGE,
        )
    )  # fmt: skip


def _find(incident: Incident, at: datetime) -> Chosen | Unfilled:
    """Who of those qualified and present is least loaded, and holds nothing that excludes it."""
    need = Need(COUNSEL, "Personal data may be exposed")
    plan = staffing.plan_here(incident, [need], at=at)
    return plan.assignments[0] if plan.assignments else plan.unfilled[0]


def _assign(incident: Incident, chosen: Chosen, at: datetime) -> Assignment:
    return Assignment.objects.create(
        incident=incident,
        role=Role.objects.get(pk=COUNSEL),
        person=Person.objects.get(username=chosen.username),
        reason=f"Personal data may be exposed. {chosen.reason}"[:300],
        rejected=[{"username": one.username, "reason": one.reason} for one in chosen.rejected],
        assigned_at=at,
    )


def _keep_unfilled(incident: Incident, unfilled: Unfilled, at: datetime) -> None:
    if all(each["role"] != COUNSEL for each in incident.unfilled):
        leaders = staffing.stand_ins(incident, at=at)
        incident.unfilled.append(staffing.gap(COUNSEL, unfilled.reasons, leaders))
        incident.save(update_fields=["unfilled"])
