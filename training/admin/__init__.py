"""The admin pages of training; importing them registers them."""

from training.admin import calendar_feed, exercise_scenario, game_day

__all__ = ["calendar_feed", "exercise_scenario", "game_day"]
