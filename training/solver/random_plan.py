"""A plan by lot that breaks no hard rule: the other baseline."""

import random

from training.rules.planning import Planned, Problem, Seated
from training.solver.greedy import Year


def plan(problem: Problem, seed: int = 0) -> tuple[Planned, ...]:
    """Dates, stories and people by lot; seats nobody drawn may take stay empty."""
    lot = random.Random(seed)  # noqa: S311  (nothing secret is drawn)
    year = Year(problem, commander=problem.last_commander)
    days: list[Planned] = []
    stories = lot.sample([one.key for one in problem.stories], len(problem.stories))
    earliest = ""
    for exercise in range(problem.exercises):
        slots = [slot for slot in problem.slots_of[exercise] if slot.on >= earliest]
        slot = lot.choice(slots or problem.slots_of[exercise])
        taken: set[str] = set()
        seated: list[Seated] = []
        for seat in problem.seats:
            free = [
                one
                for one in problem.candidates
                if one.key not in taken and year.may(exercise, seat, one, slot)
            ]
            if free:
                chosen = lot.choice(free).key
                taken.add(chosen)
                seated.append(Seated(seat.role, chosen, seat.is_learner))
        story = stories[exercise % len(stories)] if stories else ""
        day = Planned(exercise, slot.id, story, tuple(seated))
        year.keep(day)
        days.append(day)
        earliest = slot.on
    return tuple(days)
