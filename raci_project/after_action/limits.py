"""What an exercise did not test, and how far what its report says may be trusted, in sentences."""

from collections.abc import Iterator, Sequence

from incidents.models import Incident, Role
from incidents.operations import pinned
from raci_project.after_action.values import Judged, Participant
from training.models import Delivery, Exercised, ExerciseScenario, GameDay, GameDayStaff, Inject
from training.rules.after_action import minutes, span
from training.rules.story_course import Counted, StoryCourse

_JUDGES = tuple(
    duty.label.capitalize()
    for duty in (GameDayStaff.Duty.LEAD_EVALUATOR, GameDayStaff.Duty.EVALUATOR)
)
_State = Delivery.State


def untested(game_day: GameDay, objectives: Sequence[Judged]) -> Iterator[str]:
    """People outside, systems, injects, objectives and roles that the exercise did not reach."""
    yield (
        "Nobody outside heard of it: no customer, regulator or pager. What they would have said "
        "or done was told by the story, and not tested."
    )
    if game_day.exercise_scenario.kind != ExerciseScenario.Kind.GAME_DAY:
        yield (
            "No system was switched, restored or reconfigured: people, decisions and words were "
            "exercised, not technology."
        )
    yield from _undelivered(game_day)
    if unrated := [str(one.number) for one in objectives if not one.rating]:
        plural = "s" if len(unrated) > 1 else ""
        yield f"Nothing is shown for or against objective{plural} {', '.join(unrated)}: not rated."
    if game_day.incident is not None and (roles := _unplayed(game_day, game_day.incident)):
        yield f"Nobody played these roles of the matrix: {', '.join(roles)}."


def _undelivered(game_day: GameDay) -> Iterator[str]:
    rows = game_day.deliveries.exclude(state=_State.RELEASED).select_related("inject")
    spare = 0
    for row in rows:
        if row.state == _State.HELD and row.inject.kind == Inject.Kind.CONTINGENCY:
            spare += 1
            continue
        title = f" (“{row.inject.title}”)" if row.inject.title else ""
        fate = "was skipped" if row.state == _State.SKIPPED else "was not reached"
        because = f": {row.note.rstrip('.')}" if row.note else ""
        yield f"Inject {row.inject.number}{title} {fate}{because}."
    if spare:
        yield (
            f"{spare} inject{'' if spare == 1 else 's'} kept for a contingency "
            f"{'was' if spare == 1 else 'were'} not needed."
        )


def _unplayed(game_day: GameDay, incident: Incident) -> list[str]:
    """Roles with a letter in the matrix that nobody held or did anything as, in its order."""
    wanted = {role for line in pinned.activities(incident) for role in line.letters}
    held = incident.assignments.values("role")
    did = game_day.exercised.filter(kind=Exercised.Kind.CELL).values_list("key", flat=True)
    wanted -= {key.rpartition(":")[2] for key in did}
    cast = game_day.roles.filter(is_shadow=False).values("role")
    rows = Role.objects.filter(slug__in=wanted).exclude(pk__in=held).exclude(pk__in=cast)
    return list(rows.order_by("position").values_list("name", flat=True))


def method(
    clock: StoryCourse | None, people: Sequence[Participant], feedback: int
) -> Iterator[str]:
    """How far the figures, the ratings and the feedback carry; `feedback` counts who gave it."""
    if clock is not None:
        yield from _minutes(clock)
    judges = sum(one.part in _JUDGES for one in people if not one.is_player)
    if not judges:
        yield "Nobody was named to evaluate it: what is said of objectives rests on the record."
    elif judges == 1:
        yield "One evaluator judged it: each rating is one person's view."
    players = sum(one.is_player and not one.is_shadow for one in people)
    yield (
        f"{players} player{'' if players == 1 else 's'} in one exercise, who knew that it was one, "
        "show what can happen, not how often it would."
    )
    if feedback:
        people_said = f"{feedback} {'person' if feedback == 1 else 'people'}"
        yield f"How ready for their role people feel is what {people_said} said of themselves."


def _minutes(clock: StoryCourse) -> Iterator[str]:
    if clock.counted is Counted.PLAIN:
        yield "The story ran in real time without a break, so minutes are real minutes."
        return
    if clock.counted is Counted.REAL:
        yield (
            "Injects were released by hand, for a while at least, so the story had no time of its "
            "own: minutes are of real time, talk included, and show order rather than speed."
        )
        return
    if clock.fastest > 1:
        yield (
            f"The story ran up to {clock.fastest} times as fast as real time. Minutes are of story "
            "time, and targets are measured in it: reading and typing take as long as ever, so "
            "a target missed by little says less than one missed in earnest."
        )
    else:
        yield "Minutes are of story time, and targets are measured in it."
    if clock.stood:
        yield (
            f"The story stood still for {minutes(int(clock.stood // 60))} of real time, in pauses "
            "or until the players had decided; what was done meanwhile costs no story time."
        )
    if clock.skipped:
        yield (
            f"The story was moved forward by {span(clock.skipped)}, "
            "which nobody lived through; it counts as passed."
        )
