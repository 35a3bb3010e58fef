"""What an evaluator has before them: what to look for, what was noted, how each objective stands."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from incidents.models import Person
from training.admin.evaluation import ObserveForm, objectives_of
from training.models import Delivery, GameDay, Objective, ObjectiveRating, Observation
from training.operations import observing
from training.rules import ratings
from training.rules.ratings import Seen


def context(
    game_day: GameDay, reader: Person, deliveries: Iterable[Delivery]
) -> dict[str, Any]:
    """The page of one evaluator; as many statements however many notes there are."""
    notes = list(
        game_day.observations.select_related("observer")
        .prefetch_related("objectives", "injects")
        .order_by("-story_seconds", "-pk")
    )
    given = list(game_day.ratings.select_related("rated_by"))
    mine = observing.own_roles(game_day, reader)
    reasons = observing.objections(game_day, reader)
    return {
        "reasons": reasons,
        "form": None if reasons else ObserveForm(subject=game_day, actor=reader),
        "notes": notes,
        "objectives": [_standing(one, notes, given, mine) for one in objectives_of(game_day)],
        "focus": [one for one in deliveries if one.state != Delivery.State.SKIPPED],
        "urls": {
            name: reverse(f"admin:training_gameday_{name}", args=[game_day.pk])
            for name in ("observe", "rate")
        },
    }


def _standing(
    objective: Objective,
    notes: Iterable[Observation],
    given: Iterable[ObjectiveRating],
    mine: set[str],
) -> dict[str, Any]:
    """One objective: what was noted about it, how high that lets one go, how it was rated."""
    about = [one for one in notes if objective in one.objectives.all()]
    return {
        "objective": objective,
        "count": len(about),
        "highest": ratings.ceiling(Seen(one.kind, one.rating) for one in about),
        "given": [one for one in given if one.objective_id == objective.pk],
        "is_own": objective.role_id in mine,
    }
