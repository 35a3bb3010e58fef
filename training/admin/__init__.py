"""The admin pages of training; importing them registers them."""

from training.admin import exercise_scenario, game_day

__all__ = ["exercise_scenario", "game_day"]
