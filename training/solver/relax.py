"""The least that would make it possible: every rule has its price, and the cheapest way is found."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from ortools.sat.python import cp_model

from incidents.rules.roles import COMMANDER
from training.rules.planning import Candidate, Problem, Seat
from training.rules.planning_reasons import title, which

# What is asked of people in calm, from the least on.
ONE_MORE_PART, MOVED_LEAVE, TWICE_RUNNING, ASKED_AGAIN, LIFTED_PIN, NEW_HOLDER = (
    2,
    3,
    4,
    5,
    6,
    10,
)
MOST_CELLS = 60_000
_SO_MANY = "\0"  # in no name


class Relaxed:
    """Who fills the seats that must be filled or are set by hand, with every rule to be bought."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.cp = problem, cp_model.CpModel()
        self.bought: dict[str, list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
        self.cells: dict[tuple[int, str, str], list[cp_model.IntVar]] = defaultdict(list)
        self.people: dict[tuple[int, str], list[cp_model.IntVar]] = defaultdict(list)
        self.new: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        self.dates = {
            (exercise, slot.id): self.cp.new_bool_var("")
            for exercise in range(problem.exercises)
            for slot in problem.slots_of[exercise]
        }
        for exercise, slots in enumerate(problem.slots_of):
            self.cp.add_exactly_one(self.dates[exercise, slot.id] for slot in slots)
            for seat in problem.seats:
                if seat.must or self._is_set(exercise, seat):
                    self._seat(exercise, seat)
        self._people()
        self._command()
        self._pins()
        self.cp.minimize(
            sum(price * var for rows in self.bought.values() for price, var in rows)
        )

    def least(self, solver: cp_model.CpSolver) -> Iterator[str]:
        """What is bought in the cheapest way; nothing where none was found in time."""
        if solver.solve(self.cp) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            for said, rows in self.bought.items():
                count = sum(solver.value(var) for _, var in rows)
                if count:
                    # No str.format: the names of people stand in it, whatever they are.
                    people = "1 more person" if count == 1 else f"{count} more people"
                    yield said.replace(_SO_MANY, people)

    def _buy(self, said: str, price: int) -> cp_model.IntVar:
        var = self.cp.new_bool_var("")
        self.bought[said].append((price, var))
        return var

    def _is_set(self, exercise: int, seat: Seat) -> bool:
        return any(
            (pin.exercise, pin.key) == (exercise, seat.key) and pin.person
            for pin in self.problem.pins
        )

    def _seat(self, exercise: int, seat: Seat) -> None:
        row = []
        for person in self.problem.candidates:
            if person.may_sit(seat):
                var = self.cp.new_bool_var("")
                row.append(var)
                self.cells[exercise, seat.key, person.key].append(var)
                self.people[exercise, person.key].append(var)
                self._price(exercise, seat, person, var)
        nobody = self.cp.new_bool_var("")
        if seat.must:
            self.new[seat.key].append(nobody)  # then somebody new
        self.cp.add(sum(row) + nobody == 1)

    def _price(
        self, exercise: int, seat: Seat, person: Candidate, var: cp_model.IntVar
    ) -> None:
        problem, there = self.problem, which(exercise)
        free = [
            self.dates[exercise, slot.id]
            for slot in problem.slots_of[exercise]
            if slot.id in person.slots
        ]
        if len(free) < len(problem.slots_of[exercise]):
            away = self._buy(
                f"Free {person} for {there}: leave moved, or a date that suits.", MOVED_LEAVE
            )
            self.cp.add(var <= sum(free) + away)
        if (exercise, person.key) in problem.forbidden:
            self.cp.add(var <= self._buy(f"Ask {person} again about {there}.", ASKED_AGAIN))
        if seat.key == COMMANDER and person.is_busiest_commander:
            said = f"Let {person} command {there} although they lead most real incidents."
            self.cp.add(var <= self._buy(said, TWICE_RUNNING))
        if seat.key == COMMANDER and exercise == 0 and person.key == problem.last_commander:
            said = f"Let {person} command twice running, in {there}."
            self.cp.add(var <= self._buy(said, TWICE_RUNNING))

    def _people(self) -> None:
        most = self.problem.most_parts
        mine: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        for (_, key), row in self.people.items():
            self.cp.add_at_most_one(row)
            mine[key] += row
        for key, row in mine.items():
            person = self.problem.people[key]
            room = self.problem.room(person)
            said = f"Let {person} take part more often than {most} times a year."
            more = [
                self._buy(said, ONE_MORE_PART) for _ in range(self.problem.exercises - room)
            ]
            self.cp.add(sum(row) <= room + sum(more))
        for key, row in self.new.items():
            said = f"Qualify {_SO_MANY} for {title(self.problem.seat[key])}."
            hired = [self._buy(said, NEW_HOLDER) for _ in range(self.problem.exercises)]
            self.cp.add(sum(row) <= most * sum(hired))
            if key == COMMANDER:
                for one, two in pairwise(row):
                    self.cp.add(one + two <= sum(hired))

    def _command(self) -> None:
        for (exercise, key, person), now in list(self.cells.items()):
            later = self.cells.get((exercise + 1, COMMANDER, person))
            if key == COMMANDER and later:
                name = self.problem.people[person]
                said = f"Let {name} command twice running, in {which(exercise + 1)}."
                self.cp.add(sum(now) + sum(later) <= 1 + self._buy(said, TWICE_RUNNING))

    def _pins(self) -> None:
        for pin in self.problem.pins:
            there = which(pin.exercise)
            if pin.slot is not None:
                lifted = self._buy(f"Lift the date that is set for {there}.", LIFTED_PIN)
                self.cp.add(self.dates[pin.exercise, pin.slot] + lifted >= 1)
            if row := self.cells.get((pin.exercise, pin.key, pin.person), []):
                name, seat = self.problem.people[pin.person], self.problem.seat[pin.key]
                said = f"Lift that {name} is set as {title(seat)} in {there}."
                self.cp.add(sum(row) + self._buy(said, LIFTED_PIN) >= 1)


def least(problem: Problem, solver: cp_model.CpSolver) -> tuple[str, ...]:
    """The cheapest set of changes with which every seat that must be filled is filled."""
    able = sum(one.may_sit(seat) for one in problem.candidates for seat in problem.seats)
    if able * problem.exercises > MOST_CELLS:
        return ()
    return tuple(Relaxed(problem).least(solver))
