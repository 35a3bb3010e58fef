"""What makes a problem unfit to be planned: nothing to choose from, and pins that contradict."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from incidents.rules.reasons import Reason
from incidents.rules.roles import COMMANDER
from training.rules.planning import Pin, Problem, seat_name

MOST_EXERCISES = 12
MOST = 1_000_000  # of any price: sums stay far below 64 bits
MOST_SECONDS = 3600


def check(problem: Problem) -> tuple[Reason, ...]:
    """Every fault, each by its path; empty where it can be planned."""
    return (*_sizes(problem), *_amounts(problem), *_keys(problem), *_pins(problem))


def _sizes(problem: Problem) -> Iterator[Reason]:
    if not 1 <= problem.exercises <= MOST_EXERCISES:
        message = f"Plan between 1 and {MOST_EXERCISES} exercises a year."
        yield Reason("exercises_out_of_range", message, "exercises")
        return
    if not problem.seats:
        yield Reason("no_seats", "Name at least one role that is played.", "seats")
    if not problem.candidates:
        message = "Nobody is qualified or learning: grant qualifications first."
        yield Reason("no_candidates", message, "candidates")
    if problem.most_parts < 1:
        message = "Everybody must be allowed at least one part a year."
        yield Reason("no_parts", message, "most_parts")
    dated = {slot.exercise for slot in problem.slots}
    for exercise in range(problem.exercises):
        if exercise not in dated:
            message = f"Exercise {exercise + 1} has no possible date: allow more days or hours."
            yield Reason("no_slots", message, f"slots[{exercise}]")
    for number, slot in enumerate(problem.slots):
        if not 0 <= slot.exercise < problem.exercises:
            message = f"Date {slot.on} is of exercise {slot.exercise + 1}, which there is not."
            yield Reason("slot_unknown_exercise", message, f"slots[{number}].exercise")


def _amounts(problem: Problem) -> Iterator[Reason]:
    """Prices are never negative: a reward for what costs would turn the proof around."""
    amounts = [
        *((f"weights.{name}", value) for name, value in asdict(problem.weights).items()),
        *((f"slots[{n}].cost", slot.cost) for n, slot in enumerate(problem.slots)),
        *((f"stories[{n}].cost", story.cost) for n, story in enumerate(problem.stories)),
        *((f"candidates[{n}].load", one.load) for n, one in enumerate(problem.candidates)),
        *((f"candidates[{n}].parts", one.parts) for n, one in enumerate(problem.candidates)),
        *(
            (f"candidates[{n}].played.{role}", times)
            for n, one in enumerate(problem.candidates)
            for role, times in one.played.items()
        ),
    ]
    for path, amount in amounts:
        if not 0 <= amount <= MOST:
            yield Reason("out_of_range", f"{path} must be between 0 and {MOST:,}.", path)
    if not 0 < problem.seconds <= MOST_SECONDS:
        message = f"Let it think for up to {MOST_SECONDS} seconds."
        yield Reason("seconds_out_of_range", message, "seconds")
    for number, slot in enumerate(problem.slots):
        try:
            datetime.fromisoformat(slot.on)
        except ValueError:
            message = f"“{slot.on[:40]}” is no date: write ISO 8601, in UTC."
            yield Reason("not_a_date", message, f"slots[{number}].on")


def _keys(problem: Problem) -> Iterator[Reason]:
    kinds = {
        "seats": [seat.key for seat in problem.seats],
        "slots": [str(slot.id) for slot in problem.slots],
        "stories": [story.key for story in problem.stories],
        "candidates": [one.key for one in problem.candidates],
    }
    for kind, keys in kinds.items():
        for key, count in Counter(keys).items():
            if count > 1:
                yield Reason("named_twice", f"{key} is named {count} times.", kind)
    known = {slot.id for slot in problem.slots}
    for number, one in enumerate(problem.candidates):
        if strange := sorted(one.slots - known):
            message = f"{one} can come on dates that are none: {strange[:3]}."
            yield Reason("unknown_slot", message, f"candidates[{number}].slots")


def _pins(problem: Problem) -> Iterator[Reason]:
    for number, pin in enumerate(problem.pins):
        for code, message in _of_pin(problem, pin):
            yield Reason(code, message, f"pins[{number}]")
    yield from _contradictions(problem)
    yield from _parts(problem)


def _of_pin(problem: Problem, pin: Pin) -> Iterator[tuple[str, str]]:
    if not 0 <= pin.exercise < problem.exercises:
        yield "pin_unknown_exercise", f"There is no exercise {pin.exercise + 1}."
        return
    which = f"exercise {pin.exercise + 1}"
    if pin.slot is not None and pin.slot not in {
        slot.id for slot in problem.slots if slot.exercise == pin.exercise
    }:
        yield "pin_unknown_slot", f"The date set for {which} is not one of its dates."
    if pin.story and pin.story not in {story.key for story in problem.stories}:
        yield "pin_unknown_story", f"The story set for {which} is not in the library."
    if pin.role and not pin.person:
        yield "pin_nobody", f"Say who is to play {seat_name(pin.role)} in {which}."
    if pin.person:
        yield from _of_person(problem, pin, which)


def _of_person(problem: Problem, pin: Pin, which: str) -> Iterator[tuple[str, str]]:
    seat = problem.seat.get(f"{pin.role}+" if pin.is_learner else pin.role)
    person = problem.people.get(pin.person)
    called = seat_name(pin.role, is_learner=pin.is_learner)
    if seat is None:
        yield "pin_unknown_role", f"{seat_name(pin.role)} is not played in {which}."
    elif person is None:
        yield "pin_unknown_person", f"{pin.person} is neither qualified nor learning."
    elif not problem.may_play(pin.exercise, seat, person):
        yield (
            "pin_not_allowed",
            f"{person} may not sit as {called} in {which}: choose another.",
        )
    else:
        dates = {slot.id for slot in problem.slots_of[pin.exercise]}
        if not person.slots & ({pin.slot} if pin.slot is not None else dates):
            yield "pin_cannot_come", f"{person} cannot come on any date of {which}."


def _contradictions(problem: Problem) -> Iterator[Reason]:
    pins = problem.pins
    seats = Counter((p.exercise, p.role, p.is_learner) for p in pins if p.person)
    people = Counter((p.exercise, p.person) for p in pins if p.person)
    dates = {(p.exercise, p.slot) for p in pins if p.slot is not None}
    stories = {(p.exercise, p.story) for p in pins if p.story}
    for (exercise, role, is_learner), count in seats.items():
        if count > 1:
            called = seat_name(role, is_learner=is_learner)
            message = (
                f"{count} people are set as {called} in exercise {exercise + 1}: keep one."
            )
            yield Reason("pins_contradict", message, "pins")
    for (exercise, person), count in people.items():
        if count > 1:
            who = problem.people.get(person) or person
            message = f"{who} is set in {count} seats of exercise {exercise + 1}: keep one."
            yield Reason("pins_contradict", message, "pins")
    for what, found in (("dates", dates), ("stories", stories)):
        for exercise, count in Counter(exercise for exercise, _ in found).items():
            if count > 1:
                message = f"{count} {what} are set for exercise {exercise + 1}: keep one."
                yield Reason("pins_contradict", message, "pins")


def _parts(problem: Problem) -> Iterator[Reason]:
    for person, count in Counter(pin.person for pin in problem.pins if pin.person).items():
        one = problem.people.get(person)
        room = problem.room(one) if one else problem.most_parts
        if count > room:
            message = f"{one or person} is set in {count} exercises, and {room} are allowed."
            yield Reason("pins_contradict", message, "pins")
    command = {
        p.exercise: p.person
        for p in problem.pins
        if p.role == COMMANDER and p.person and not p.is_learner
    }
    for exercise, person in command.items():
        if command.get(exercise + 1) == person:
            who = problem.people.get(person) or person
            message = f"{who} is set to command exercises {exercise + 1} and {exercise + 2}."
            yield Reason("pins_contradict", message, "pins")
    dates = {slot.id: slot.on for slot in problem.slots}
    set_on = [(p.exercise, dates[p.slot]) for p in problem.pins if p.slot in dates]
    if [on for _, on in sorted(set_on)] != sorted(on for _, on in set_on):
        yield Reason("pins_contradict", "The dates that are set are out of order.", "pins")
