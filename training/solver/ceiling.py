"""A bound on every plan that needs no solver, for when time ran out before there was another."""

from training.rules.planning import Problem
from training.solver.model import static


def ceiling(problem: Problem) -> int:
    """What people and dates can be worth at most: the best person in each seat of the best date.

    Nobody's second part, second seat or meeting is counted against it, so no plan is worth more.
    """
    total = 0
    values = {
        seat.key: sorted(
            (
                (static(problem, seat, one), one)
                for one in problem.candidates
                if one.may_sit(seat)
            ),
            key=lambda pair: -pair[0],
        )
        for seat in problem.seats
    }
    teams = len({one.team for one in problem.candidates} - {""})
    weights = problem.weights
    for exercise, slots in enumerate(problem.slots_of):
        worth = []
        for slot in slots:
            best = [
                next(
                    (
                        value
                        for value, one in values[seat.key]
                        if slot.id in one.slots and problem.may_play(exercise, seat, one)
                    ),
                    -weights.missing if seat.must else 0,
                )
                for seat in problem.seats
            ]
            seated = sum(
                max(value, -weights.missing if seat.must else 0)
                for seat, value in zip(problem.seats, best, strict=True)
            )
            worth.append(seated - weights.slot * slot.cost)
        total += max(worth) + weights.team * min(teams, len(problem.seats))
    return total
