"""What evaluators see and how they rate it: against the objectives, never their own role.

Sources: HSEEP (exercise evaluation guides; the record is fixed when the exercise is completed),
FEMA controller and evaluator handbook (write what was done, with the time, not what you think of it).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from incidents.models import Person
from incidents.operations import records, words
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from training.models import GameDay, Inject, Objective, ObjectiveRating, Observation, Rating
from training.operations import control, story
from training.rules import ratings
from training.rules.ratings import Seen

Status = GameDay.Status


@transaction.atomic
def observe(
    game_day: GameDay,
    *,
    text: str,
    kind: str = Observation.Kind.NEUTRAL,
    rating: str = "",
    story_seconds: int | None = None,
    injects: Sequence[Inject] = (),
    objectives: Sequence[Objective] = (),
    actor: Person,
    at: datetime,
) -> Observation:
    """Keep what an evaluator saw, at the story's time now unless said otherwise.

    NotPermitted `not_an_evaluator`; `rates_own_role` for who plays, or where a linked objective
    judges a role the evaluator holds. Refused `locked` once the game day is over, `wrong_state`
    before it runs. Invalid: no words, another story's inject or objective, a time still to come.
    """
    game_day = _held(game_day, actor)
    said = _Said(game_day, text, kind, rating, story_seconds, injects, objectives)
    said.check(actor, at)
    row = Observation(game_day=game_day, observer=actor, observed_at=at, recorded_at=at)
    said.write(row, at)
    # The line does not say what was seen: players read audit lines too.
    records.audit("observe_gameday", game_day, actor=actor, at=at, observation=row.pk)
    return row


@transaction.atomic
def rate(
    game_day: GameDay,
    *,
    objective: Objective,
    rating: str,
    reason: str,
    actor: Person,
    at: datetime,
) -> ObjectiveRating:
    """Rate one objective P, S, M or U, with the reason; a second time replaces the evaluator's own.

    As `observe` refuses; also `above_observations`: no rating is better than what evaluators saw
    of this objective, and where nothing was seen it is U.
    """
    game_day = _held(game_day, actor)
    _check_rating(rating, required=True)
    _check_own(game_day, (objective,), actor)
    _check_of_story(game_day, (), (objective,))
    said = words.required(reason, "reason", "Write why: what was done, against the target.")
    if reason_against := above(game_day, objective, rating):
        raise Refused(reason_against)
    mine = {"game_day": game_day, "objective": objective, "rated_by": actor}
    row = ObjectiveRating.objects.filter(**mine).first() or ObjectiveRating(**mine)
    row.rating, row.reason, row.rated_at = rating, said, at
    row.save()
    records.audit("rate_gameday", game_day, actor=actor, at=at, objective=objective.number)
    return row


def above(game_day: GameDay, objective: Objective, rating: str) -> Reason | None:
    """Why this rating is better than what was seen; None if what was seen supports it."""
    rows = game_day.observations.filter(objectives=objective)
    seen = [Seen(kind, given) for kind, given in rows.values_list("kind", "rating")]
    highest = ratings.ceiling(seen)
    if not ratings.is_above(rating, highest):
        return None
    message = (
        "Nobody noted anything about this objective: write first what you saw, linked to it."
        if not seen
        else f"What was noted about it supports {highest} at most: note what supports "
        f"{rating}, linked to this objective, or rate it {highest} or lower."
    )
    return Reason("above_observations", message, "rating")


def objections(game_day: GameDay, person: Person) -> tuple[Reason, ...]:
    """Every reason why this person may not note or rate anything here now; empty says they may."""
    return tuple(filter(None, (control.may_judge(game_day, person), _time_is(game_day))))


def own_roles(game_day: GameDay, person: Person) -> set[str]:
    """The slugs of roles this person holds or held in the exercise, though no player by plan."""
    if game_day.incident is None:
        return set()
    held = game_day.incident.assignments.filter(person=person)
    return set(held.values_list("role", flat=True))


def _held(game_day: GameDay, actor: Person) -> GameDay:
    """The row, locked against being completed meanwhile."""
    rows = GameDay.objects.select_for_update(of=("self",)).select_related("incident")
    row = rows.get(pk=game_day.pk)
    if reason := control.may_judge(row, actor):
        raise NotPermitted(reason)
    if reason := _time_is(row):
        raise Refused(reason)
    return row


def _time_is(game_day: GameDay) -> Reason | None:
    if game_day.status in (Status.COMPLETED, Status.CANCELLED):
        message = "The game day is over, and its record is fixed: say it in the report."
        return Reason("locked", message)
    return control.in_state(game_day)


def _check_rating(rating: str, *, required: bool = False) -> None:
    if rating in Rating.values or (not rating and not required):
        return
    message = f"Rate it {', '.join(Rating.values)}."
    raise Invalid.because("unknown_rating", message, "rating")


def _check_own(game_day: GameDay, objectives: Iterable[Objective], actor: Person) -> None:
    mine = own_roles(game_day, actor)
    for one in objectives:
        if one.role_id in mine:
            message = (
                f"You held that role in the exercise: objective {one.number} is for another."
            )
            raise NotPermitted.because("rates_own_role", message, "objectives")


def _check_of_story(
    game_day: GameDay, injects: Iterable[Inject], objectives: Iterable[Objective]
) -> None:
    for field, rows in (("injects", injects), ("objectives", objectives)):
        for row in rows:
            if row.exercise_scenario_id != game_day.exercise_scenario_id:
                message = f"{row} belongs to another story: choose one of this."
                raise Invalid.because("not_of_this_story", message, field)


class _Said:
    """What an evaluator says of one thing seen."""

    def __init__(
        self,
        game_day: GameDay,
        text: str,
        kind: str,
        rating: str,
        story_seconds: int | None,
        injects: Sequence[Inject],
        objectives: Sequence[Objective],
    ) -> None:
        self.game_day, self.kind, self.rating = game_day, kind, rating
        self.text = words.required(text, "text", "Write what you saw.")
        self.story_seconds = story_seconds
        self.injects, self.objectives = injects, objectives

    def check(self, actor: Person, at: datetime) -> None:
        """Refuse what cannot be, and what judges a role of their own."""
        if self.kind not in Observation.Kind.values:
            message = f"It is one of {', '.join(Observation.Kind.values)}."
            raise Invalid.because("unknown_kind", message, "kind")
        _check_rating(self.rating)
        _check_own(self.game_day, self.objectives, actor)
        _check_of_story(self.game_day, self.injects, self.objectives)
        now = story.seconds(self.game_day, at)
        if self.story_seconds is not None and not 0 <= self.story_seconds <= now:
            message = "The story has not come that far: give a time that has passed."
            raise Invalid.because("story_time_to_come", message, "story_time")

    def write(self, row: Observation, at: datetime) -> None:
        """Onto the row and its links."""
        row.text, row.kind, row.rating = self.text, self.kind, self.rating
        row.recorded_at = at
        row.story_seconds = (
            story.seconds(self.game_day, at)
            if self.story_seconds is None
            else self.story_seconds
        )
        row.save()
        row.injects.set(self.injects)
        row.objectives.set(self.objectives)
