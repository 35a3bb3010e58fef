"""The admin pages of training; importing them registers them."""

from training.admin import (
    calendar_feed,
    competence,
    exercise_scenario,
    game_day,
    role_standard,
    rota,
    shift,
    year_plan,
)

__all__ = [
    "calendar_feed",
    "competence",
    "exercise_scenario",
    "game_day",
    "role_standard",
    "rota",
    "shift",
    "year_plan",
]
