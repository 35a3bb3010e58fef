"""The admin pages of training; importing them registers them."""

from incidents.admin import exercise_rooms
from training.admin import (
    calendar_feed,
    competence,
    control_page,
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

exercise_rooms.led_to_by(control_page.of_exercise)
