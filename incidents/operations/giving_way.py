"""A real incident goes before an exercise: who commands the one gives up the command of the other.

Nobody holds two commands, so this comes before the real role is written, within the same act.
"""

from datetime import datetime

from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import (
    answering,
    composing,
    escalation,
    exercises,
    records,
    staffing,
    standing,
    timeline,
)
from incidents.rules.roles import COMMANDER


def commanded(person: Person, incident: Incident) -> Assignment | None:
    """Their command of an exercise, where `incident` is real; of an exercise no query."""
    if incident.kind == Incident.Kind.EXERCISE:
        return None
    commands = Assignment.objects.commanding().filter(person=person)
    practised = commands.filter(incident__kind=Incident.Kind.EXERCISE)
    return practised.select_related("incident", "role").first()


def leave_exercise(
    person: Person, incident: Incident, *, actor: Person | None, at: datetime
) -> None:
    """End their command of an exercise for this real incident, if they hold one; hold its story.

    Everybody in the exercise is told in one message, and reads neither which incident it is nor
    what happened: it may be private. The exercise goes on once somebody else commands it.
    """
    command = commanded(person, incident)
    if command is None:
        return
    exercise, why = command.incident, f"A real incident needs {person}"
    # Whoever planned it locks what is theirs first, as the stop word does.
    exercises.hold(exercise, why=why, actor=actor, at=at)
    standing.lock(exercise)
    command.refresh_from_db()
    if command.ended_at is not None:  # handed over, or stopped, meanwhile
        return
    at = max(at, command.assigned_at)
    answering.end(exercise, at=at)
    command.ended_at, command.end_reason = at, why
    command.save(update_fields=["ended_at", "end_reason"])
    exercise.unfilled.append(staffing.gap(COMMANDER, [f"{why}. Assign another player."], []))
    exercise.save(update_fields=["unfilled"])
    timeline.record(exercise, f"{why}: nobody commands the exercise", at=at, author=actor)
    _tell(exercise, command, person, at)
    records.audit(
        "leave_exercise", exercise, actor=actor, at=at, person=person.username, reason=why
    )


def _tell(exercise: Incident, command: Assignment, person: Person, at: datetime) -> None:
    """Players, who stands beside them and staff, each once."""
    everybody = Person.objects.filter(pk__in=exercises.participants(exercise), is_active=True)
    told = [(each, "") for each in everybody.order_by("pk")]
    body = (
        f"A real incident needs {person}, who commands this exercise no more. Its clock is held: "
        "nothing of the story comes while it stands. Assign another player to command it on its "
        "page; then whoever runs the exercise lets the clock run on, or stops it."
    )
    composing.compose(
        escalation.about(
            exercise, told, key=f"left:{command.pk}", kind="exercise-left",
            subject=f"{person} is needed in a real incident", body=body,
            priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip
