"""Does the commander answer? Asked when command is given, and whenever somebody calls him.

What happens when nobody answers in time is `standby`'s.
"""

from datetime import datetime, timedelta

from incidents.models.commanding import CommandCall
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.rules.roles import COMMANDER


def ask(
    assignment: Assignment, *, asked_by: Person | None = None, at: datetime
) -> CommandCall | None:
    """From `at` on the commander has the minutes of the level to answer; None where it names none.

    A call that waits already is returned as it is. Nobody who gave himself command is asked.
    """
    level = assignment.incident.level
    if assignment.role_id != COMMANDER or level is None or level.command_answer_minutes is None:
        return None
    if waiting := assignment.calls.filter(outcome=CommandCall.Outcome.OPEN).first():
        return waiting
    return CommandCall.objects.create(
        assignment=assignment,
        asked_by=asked_by,
        asked_at=at,
        due_at=at + timedelta(minutes=level.command_answer_minutes),
    )


def answered(incident: Incident, person: Person, *, at: datetime) -> bool:
    """This person commands here and is there; whether a call waited for that."""
    return _end(incident, CommandCall.Outcome.ANSWERED, at, assignment__person=person)


def end(incident: Incident, *, at: datetime) -> bool:
    """Command moved, or the incident ended: nobody needs to answer any more."""
    return _end(incident, CommandCall.Outcome.ENDED, at)


def _end(incident: Incident, outcome: str, at: datetime, **whose: Person) -> bool:
    waiting = CommandCall.objects.filter(
        assignment__incident=incident, outcome=CommandCall.Outcome.OPEN, **whose
    )
    return bool(waiting.update(outcome=outcome, ended_at=at))
