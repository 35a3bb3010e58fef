"""Exercises and the people in them."""

from training.models.game_day import ExerciseScenario, GameDay, GameDayRole

__all__ = ["ExerciseScenario", "GameDay", "GameDayRole"]
