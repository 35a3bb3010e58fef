"""Exercises and the people in them: competence, rotation, stories, game days, the year's plan."""

from training.models.calendar_feed import CalendarFeed
from training.models.competence import Evidence, Proof, Requirement, RoleStandard
from training.models.delivery import Delivery
from training.models.evaluation import (
    Exercised,
    Feedback,
    HotWashNote,
    ObjectiveRating,
    Observation,
    Rating,
)
from training.models.game_day import Answer, GameDay, GameDayRole, GameDayStaff
from training.models.rotation import Rota, RotaBand, RotaMember, ShiftChange
from training.models.scenario import ExerciseScenario, Inject, Objective, ScenarioModule
from training.models.year import YearPlan

__all__ = [
    "Answer",
    "CalendarFeed",
    "Delivery",
    "Evidence",
    "ExerciseScenario",
    "Exercised",
    "Feedback",
    "GameDay",
    "GameDayRole",
    "GameDayStaff",
    "HotWashNote",
    "Inject",
    "Objective",
    "ObjectiveRating",
    "Observation",
    "Proof",
    "Rating",
    "Requirement",
    "RoleStandard",
    "Rota",
    "RotaBand",
    "RotaMember",
    "ScenarioModule",
    "ShiftChange",
    "YearPlan",
]
