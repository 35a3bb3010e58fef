"""A plan as a patient person would make it: date after date, the scarcest seat first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from incidents.rules.roles import COMMANDER
from training.rules.planning import Candidate, Pin, Planned, Problem, Seat, Seated, Slot
from training.rules.planning_score import of_seat, repeat


@dataclass
class Year:
    """What was decided so far."""

    problem: Problem
    parts: Counter[str] = field(default_factory=Counter)
    roles: Counter[tuple[str, str]] = field(default_factory=Counter)
    commander: str = ""
    cells: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def may(self, exercise: int, seat: Seat, person: Candidate, slot: Slot) -> bool:
        """Whether this person may sit there, after all that was decided."""
        problem, key = self.problem, person.key
        if slot.id not in person.slots or not problem.may_play(exercise, seat, person):
            return False
        if self.parts[key] + self._set_later(exercise, key) >= problem.room(person):
            return False
        if seat.key != COMMANDER:
            return True
        return key != self.commander and not self._commands_next(exercise, key)

    def gain(self, seat: Seat, person: Candidate) -> int:
        """What it adds, meetings aside."""
        weights, key = self.problem.weights, person.key
        before = person.played.get(seat.role, 0) + self.roles[key, seat.role]
        load = person.load + self.parts[key]
        return (
            of_seat(self.problem, seat, person) + repeat(weights, before) - weights.load * load
        )

    def keep(self, day: Planned) -> None:
        """Remember a day that is decided."""
        self.commander = ""
        for one in day.seats:
            self.parts[one.person] += 1
            self.roles[one.person, one.role] += 1
            if one.key == COMMANDER:
                self.commander = one.person
        if day.story:
            self.told.add(day.story)
            story = next(one for one in self.problem.stories if one.key == day.story)
            self.cells |= story.cells

    def _set_later(self, exercise: int, key: str) -> int:
        return sum(pin.person == key and pin.exercise > exercise for pin in self.problem.pins)

    def _commands_next(self, exercise: int, key: str) -> bool:
        return any(
            (pin.exercise, pin.role, pin.person) == (exercise + 1, COMMANDER, key)
            for pin in self.problem.pins
        )


def plan(problem: Problem) -> tuple[Planned, ...]:
    """A plan that breaks no hard rule where its pins allow one; seats may stay empty."""
    year = Year(problem, commander=problem.last_commander)
    days: list[Planned] = []
    earliest = ""
    for exercise in range(problem.exercises):
        story = _story(year, exercise)
        dates = _dates(problem, exercise, earliest)
        made = [(_day(year, exercise, slot, story), slot) for slot in dates]
        day, slot = max(made, key=lambda one: _worth(year, *one))
        year.keep(day)
        days.append(day)
        earliest = slot.on
    return tuple(days)


def _dates(problem: Problem, exercise: int, earliest: str) -> Sequence[Slot]:
    slots = problem.slots_of[exercise]
    wanted = {pin.slot for pin in problem.pins if pin.exercise == exercise} - {None}
    chosen = [slot for slot in slots if slot.id in wanted] or list(slots)
    # Later exercises need a date that is not before this one.
    fit = [slot for slot in chosen if slot.on >= earliest]
    return fit or chosen


def _story(year: Year, exercise: int) -> str:
    problem = year.problem
    pinned = {pin.exercise: pin.story for pin in problem.pins if pin.story}
    if exercise in pinned or not problem.stories:
        return pinned.get(exercise, "")
    kept = {story for number, story in pinned.items() if number > exercise}
    waiting = [one for one in problem.stories if one.key not in year.told | kept]
    new = year.cells | problem.cells_done
    weights = problem.weights
    return max(
        waiting or list(problem.stories),
        key=lambda one: weights.cell * len(one.cells - new) - weights.story * one.cost,
    ).key


def _day(year: Year, exercise: int, slot: Slot, story: str) -> Planned:
    problem = year.problem
    pins = [pin for pin in problem.pins if pin.exercise == exercise and pin.person]
    seated = [
        Seated(pin.role, pin.person, pin.is_learner) for pin in pins if _holds(year, pin, slot)
    ]
    taken = {pin.person for pin in pins}
    filled = {one.key for one in seated}
    pools = {
        seat.key: [one for one in problem.candidates if year.may(exercise, seat, one, slot)]
        for seat in problem.seats
        if seat.key not in filled
    }
    seats = [seat for seat in problem.seats if seat.key in pools]
    seats.sort(key=lambda seat: (not seat.must, len(pools[seat.key])))
    for seat in seats:
        free = [one for one in pools[seat.key] if one.key not in taken]
        if not free:
            continue
        chosen = max(free, key=lambda one: (year.gain(seat, one), one.key))
        if seat.must or year.gain(seat, chosen) > 0:
            seated.append(Seated(seat.role, chosen.key, seat.is_learner))
            taken.add(chosen.key)
    return Planned(exercise, slot.id, story, tuple(seated))


def _holds(year: Year, pin: Pin, slot: Slot) -> bool:
    person = year.problem.people[pin.person]
    return slot.id in person.slots and (
        pin.role != COMMANDER or pin.is_learner or pin.person != year.commander
    )


def _worth(year: Year, day: Planned, slot: Slot) -> tuple[int, int]:
    problem = year.problem
    filled = {one.key for one in day.seats}
    empty = sum(seat.must and seat.key not in filled for seat in problem.seats)
    people = problem.people
    gains = sum(year.gain(problem.seat[one.key], people[one.person]) for one in day.seats)
    teams = {people[one.person].team for one in day.seats} - {""}
    weights = problem.weights
    return (-empty, gains + weights.team * len(teams) - weights.slot * slot.cost)
