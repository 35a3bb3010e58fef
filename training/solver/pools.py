"""Of a large company only the most promising people are seated; the bound counts everybody."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from training.rules.planning import Candidate, Problem, Seat
from training.solver.model import static

MOST_CELLS = 20_000  # seats by dates by people a model may have; beyond it people are left out
FEWEST = 24  # so many are weighed for a seat however large the company


def pools(problem: Problem) -> tuple[Mapping[str, Sequence[Candidate]], bool]:
    """Who is weighed for each seat, and whether that is everybody who could sit there."""
    everybody = {
        seat.key: [one for one in problem.candidates if one.may_sit(seat)]
        for seat in problem.seats
    }
    size = sum(map(len, everybody.values())) * len(problem.slots)
    if size <= MOST_CELLS:
        return everybody, True
    room = max(FEWEST, MOST_CELLS // (len(problem.seats) * len(problem.slots)))
    pinned = {pin.person for pin in problem.pins}
    chosen = {
        key: _best(problem, problem.seat[key], people, room, pinned)
        for key, people in everybody.items()
    }
    return chosen, all(len(chosen[key]) == len(everybody[key]) for key in everybody)


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
                value if seat.must else max(0, value)
                for seat, value in zip(problem.seats, best, strict=True)
            )
            worth.append(seated - weights.slot * slot.cost)
        total += max(worth) + weights.team * min(teams, len(problem.seats))
    return total


def _best(
    problem: Problem,
    seat: Seat,
    people: Sequence[Candidate],
    room: int,
    pinned: set[str],
) -> list[Candidate]:
    """The worthiest, team after team, so that an exercise can still be mixed."""
    by_team: dict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(
        people, key=lambda one: (-static(problem, seat, one), -len(one.slots), one.key)
    ):
        by_team[one.team].append(one)
    ranked = sorted(
        (
            (-static(problem, seat, one), turn, one.key, one)
            for queue in by_team.values()
            for turn, one in enumerate(queue)
        ),
        key=lambda row: row[:3],
    )
    best = [one for *_, one in ranked[:room]]
    return [*best, *(one for one in people if one.key in pinned and one not in best)]
