"""What a player may not read before it is over: the story, what it asks, and what evaluators wrote.

It holds whoever the player is besides: planner, leadership, superuser. Beside it what nobody else
may read either: stories drawn from an incident that is private now.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.models import Incident, Person
from training.models import ExerciseScenario, GameDay, GameDayRole

Status = GameDay.Status
# Once it was called off it may be read, and is spoilt for whoever reads it.
BEFORE_IT_IS_OVER = (Status.PROPOSED, Status.PLANNED, Status.RUNNING)
# Said in place of a story's title, to who plays in it and to who may not see where it is from.
SURPRISE, PRIVATE = "a surprise: you play in it", "drawn from a private incident"


def hidden_days(person: Person) -> QuerySet[GameDay]:
    """The game days this person plays in, or stands beside who does, that are not over."""
    plays = GameDayRole.objects.filter(game_day=OuterRef("pk"), person=person)
    return GameDay.objects.filter(Exists(plays), status__in=BEFORE_IT_IS_OVER).order_by()


def hidden_stories(person: Person) -> QuerySet[ExerciseScenario]:
    """The stories this person may not read now, nor be told by name, wherever stories are listed.

    They are to be surprised by them, or may not see the incident they were drawn from.
    """
    days = hidden_days(person).values("exercise_scenario")
    rows = ExerciseScenario.objects.filter(Q(pk__in=days) | _of_private(person))
    return rows.order_by()


def readable_stories(person: Person) -> QuerySet[ExerciseScenario]:
    """All others, the retired ones too: what every list and choice of stories is made of."""
    return ExerciseScenario.objects.exclude(pk__in=hidden_stories(person).values("pk"))


def marked(days: QuerySet[GameDay], person: Person) -> QuerySet[GameDay]:
    """With `is_hidden` where this person plays in it, `is_untold` where its story is private to them."""
    stories = ExerciseScenario.objects.filter(
        _of_private(person), pk=OuterRef("exercise_scenario")
    )
    return days.annotate(
        is_hidden=Exists(hidden_days(person).filter(pk=OuterRef("pk"))),
        is_untold=Exists(stories),
    )


def untold(person: Person) -> Mapping[int, str]:
    """What is said in place of each hidden story's title, by its key; one query."""
    days = hidden_days(person).filter(exercise_scenario=OuterRef("pk"))
    rows = hidden_stories(person).annotate(plays=Exists(days))
    return {pk: SURPRISE if plays else PRIVATE for pk, plays in rows.values_list("pk", "plays")}


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


def _of_private(person: Person) -> Q:
    """Stories drawn from an incident that this person may not see now."""
    return Q(drawn_from__in=Incident.objects.hidden_from(person).values("pk"))
