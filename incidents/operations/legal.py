"""Legal clocks: started by facts, answered once by counsel."""

from datetime import UTC, datetime

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from incidents.models.incident import Assignment, Incident
from incidents.models.legal import LegalClock
from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    composing,
    escalation,
    moves,
    nudges,
    policies,
    records,
    routing,
    staffing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.rules.assignment import Chosen, Need, Unfilled
from incidents.rules.legal import counsel_clock
from incidents.rules.reasons import Refused
from incidents.rules.roles import COUNSEL

COUNSEL_CLOCK = "counsel"
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
        incident=incident, kind=COUNSEL_CLOCK, basis=_BASIS, started_at=at, due_at=due_at
    )
    nudges.schedule(clock, policies.of(NudgePolicy.What.LEGAL_CLOCK), at=at)
    clock.save()
    text = f"{_BASIS} Due at {due_at.astimezone(UTC):%H:%M} UTC."
    timeline.record(incident, text, at=at)
    composing.compose(_engage(incident, text, at), at=at)
    return clock


@transaction.atomic
def answer_clock(clock: LegalClock, *, answer: str, actor: Person, at: datetime) -> LegalClock:
    """Keep counsel's answer and stop the clock. Refuses `already_answered`: it is given once."""
    incident = clock.incident
    standing.lock(incident)
    clock.refresh_from_db(from_queryset=LegalClock.objects.select_for_update())
    giver = standing.require("answer_clock", incident, actor, at=at)
    _refuse_second_answer(clock)
    waiting.require_consulted(incident, "notify_authority", actor=actor, at=at)
    clock.answer = words.required(
        answer, "answer", "Write what was decided, and on what basis."
    )
    clock.answered_at, clock.answered_by = at, actor
    clock.next_nudge_at = None
    clock.save()
    text = standing.signed(f"Legal question {clock.kind} answered", giver)
    timeline.record(incident, text, at=at, author=actor)
    routing.performed(incident, "notify_authority", actor=actor, at=at, note=clock.answer)
    in_time = clock.due_at is None or at < clock.due_at
    records.audit(
        "answer_clock", incident, actor=actor, at=at,
        clock=clock.kind, answer=clock.answer, in_time=in_time, **standing.on_behalf(giver),
    )  # fmt: skip
    return clock


def stop_clocks(incident: Incident, *, actor: Person | None = None, at: datetime) -> None:
    """What was no incident owes no answer: unanswered clocks end."""
    clocks = list(incident.legal_clocks.filter(answered_at=None))
    for clock in clocks:
        clock.due_at = clock.next_nudge_at = None
    bulk_update_with_history(
        clocks, LegalClock, ["due_at", "next_nudge_at"], default_user=actor, default_date=at
    )


def _refuse_second_answer(clock: LegalClock) -> None:
    if clock.answered_at is None:
        return
    when = moves.clock(clock.answered_at)
    message = f"{clock.answered_by} answered it at {when}: add what is new to the timeline."
    raise Refused.because("already_answered", message)


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
