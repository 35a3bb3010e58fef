"""The year's plan: solved to a proven optimum, and beside a patient person and the lot.

`python -m bench.planning` measures this alone. Ends with an error where a plan breaks a hard rule,
where an optimum is not proven or the gap too wide, or where a baseline plans better.
"""

from collections.abc import Iterator
from dataclasses import replace

from bench.measured import Aim, Measured
from bench.planning_problem import company
from training.rules.planning import Answer, Problem
from training.rules.planning_score import broken, worth
from training.solver import greedy, random_plan
from training.solver.solve import solve

SIZES = ((200, 20.0, 0.0), (1000, 60.0, 0.05))  # people, seconds, the widest gap
LOTS = 20


def measure(sizes: tuple[tuple[int, float, float], ...] = SIZES) -> Iterator[Measured]:
    """Two lines a size: how long, and the baselines' worth in the plan's."""
    for people, seconds, gap in sizes:
        problem = company(people, seconds=seconds)
        answer = solve(problem)
        _require(problem, answer, gap)
        yield Measured(
            f"plan a year, gap {answer.gap:.1%}",
            "solver",
            people,
            ours_ms=answer.seconds * 1000,
            p95_ms=answer.seconds * 1000,
            aim=Aim(p95_ms=seconds * 1000),
        )
        lots = (random_plan.plan(problem, seed) for seed in range(LOTS))
        for name, plans in (("patient", [greedy.plan(problem)]), ("random", list(lots))):
            best = max(worth(problem, plan) for plan in plans)
            if best > answer.objective:
                raise RuntimeError(f"The {name} plan is worth {best}, ours {answer.objective}.")
            # Points, not milliseconds: what a plan is worth has no other column.
            yield Measured(
                f"points beside a {name} plan", "solver", people, answer.objective, best
            )


def _require(problem: Problem, answer: Answer, gap: float) -> None:
    if faults := broken(problem, answer.planned):
        raise RuntimeError(f"The plan breaks a rule: {faults[0]}.")
    if answer.gap > gap:
        raise RuntimeError(f"{answer.gap:.1%} short of the bound after {answer.seconds} s.")


def main() -> None:
    """Each size, and three more companies of the smaller one."""
    for one in measure():
        print(
            one.name,
            one.rows,
            round(one.ours_ms),
            one.bare_ms,
            one.ratio and f"{one.ratio:.3f}",
        )
    people, seconds, gap = SIZES[0]
    for seed in (2, 3, 4):
        problem = replace(company(people, seed=seed), seconds=seconds)
        answer = solve(problem)
        _require(problem, answer, gap)
        print(
            f"company {seed}: {answer.status} in {answer.seconds} s, {answer.objective} points"
        )


if __name__ == "__main__":
    main()
