"""Why somebody sits where they sit, and why a seat stays empty, in sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from incidents.rules.candidates import name_of
from incidents.rules.roles import COMMANDER
from training.rules.planning import (
    Candidate,
    Planned,
    Problem,
    Seat,
    Seated,
    Unfilled,
    seat_name,
)

_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
)
MOST_NAMED = 6
_NUMBERED = re.compile(r"\b[Ee]xercises? \d+(?: and \d+)?")


def which(exercise: int) -> str:
    """Such as "the third exercise"."""
    if exercise < len(_ORDINALS):
        return f"the {_ORDINALS[exercise]} exercise"
    return f"exercise {exercise + 1}"


def title(seat: Seat) -> str:
    """Such as "Incident commander (learner)"."""
    return seat_name(seat.role, is_learner=seat.is_learner)


def as_the_year_has_it(sentence: str, names: Mapping[str, str], numbers: Sequence[int]) -> str:
    """The same with people's names for usernames, and each exercise by its number in the year.

    `numbers` are those of the problem's exercises, from 0: what was held is no part of a problem.
    """
    words = " ".join(names.get(word, word) for word in sentence.split(" "))
    return _NUMBERED.sub(lambda found: _renumbered(found[0], numbers), words)


def _renumbered(said: str, numbers: Sequence[int]) -> str:
    known = {str(n + 1): str(number + 1) for n, number in enumerate(numbers)}
    return re.sub(r"\d+", lambda found: known.get(found[0], found[0]), said)


def explained(problem: Problem, planned: Sequence[Planned]) -> tuple[Planned, ...]:
    """The same plan with a reason for everybody in it."""
    return tuple(
        replace(
            day,
            seats=tuple(
                replace(one, reason=_why(problem, planned, day.exercise, one))
                for one in sorted(day.seats, key=lambda one: _place(problem, one))
            ),
        )
        for day in planned
    )


def unfilled(problem: Problem, planned: Sequence[Planned]) -> tuple[Unfilled, ...]:
    """Every seat that nobody has, each with why."""
    return tuple(
        Unfilled(
            day.exercise, seat.role, why_empty(problem, planned, day, seat), seat.is_learner
        )
        for day in planned
        for seat in problem.seats
        if seat.key not in {one.key for one in day.seats}
    )


def why_empty(problem: Problem, planned: Sequence[Planned], day: Planned, seat: Seat) -> str:
    """Who could sit there, and what keeps each of them from it."""
    able = [one for one in problem.candidates if one.may_sit(seat)]
    if not able:
        what = "learning it" if seat.is_learner else "qualified for it"
        return f"{title(seat)} in {which(day.exercise)}: nobody is {what}."
    said = [f"{one} {_hindrance(problem, planned, day, seat, one)}" for one in able]
    more = len(said) - MOST_NAMED
    shown = "; ".join(said[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
    return f"{title(seat)} in {which(day.exercise)}: {shown}."


def _place(problem: Problem, one: Seated) -> int:
    return next(n for n, seat in enumerate(problem.seats) if seat.key == one.key)


def _why(problem: Problem, planned: Sequence[Planned], exercise: int, one: Seated) -> str:
    person = problem.people[one.person]
    said = []
    if any(
        (pin.exercise, pin.role, pin.person) == (exercise, one.role, one.person)
        for pin in problem.pins
    ):
        said.append("set by hand")
    earlier = sum(
        seated.person == one.person and seated.role == one.role
        for day in planned
        if day.exercise < exercise
        for seated in day.seats
    )
    times = person.played.get(one.role, 0) + earlier
    said.append("never played it before" if times == 0 else f"played it {_times(times)}")
    seat = problem.seat[one.key]
    if seat.domain and person.domain and seat.domain != person.domain:
        said.append(f"comes from {person.domain} and sees {seat.domain}")
    if person.load == 0:
        said.append("no exercise in the last year")
    return "; ".join(said)


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _hindrance(
    problem: Problem, planned: Sequence[Planned], day: Planned, seat: Seat, one: Candidate
) -> str:
    return next(_hindrances(problem, planned, day, seat, one), "is not needed there")


def _hindrances(
    problem: Problem, planned: Sequence[Planned], day: Planned, seat: Seat, one: Candidate
) -> Iterator[str]:
    exercise = day.exercise
    if (exercise, one.key) in problem.forbidden:
        yield "declined"
    if not any(slot.id in one.slots for slot in problem.slots_of[exercise]):
        yield "is away on every date"
    if seat.key == COMMANDER and one.is_busiest_commander:
        yield "led most real incidents and lets others practise"
    if seat.key == COMMANDER and exercise == 0 and one.key == problem.last_commander:
        yield "commanded the exercise before"
    if seat.key == COMMANDER and any(
        (seated.key, seated.person) == (COMMANDER, one.key)
        and abs(other.exercise - exercise) == 1
        for other in planned
        for seated in other.seats
    ):
        yield "commands the exercise before or after"
    for seated in day.seats:
        if seated.person == one.key:
            yield f"plays {name_of(seated.role)} there"
    if day.slot not in one.slots:
        yield "cannot come on the chosen date"
    parts = sum(one.key in other.people() for other in planned)
    if parts >= problem.room(one):
        yield f"has {parts + one.parts} parts that year already"
