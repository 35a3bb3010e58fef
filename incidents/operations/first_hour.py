"""Counsel within the first hour: the clock is started once, and somebody is engaged for it."""

from collections.abc import Sequence
from datetime import UTC, datetime

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
from incidents.rules.legal import COUNSEL_WITHIN, why_counsel
from incidents.rules.legal_clocks import COUNSEL as COUNSEL_CLOCK
from incidents.rules.roles import COUNSEL, PRIVACY

_TITLE = "Engage counsel within the hour"


def start_counsel_clock(
    incident: Incident, *, why: str | None = None, at: datetime
) -> LegalClock | None:
    """Start the one counsel clock for this reason, and engage counsel; due in an hour.

    Without `why` the facts are asked whether personal data may be exposed. None while nothing asks
    for counsel. A clock that runs or was settled stays as it is. Call it in the transaction of the
    act that made the reason known.
    """
    basis = why_counsel(incident.facts) if why is None else why
    if not basis:
        return None
    if running := incident.legal_clocks.filter(kind=COUNSEL_CLOCK).first():
        return running
    due_at = at + COUNSEL_WITHIN
    clock = LegalClock(
        incident=incident, kind=COUNSEL_CLOCK, title=_TITLE, basis=basis, started_at=at,
        due_at=due_at,
    )  # fmt: skip
    nudges.schedule(clock, policies.of(NudgePolicy.What.LEGAL_CLOCK), at=at)
    clock.save()
    text = f"{basis} Due at {due_at.astimezone(UTC):%H:%M} UTC."
    timeline.record(incident, text, at=at)
    composing.compose(_engage(incident, basis, text, at), at=at)
    return clock


def _engage(incident: Incident, basis: str, text: str, at: datetime) -> list[composing.Message]:
    """Tell counsel here; else give the role to somebody; else leadership must find somebody.

    A privacy officer comes along where there is one: nobody is missed where there is none.
    """
    here = escalation.participants(incident, COUNSEL, PRIVACY)
    counsel = [told for told in here if told[1] == COUNSEL]
    messages: list[composing.Message] = []
    if incident.kind == Incident.Kind.INCIDENT:
        cause = basis.partition(":")[0]
        missing = [
            role for role in (COUNSEL, PRIVACY) if role not in {held for _, held in here}
        ]
        plan = staffing.plan_here(incident, [Need(role, cause) for role in missing], at=at)
        assigned = [_assign(incident, cause, chosen, at) for chosen in plan.assignments]
        messages += staffing.told_assigned(assigned)
        if any(one.role_id == COUNSEL for one in assigned):
            return messages
        if COUNSEL in missing:
            _keep_unfilled(incident, plan.unfilled, at)
            counsel = escalation.leadership(incident)
            text = f"{text} Nobody can be found: assign one."
    messages += escalation.about(
        incident, counsel, key=f"counsel:{incident.reference}", kind="counsel",
        subject="counsel is needed within the hour", body=text, priority=escalation.PAGE,
    )  # fmt: skip
    return messages


def _assign(incident: Incident, cause: str, chosen: Chosen, at: datetime) -> Assignment:
    return Assignment.objects.create(
        incident=incident,
        role=Role.objects.get(pk=chosen.role),
        person=Person.objects.get(username=chosen.username),
        reason=f"{cause}. {chosen.reason}"[:300],
        rejected=[{"username": one.username, "reason": one.reason} for one in chosen.rejected],
        assigned_at=at,
    )


def _keep_unfilled(incident: Incident, unfilled: Sequence[Unfilled], at: datetime) -> None:
    reasons = next(one.reasons for one in unfilled if one.role == COUNSEL)
    if all(each["role"] != COUNSEL for each in incident.unfilled):
        leaders = staffing.stand_ins(incident, at=at)
        incident.unfilled.append(staffing.gap(COUNSEL, reasons, leaders))
        incident.save(update_fields=["unfilled"])
