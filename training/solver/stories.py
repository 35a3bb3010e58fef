"""Which story is told when: by itself, for people and dates do not depend on it."""

from collections.abc import Mapping

from ortools.sat.python import cp_model

from training.rules.planning import Problem


def choose(problem: Problem, solver: cp_model.CpSolver) -> tuple[Mapping[int, str], int]:
    """The story of each exercise, and a bound on what stories can be worth.

    No story is told twice while another waits, unless it is set twice by hand.
    """
    if not problem.stories:
        return {}, 0
    cp, weights = cp_model.CpModel(), problem.weights
    told = {
        (exercise, story.key): cp.new_bool_var("")
        for exercise in range(problem.exercises)
        for story in problem.stories
    }
    for exercise in range(problem.exercises):
        cp.add_exactly_one(told[exercise, story.key] for story in problem.stories)
    pinned = [pin for pin in problem.pins if pin.story]
    for pin in pinned:
        cp.add(told[pin.exercise, pin.story] == 1)
    terms: list[cp_model.LinearExprT] = []
    is_short = len(problem.stories) < problem.exercises
    for story in problem.stories:
        times = [told[exercise, story.key] for exercise in range(problem.exercises)]
        terms.append(-weights.story * story.cost * sum(times))
        if is_short and len({pin.story for pin in pinned}) == len(pinned):
            cp.add(sum(times) >= 1)
        elif not is_short:
            cp.add(sum(times) <= max(1, sum(pin.story == story.key for pin in pinned)))
    for cell in {
        cell for story in problem.stories for cell in story.cells - problem.cells_done
    }:
        covered = cp.new_bool_var("")
        cp.add(
            covered
            <= sum(
                told[exercise, story.key]
                for exercise in range(problem.exercises)
                for story in problem.stories
                if cell in story.cells
            )
        )
        terms.append(weights.cell * covered)
    cp.maximize(sum(terms))
    if solver.solve(cp) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ValueError("no story could be chosen")
    chosen = {
        exercise: key for (exercise, key), var in told.items() if solver.boolean_value(var)
    }
    return chosen, int(solver.best_objective_bound)
