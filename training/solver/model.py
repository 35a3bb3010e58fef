"""The plan as a CP-SAT model: who sits where, and separately when.

One variable an exercise, seat and person, whatever the number of dates: a year of 300 possible
dates is as large as one of 30. Whoever sits somewhere rules out every date they cannot come on,
in one row a person and exercise together with their seats, which keeps the relaxation tight.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from ortools.sat.python import cp_model

from incidents.rules.roles import COMMANDER
from training.rules.planning import Candidate, Planned, Problem, Seat, Seated
from training.rules.planning_score import MOST_AGAIN, of_seat, repeat

Cell = tuple[int, str, str]  # exercise, seat, person


class Model:
    """One problem, without its stories, ready to be solved.

    Seats that must be filled come before all points, and what was set by hand before those.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, self.cp = problem, cp_model.CpModel()
        self.gap, self.lifted = gap_price(problem), lifted_price(problem)
        self.dates: dict[tuple[int, int], cp_model.IntVar] = {}
        self.sits: dict[Cell, cp_model.IntVar] = {}
        self.terms: list[cp_model.LinearExprT] = []
        self.by_person: dict[str, list[Cell]] = defaultdict(list)
        for exercise in range(problem.exercises):
            self._exercise(exercise)
        self._order()
        for key, cells in self.by_person.items():
            self._person(problem.people[key], cells)
        self._command()
        self._met()
        self._pins()
        self.cp.maximize(sum(self.terms))

    def hint(self, planned: Iterable[Planned]) -> None:
        """Begin from this plan."""
        seated = {(day.exercise, one.key, one.person) for day in planned for one in day.seats}
        chosen = {(day.exercise, day.slot) for day in planned}
        for date, var in self.dates.items():
            self.cp.add_hint(var, date in chosen)
        for cell, var in self.sits.items():
            self.cp.add_hint(var, cell in seated)

    def read(
        self, value: cp_model.CpSolver | cp_model.CpSolverSolutionCallback
    ) -> list[Planned]:
        """The plan that was found, without stories."""
        seats: dict[int, list[Seated]] = defaultdict(list)
        for (exercise, key, person), var in self.sits.items():
            if value.boolean_value(var):
                seat = self.problem.seat[key]
                seats[exercise].append(Seated(seat.role, person, seat.is_learner))
        return [
            Planned(exercise, slot, "", tuple(seats[exercise]))
            for (exercise, slot), var in self.dates.items()
            if value.boolean_value(var)
        ]

    def _exercise(self, exercise: int) -> None:
        problem, slots = self.problem, self.problem.slots_of[exercise]
        for slot in slots:
            chosen = self.dates[exercise, slot.id] = self.cp.new_bool_var("")
            self.terms.append(-problem.weights.slot * slot.cost * chosen)
        self.cp.add_exactly_one(self.dates[exercise, slot.id] for slot in slots)
        here: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for seat in problem.seats:
            self._seat(exercise, seat, here)
        for key, mine in here.items():
            able = problem.people[key].slots
            away = [self.dates[exercise, slot.id] for slot in slots if slot.id not in able]
            self.cp.add_at_most_one([*mine, *away])
        self._teams(here)

    def _seat(self, exercise: int, seat: Seat, here: dict[str, list[cp_model.IntVar]]) -> None:
        problem, row = self.problem, []
        dates = {slot.id for slot in problem.slots_of[exercise]}
        for person in problem.candidates:
            if problem.may_play(exercise, seat, person) and person.slots & dates:
                cell = (exercise, seat.key, person.key)
                var = self.sits[cell] = self.cp.new_bool_var("")
                self.by_person[person.key].append(cell)
                self.terms.append(static(problem, seat, person) * var)
                here[person.key].append(var)
                row.append(var)
        nobody = self.cp.new_bool_var("")
        self.cp.add_exactly_one([*row, nobody])
        if seat.must:
            self.terms.append(-self.gap * nobody)

    def _teams(self, here: Mapping[str, list[cp_model.IntVar]]) -> None:
        teams: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for key, mine in here.items():
            teams[self.problem.people[key].team] += mine
        teams.pop("", None)
        for members in teams.values():
            there = self.cp.new_bool_var("")
            self.cp.add(there <= sum(members))
            self.terms.append(self.problem.weights.team * there)

    def _order(self) -> None:
        slots_of = self.problem.slots_of
        for one, two in combinations(range(self.problem.exercises), 2):
            for early in slots_of[one]:
                for late in slots_of[two]:
                    if late.on < early.on:
                        both = (self.dates[one, early.id], self.dates[two, late.id])
                        self.cp.add_at_most_one(both)

    def _person(self, person: Candidate, cells: Sequence[Cell]) -> None:
        weights, most = self.problem.weights, self.problem.room(person)
        mine = [self.sits[cell] for cell in cells]
        self.cp.add(sum(mine) <= most)
        self._steps(mine, [-weights.load * n for n in range(1, most)])
        roles: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for cell in cells:
            roles[self.problem.seat[cell[1]].role].append(self.sits[cell])
        for role, times in roles.items():
            before = person.played.get(role, 0)
            first = repeat(weights, before)
            self._steps(times, [repeat(weights, before + n) - first for n in range(1, most)])

    def _steps(self, mine: Sequence[cp_model.IntVar], prices: Sequence[int]) -> None:
        """What the second, third … of these costs beyond the first; never less than the one before."""
        if not prices or not any(prices):
            return
        more = [self.cp.new_bool_var("") for _ in prices]
        self.cp.add(sum(mine) <= 1 + sum(more))
        self.terms += [price * var for price, var in zip(prices, more, strict=True)]

    def _command(self) -> None:
        held: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
        for (exercise, key, person), var in self.sits.items():
            if key == COMMANDER:
                held[person, exercise].append(var)
        for (person, exercise), now in held.items():
            if later := held.get((person, exercise + 1)):
                self.cp.add_at_most_one([*now, *later])

    def _met(self) -> None:
        price = self.problem.weights.met
        for pair in self.problem.met if price else ():
            for exercise in range(self.problem.exercises):
                both = [
                    [
                        self.sits[cell]
                        for cell in self.by_person.get(key, ())
                        if cell[0] == exercise
                    ]
                    for key in sorted(pair)
                ]
                if len(both) == 2 and all(both):
                    again = self.cp.new_bool_var("")
                    self.cp.add(again >= sum(both[0]) + sum(both[1]) - 1)
                    self.terms.append(-price * again)

    def _pins(self) -> None:
        for pin in self.problem.pins:
            if pin.slot is not None:
                self._hold([self.dates[pin.exercise, pin.slot]])
            if pin.person:
                self._hold(
                    self.sits[cell]
                    for cell in self.by_person.get(pin.person, ())
                    if cell[0] == pin.exercise and cell[1] == pin.key
                )

    def _hold(self, wanted: Iterable[cp_model.IntVar]) -> None:
        lifted = self.cp.new_bool_var("")
        self.cp.add(sum(wanted) + lifted >= 1)
        self.terms.append(-self.lifted * lifted)


def static(problem: Problem, seat: Seat, person: Candidate) -> int:
    """What somebody in a seat is worth as their first part of the year."""
    weights = problem.weights
    rotation = repeat(weights, person.played.get(seat.role, 0))
    return of_seat(problem, seat, person) + rotation - weights.load * person.load


def gap_price(problem: Problem) -> int:
    """What an empty seat that must be filled costs the model: more than all points together.

    Prices of dates and earlier parts come from outside; however high, nobody stays away for them.
    """
    weights = problem.weights
    load = max((one.load for one in problem.candidates), default=0) + problem.most_parts
    most = weights.seat + weights.fresh + MOST_AGAIN * weights.again + weights.domain
    most += weights.team + weights.load * load + weights.met * len(problem.seats)
    dates = sum(max(slot.cost for slot in slots) for slots in problem.slots_of)
    seats = len(problem.seats) * problem.exercises
    return max(weights.missing, 1 + 2 * most * seats + weights.slot * dates)


def lifted_price(problem: Problem) -> int:
    """What it costs the model that something set by hand does not hold: more than all seats."""
    return gap_price(problem) * (len(problem.seats) * problem.exercises + 1)
