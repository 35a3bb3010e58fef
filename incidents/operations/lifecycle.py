"""The course of an incident: through its phases to its end, and back where it ended too soon."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from incidents.models.calendar import today
from incidents.models.incident import REVIEW_OWED, Incident
from incidents.models.people import Person
from incidents.operations import (
    answering,
    assignment,
    cadence,
    composing,
    escalation,
    legal,
    marks,
    notices,
    paging,
    records,
    routing,
    staffing,
    standing,
    status_page,
    timeline,
    waiting,
    words,
)
from incidents.operations.moves import announce, begin, last_move, provenance
from incidents.operations.standing import on_behalf
from incidents.rules.nudges import end_of_day
from incidents.rules.phases import State, next_state
from incidents.rules.reasons import Refused


@transaction.atomic
def advance(incident: Incident, *, to: str, actor: Person, at: datetime) -> Incident:
    """Move to the next phase, named by whoever saw the one before: pressed twice it moves once."""
    begin("advance", incident, actor)
    following = next_state(State(incident.state))
    if to != following:
        message = (
            f"It is in {incident.state}; what follows is {following}. {last_move(incident)}"
        )
        raise Refused.because("wrong_state", message.strip(), "to")
    before, incident.state = incident.state, following
    incident.save(update_fields=["state"])
    timeline.record(incident, f"Advanced to {following}", at=at, author=actor)
    records.audit("advance", incident, actor=actor, at=at, before=before, to=following)
    return incident


def contain(
    incident: Incident,
    *,
    actor: Person,
    at: datetime,
    happened_at: datetime | None = None,
    reason: str = "",
) -> Incident:
    """The impact stopped growing; the phase stays. Refuses `already_recorded`."""
    return marks.record(marks.CONTAIN, incident, happened_at, reason, actor=actor, at=at)


def mitigate(
    incident: Incident,
    *,
    actor: Person,
    at: datetime,
    happened_at: datetime | None = None,
    reason: str = "",
) -> Incident:
    """The users' impact ended; from triage this leads to mitigation. Refuses `already_recorded`."""
    return marks.record(marks.MITIGATE, incident, happened_at, reason, actor=actor, at=at)


@transaction.atomic
def resolve(
    incident: Incident,
    *,
    actor: Person,
    at: datetime,
    happened_at: datetime | None = None,
    reason: str = "",
) -> Incident:
    """Service is normal again: leads to resolution, ends the update clocks. Refuses a second time.

    A last update may still be published; none is owed. Legal clocks that begin with normal service
    begin.
    """
    marks.record(marks.RESOLVE, incident, happened_at, reason, actor=actor, at=at)
    legal.follow_event(incident, actor=actor, at=at)
    return incident


@transaction.atomic
def close(incident: Incident, *, note: str = "", actor: Person, at: datetime) -> Incident:
    """Stand down: roles and update clocks end, everybody hears, a review is due.

    It is due when the day the level names is over in the organisation's zone. What the law and
    contracts ask for is still owed; of an exercise nothing is owed to anybody once it is over.
    """
    giver = begin("close", incident, actor, at=at)
    waiting.require_consulted(incident, "stand_down", actor=actor, at=at)
    note = words.optional(note, "note")
    told = escalation.participants(incident)
    assignment.end_all(incident, standing.CLOSED, actor=actor, at=at)
    withdrawn = paging.withdraw(incident, at=at)
    cadence.stop_clocks(incident, actor=actor, at=at)
    if is_exercise := incident.kind == Incident.Kind.EXERCISE:
        notices.stop_clocks(incident, actor=actor, at=at)
    incident.state, incident.closed_at = State.CLOSED, at
    incident.provenance["closed_at"] = provenance("auto", actor)
    due_at = _review_due_at(incident, at)
    incident.owe_review(due_at)
    incident.save(update_fields=["state", "closed_at", "provenance", *REVIEW_OWED])
    status_page.ask_about(incident, at=at)
    legal.follow_event(incident, actor=actor, at=at)
    if is_exercise:
        legal.stop_clocks(incident, actor=actor, at=at)
    announce(incident, "closed", note, told, giver=giver, actor=actor, at=at)
    routing.performed(
        incident, "stand_down", actor=actor, at=at, phase=State.RESOLUTION, note=note,
        told=[person for person, _ in told],
    )  # fmt: skip
    records.audit(
        "close", incident, actor=actor, at=at,
        note=note, review_due_at=due_at, pages_withdrawn=withdrawn, **on_behalf(giver),
    )  # fmt: skip
    return incident


@transaction.atomic
def reopen(incident: Incident, *, reason: str, actor: Person, at: datetime) -> Incident:
    """Back to mitigation, within REOPEN_DAYS of closing: the impact and its clocks run again.

    Everybody takes back the role held at the end, where they may; of the rest leadership hears.
    When it was mitigated, resolved and closed before is kept in the audit line.
    """
    begin("reopen", incident, actor)
    reason = words.required(reason, "reason", "Write what came back.")
    _refuse_late_reopening(incident, at)
    ended = assignment.at_the_end(incident)
    told = [(one.person, one.role_id) for one in ended]
    was = _forget(incident, "mitigated_at", "resolved_at", "closed_at")
    incident.state = State.MITIGATION
    incident.judge_at = at  # the minutes of impact count on: the next sweep judges it anew
    incident.owe_review(None)
    taken = assignment.give_back(incident, ended, actor=actor, at=at)
    incident.save()
    for one in taken:
        answering.given(one, by=actor, at=at)
    cadence.start_clocks(incident, actor=actor, at=at)
    legal.follow_event(incident, actor=actor, at=at)
    status_page.ask_about(incident, at=at)
    announce(incident, "reopened", reason, told, actor=actor, at=at)
    # The gaps of today: those of the declaration were told under the key without an instant.
    gaps = (replace(one, key=f"{one.key}:{at}") for one in staffing.told_unfilled(incident))
    composing.compose([*staffing.told_assigned(taken), *gaps], at=at)
    paging.begin(incident, at=at)
    records.audit(
        "reopen", incident, actor=actor, at=at, reason=reason, was=was,
        roles={one.role_id: one.person.username for one in taken},
    )  # fmt: skip
    return incident


@transaction.atomic
def cancel(incident: Incident, *, reason: str, actor: Person, at: datetime) -> Incident:
    """It was none: roles and all clocks end, everybody hears why, no review is owed."""
    begin("cancel", incident, actor)
    reason = words.required(reason, "reason", "Write why this is no incident.")
    told = escalation.participants(incident)
    withdrawn = call_off(incident, standing.CANCELLED, actor=actor, at=at)
    announce(incident, "cancelled", reason, told, actor=actor, at=at)
    records.audit(
        "cancel", incident, actor=actor, at=at, reason=reason, pages_withdrawn=withdrawn
    )
    return incident


def stop_exercise(incident: Incident, *, reason: str, actor: Person, at: datetime) -> None:
    """End an exercise that is open, whoever plays in it; for the act that stops the game day.

    Refuses `not_an_exercise`, and `wrong_state` once it is over. That act tells and audits.
    """
    standing.lock(incident)
    if incident.kind != Incident.Kind.EXERCISE:
        message = f"{incident.reference} is real: resolve and close it."
        raise Refused.because("not_an_exercise", message)
    if not incident.is_open:
        message = f"{incident.reference} is {incident.state} already: complete the game day."
        raise Refused.because("wrong_state", message)
    call_off(incident, standing.CANCELLED, actor=actor, at=at)
    timeline.record(incident, f"The exercise was stopped: {reason}", at=at, author=actor)


def call_off(incident: Incident, why: str, *, actor: Person, at: datetime) -> int:
    """End it without a review: all roles, because of `why`, and all clocks; how many pages.

    For an act that has locked the incident, and tells and audits by itself.
    """
    assignment.end_all(incident, why, actor=actor, at=at)
    withdrawn = paging.withdraw(incident, at=at)
    cadence.stop_clocks(incident, actor=actor, is_void=True, at=at)
    legal.stop_clocks(incident, actor=actor, at=at)
    notices.stop_clocks(incident, actor=actor, at=at)
    incident.state = State.CANCELLED
    incident.save(update_fields=["state"])
    status_page.ask_about(incident, at=at)
    return withdrawn


def _review_due_at(incident: Incident, at: datetime) -> datetime | None:
    """None where the level owes no review."""
    days = incident.level.review_due_days if incident.level else None
    if days is None:
        return None
    return end_of_day(today(at) + timedelta(days=days), settings.ORGANISATION_ZONE)


def _refuse_late_reopening(incident: Incident, at: datetime) -> None:
    within = timedelta(days=settings.REOPEN_DAYS)
    if incident.closed_at and at - incident.closed_at > within:
        message = (
            f"It was closed more than {within.days} days ago: declare a new incident and "
            f"name {incident.reference} in it."
        )
        raise Refused.because("reopen_too_late", message)


def _forget(incident: Incident, *fields: str) -> dict[str, datetime | None]:
    """Clear these instants and where they came from; returns what they were."""
    was = {field: getattr(incident, field) for field in fields}
    for field in fields:
        setattr(incident, field, None)
        incident.provenance.pop(field, None)
    return was
