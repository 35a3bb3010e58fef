"""From a problem to an answer with its proof."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ortools.sat.python import cp_model

from training.rules.planning import Answer, Planned, Problem, Status
from training.rules.planning_reasons import explained, unfilled
from training.rules.planning_score import broken, gaps, lifted, score, worth
from training.solver import greedy, stories
from training.solver.ceiling import ceiling
from training.solver.model import Model
from training.solver.relax import least

Say = Callable[[dict[str, float]], None]
SHARE_FOR_STORIES = 0.2  # of the time; they take a moment
_ASIDE = 10.0  # seconds at most for what would make it possible


def solve(problem: Problem, say: Say = lambda _: None) -> Answer:
    """The best plan found within `problem.seconds`, never worse than the greedy one.

    The same problem gives the same answer where the optimum is proven in time: one worker and one
    seed. `say` hears of each better plan: seconds, objective and bound.
    """
    began = time.monotonic()
    told, story_bound = stories.choose(problem, _solver(problem.seconds * SHARE_FOR_STORIES))
    by_hand = _with(told, greedy.plan(problem))
    model = Model(problem)
    model.hint(by_hand)
    solver = _solver(problem.seconds - (time.monotonic() - began))
    status = solver.solve(model.cp, _Progress(model, told, story_bound, began, say))
    best, highest = by_hand, ceiling(problem)
    # Without a plan of its own the solver has no bound either: it says 0, which proves nothing.
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found = _with(told, model.read(solver))
        best = max(by_hand, found, key=lambda planned: _rank(problem, planned))
        highest = min(highest, round(solver.best_objective_bound) + _paid(model, best))
    return _answer(problem, best, highest + story_bound, began)


def _answer(problem: Problem, best: Sequence[Planned], bound: int, began: float) -> Answer:
    objective = worth(problem, best)
    bound = max(objective, bound)
    empty = unfilled(problem, best)
    missing = [one.reason for one in empty if problem.seat[one.key].must]
    reasons = (*missing, *(f"It cannot be kept that {said}." for said in broken(problem, best)))
    status: Status = "optimal" if objective == bound else "feasible"
    left = max(1.0, min(_ASIDE, problem.seconds))
    return Answer(
        "infeasible" if reasons else status,
        objective,
        bound,
        explained(problem, best),
        empty,
        reasons,
        least(problem, _solver(left)) if reasons else (),
        score(problem, best),
        round(time.monotonic() - began, 2),
    )


def _with(told: Mapping[int, str], planned: Sequence[Planned]) -> tuple[Planned, ...]:
    return tuple(replace(day, story=told.get(day.exercise, "")) for day in planned)


def _paid(model: Model, planned: Sequence[Planned]) -> int:
    """What the model takes off beyond this plan's points: gaps are dearer to it, pins dearest."""
    problem = model.problem
    dearer = model.gap - problem.weights.missing
    return dearer * gaps(problem, planned) + model.lifted * lifted(problem, planned)


def _rank(problem: Problem, planned: Sequence[Planned]) -> tuple[int, int, int]:
    faults = len(broken(problem, planned))
    return -faults, -gaps(problem, planned), worth(problem, planned)


def _solver(seconds: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.5, seconds)
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2
    return solver


class _Progress(cp_model.CpSolverSolutionCallback):
    def __init__(
        self, model: Model, told: Mapping[int, str], stories: int, began: float, say: Say
    ) -> None:
        super().__init__()
        self.model, self.told, self.stories = model, told, stories
        self.began, self.say = began, say

    def on_solution_callback(self) -> None:
        """One line a better plan."""
        planned = _with(self.told, self.model.read(self))
        bound = round(self.best_objective_bound) + _paid(self.model, planned) + self.stories
        objective = worth(self.model.problem, planned)
        self.say(
            {
                "seconds": round(time.monotonic() - self.began, 1),
                "objective": objective,
                "bound": max(objective, bound),
            }
        )
