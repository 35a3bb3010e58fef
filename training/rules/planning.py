"""The year's exercises as a problem with one best answer: the door to the planner's rules.

`check` refuses what contradicts itself, `broken` judges a plan by every hard rule, `score` gives
the points of each term of the objective; neither knows how a plan was found.
"""

from training.rules.planning_checks import check, wrongs
from training.rules.planning_json import (
    answer_as_json,
    answer_from_json,
    problem_as_json,
    problem_from_json,
)
from training.rules.planning_judge import broken
from training.rules.planning_score import TERMS, points, score
from training.rules.planning_words import (
    FEASIBLE,
    INFEASIBLE,
    OPTIMAL,
    Answer,
    Candidate,
    Pin,
    Planned,
    Problem,
    Seat,
    Seated,
    Slot,
    Story,
    Unfilled,
    Weights,
)

__all__ = [
    "FEASIBLE", "INFEASIBLE", "OPTIMAL", "TERMS",
    "Answer", "Candidate", "Pin", "Planned", "Problem", "Seat", "Seated", "Slot", "Story",
    "Unfilled", "Weights",
    "answer_as_json", "answer_from_json", "broken", "check", "points", "problem_as_json",
    "problem_from_json", "score", "wrongs",
]  # fmt: skip
