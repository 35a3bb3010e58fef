"""Who steers an exercise and who judges it, staff who never play in it; and who may stop it.

Source: HSEEP (the control cell and the evaluators are no players, and players see neither's papers).
"""

from incidents.models import Person
from incidents.operations import exercises, standing
from incidents.rules.reasons import NotPermitted, Reason, Refused
from training.models import GameDay, GameDayStaff

Duty = GameDayStaff.Duty
STEERING = (Duty.DIRECTOR, Duty.FACILITATOR, Duty.CONTROLLER)
JUDGING = (Duty.LEAD_EVALUATOR, Duty.EVALUATOR)
# Of whom nothing is kept back but by playing.
_OVER = (GameDay.Status.COMPLETED, GameDay.Status.CANCELLED)


def may_steer(game_day: GameDay, person: Person) -> Reason | None:
    """Why this person does not steer it, ever; None if they do. At most two queries.

    Who was named to may, whatever their groups are; of whom organised it the permission is asked.
    """
    if plays(game_day, person):
        message = "You play in it, so you may not see what is to come: leave it to the staff."
        return Reason("plays_in_it", message)
    if _has(game_day, person, *STEERING):
        return None
    if missing := standing.missing(person, "training.control_gameday"):
        return missing
    if game_day.organiser_id == person.pk:
        return None
    message = (
        "Only its organiser, director, facilitator or a controller steers it: ask "
        f"{game_day.organiser} to name you."
    )
    return Reason("not_in_control", message)


def may_judge(game_day: GameDay, person: Person) -> Reason | None:
    """Why this person does not evaluate it; None if they do. At most two queries.

    Who was named to may, whatever their groups are.
    """
    if plays(game_day, person):
        message = "You play in it, and nobody rates their own role: leave it to an evaluator."
        return Reason("rates_own_role", message)
    if _has(game_day, person, *JUDGING):
        return None
    if missing := standing.missing(person, "training.observe_gameday"):
        return missing
    message = f"Only its evaluators write what they see: ask {game_day.organiser} to name you."
    return Reason("not_an_evaluator", message)


def may_stop(game_day: GameDay, person: Person) -> Reason | None:
    """Why this person does not say its stop word; None for everybody in it, whatever else they may.

    A permission is needed by nobody who plays, runs or judges it: who is unwell, or is called to a
    real incident, waits for no administrator. Who may cancel game days stops any.
    """
    incident = game_day.incident
    if person.has_perm("training.cancel_gameday"):
        return None
    if incident is not None and person.pk in exercises.participants(incident):
        return None
    message = f"You take no part in it: tell {game_day.organiser} why it has to stop, or anybody in it."
    return Reason("not_in_the_exercise", message)


def plays(game_day: GameDay, person: Person) -> bool:
    """Whether this person plays in it, or stands beside who does."""
    return game_day.roles.filter(person=person).exists()


def in_state(
    game_day: GameDay, status: GameDay.Status = GameDay.Status.RUNNING
) -> Reason | None:
    """Why it is too early or too late for what only a running one bears."""
    if game_day.status == status:
        return None
    what = (
        "over: its record stands" if game_day.status in _OVER else "not running: run it first"
    )
    return Reason("wrong_state", f"This game day is {what}.")


def steering(game_day: GameDay, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not steer it now; empty says they may."""
    return tuple(filter(None, (may_steer(game_day, person), in_state(game_day))))


def stopping(game_day: GameDay, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not stop it now; empty says they may."""
    return tuple(filter(None, (may_stop(game_day, person), _stands(game_day))))


def _stands(game_day: GameDay) -> Reason | None:
    """Why there is nothing to stop."""
    exercise = game_day.incident
    if (wrong := in_state(game_day)) or exercise is None or exercise.is_open:
        return wrong
    message = f"{exercise.reference} is {exercise.state} already: complete the game day."
    return Reason("exercise_over", message)


def held(game_day: GameDay, actor: Person) -> GameDay:
    """The row as it is now, locked for an act of control; NotPermitted or Refused otherwise."""
    row = GameDay.objects.select_for_update(of=("self",)).get(pk=game_day.pk)
    if reason := may_steer(row, actor):
        raise NotPermitted(reason)
    if reason := in_state(row):
        raise Refused(reason)
    return row


def _has(game_day: GameDay, person: Person, *duties: str) -> bool:
    return game_day.staff.filter(person=person, duty__in=duties).exists()
