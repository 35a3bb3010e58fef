"""What command waits for: that the commander answers, that a successor takes up an offer.

Asked when command is given, and whenever somebody calls the commander. What happens when nobody
answers in time is `standby`'s.
"""

from datetime import datetime, timedelta

from incidents.models.commanding import CommandCall, HandOver
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import composing, escalation
from incidents.rules.roles import COMMANDER

LAPSED = "Command moved otherwise, or the incident ended."


def given(assignment: Assignment, *, by: Person | None, at: datetime) -> CommandCall | None:
    """Ask whom somebody else, or the rules, gave command; who took it himself is there."""
    if by is not None and by.pk == assignment.person_id:
        return None
    return ask(assignment, at=at)


def ask(
    assignment: Assignment, *, asked_by: Person | None = None, at: datetime
) -> CommandCall | None:
    """From `at` on the commander has the minutes of the level to answer; None where it names none.

    A call that waits already is returned as it is.
    """
    level = assignment.incident.level
    if assignment.role_id != COMMANDER or level is None or level.command_answer_minutes is None:
        return None
    if call := waiting(assignment):
        return call
    return CommandCall.objects.create(
        assignment=assignment,
        asked_by=asked_by,
        asked_at=at,
        due_at=at + timedelta(minutes=level.command_answer_minutes),
    )


def waiting(assignment: Assignment) -> CommandCall | None:
    """The call this commander has not answered yet."""
    return assignment.calls.filter(outcome=CommandCall.Outcome.OPEN).first()


def answered(incident: Incident, person: Person, *, at: datetime) -> bool:
    """This person commands here and is there; whether a call waited for that."""
    return _end(incident, CommandCall.Outcome.ANSWERED, at, assignment__person=person)


def end(incident: Incident, *, at: datetime) -> None:
    """Command moves, or the incident ends: nobody need answer any more, and no offer stands.

    Whom command was offered to hears that it lapsed.
    """
    _end(incident, CommandCall.Outcome.ENDED, at)
    offers = incident.hand_overs.filter(outcome=HandOver.Outcome.OPEN)
    for offer in offers.select_related("to"):
        close(offer, HandOver.Outcome.LAPSED, LAPSED, at=at)
        composing.compose(
            escalation.about(
                incident, [(offer.to, "")], key=f"hand-over-lapsed:{offer.pk}",
                kind="hand-over-lapsed", subject="command is no longer offered to you",
                body=f"{LAPSED} Nothing is asked of you.",
            ),
            at=at,
        )  # fmt: skip


def close(offer: HandOver, outcome: str, why: str = "", *, at: datetime) -> None:
    """An offer ends; not before it was made, whoever read the clock first."""
    offer.outcome, offer.end_reason = outcome, why
    offer.ended_at = max(at, offer.offered_at)
    offer.save(update_fields=["outcome", "end_reason", "ended_at"])


def _end(incident: Incident, outcome: str, at: datetime, **whose: Person) -> bool:
    rows = CommandCall.objects.filter(
        assignment__incident=incident, outcome=CommandCall.Outcome.OPEN, **whose
    )
    return bool(rows.update(outcome=outcome, ended_at=at))
