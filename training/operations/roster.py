"""Who takes part in the exercise of a game day: asked before anybody hears of one."""

from collections.abc import Collection, Iterator

from training.models import GameDay, GameDayRole, GameDayStaff


def of_exercises(incidents: Collection[int]) -> Iterator[tuple[int, int]]:
    """Pairs of an exercise's and a person's key: players, who stands beside them, staff, organiser."""
    days = GameDay.objects.filter(incident__in=incidents).order_by()
    roles = GameDayRole.objects.filter(game_day__incident__in=incidents).order_by()
    staff = GameDayStaff.objects.filter(game_day__incident__in=incidents).order_by()
    yield from days.values_list("incident_id", "organiser_id").union(
        roles.values_list("game_day__incident_id", "person_id"),
        staff.values_list("game_day__incident_id", "person_id"),
    )
