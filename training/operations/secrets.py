"""What a player may not read before it is over: the story, what it asks, and what evaluators wrote.

It holds whoever the player is besides: planner, leadership, superuser.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, QuerySet

from incidents.models import Person
from training.models import ExerciseScenario, GameDay, GameDayRole

Status = GameDay.Status
# Once it was called off it may be read, and is spoilt for whoever reads it.
BEFORE_IT_IS_OVER = (Status.PROPOSED, Status.PLANNED, Status.RUNNING)


def hidden_days(person: Person) -> QuerySet[GameDay]:
    """The game days this person plays in, or stands beside who does, that are not over."""
    plays = GameDayRole.objects.filter(game_day=OuterRef("pk"), person=person)
    return GameDay.objects.filter(Exists(plays), status__in=BEFORE_IT_IS_OVER).order_by()


def hidden_stories(person: Person) -> QuerySet[ExerciseScenario]:
    """The stories this person may not read now, since they are to be surprised by them."""
    days = hidden_days(person).values("exercise_scenario")
    return ExerciseScenario.objects.filter(pk__in=days).order_by()


def audited(person: Person) -> Mapping[str, set[str]]:
    """The rows whose audit lines tell this person what awaits them, by kind; one query.

    Lines name the story that was chosen, and why an inject is held back or skipped.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for day, story in hidden_days(person).values_list("pk", "exercise_scenario"):
        found[GameDay._meta.label_lower].add(str(day))
        found[ExerciseScenario._meta.label_lower].add(str(story))
    return found


def is_hidden(game_day: GameDay, person: Person) -> bool:
    """Whether this person may not see what is behind this game day; one query until it is over."""
    if game_day.status not in BEFORE_IT_IS_OVER:
        return False
    return game_day.roles.filter(person=person).exists()
