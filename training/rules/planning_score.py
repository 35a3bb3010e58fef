"""What a plan is worth and which hard rules it breaks, worked out without any solver."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from incidents.rules.roles import COMMANDER
from training.rules.planning import Candidate, Planned, Problem, Seat, Weights, seat_name

MOST_AGAIN = 3  # how often a role was played counts no further


def repeat(weights: Weights, times: int) -> int:
    """What one more time in a role is worth to somebody who played it so often."""
    return weights.fresh if times == 0 else -weights.again * min(times, MOST_AGAIN)


def of_seat(problem: Problem, seat: Seat, person: Candidate) -> int:
    """What somebody in a seat is worth whatever else they do: the seat itself, another domain."""
    weights = problem.weights
    is_other = bool(seat.domain and person.domain and seat.domain != person.domain)
    return (0 if seat.must else weights.seat) + (weights.domain if is_other else 0)


def score(problem: Problem, planned: Sequence[Planned]) -> Mapping[str, int]:
    """The terms of the objective, by name; their sum is what the plan is worth."""
    weights = problem.weights
    terms: Counter[str] = Counter(
        dict.fromkeys(
            ("cells", "seats", "rotation", "load", "teams", "met", "dates", "missing"), 0
        )
    )
    cost_of = {slot.id: slot.cost for slot in problem.slots}
    story_of = {story.key: story for story in problem.stories}
    cells: set[str] = set()
    parts: Counter[str] = Counter()
    roles: Counter[tuple[str, str]] = Counter()
    for day in planned:
        terms["dates"] -= weights.slot * cost_of[day.slot]
        if day.story:
            terms["dates"] -= weights.story * story_of[day.story].cost
            cells |= story_of[day.story].cells
        for one in day.seats:
            person = problem.people[one.person]
            terms["seats"] += of_seat(problem, problem.seat[one.key], person)
            parts[one.person] += 1
            roles[one.person, one.role] += 1
        filled = {one.key for one in day.seats}
        terms["missing"] -= weights.missing * sum(
            seat.must and seat.key not in filled for seat in problem.seats
        )
        terms["teams"] += weights.team * len(_teams(problem, day))
        terms["met"] -= weights.met * sum(
            frozenset(pair) in problem.met for pair in combinations(sorted(day.people()), 2)
        )
    terms["cells"] = weights.cell * len(cells - problem.cells_done)
    for (key, role), times in roles.items():
        before = problem.people[key].played.get(role, 0)
        terms["rotation"] += sum(repeat(weights, before + n) for n in range(times))
    for key, count in parts.items():
        load = problem.people[key].load
        terms["load"] -= weights.load * sum(load + n for n in range(count))
    return dict(terms)


def worth(problem: Problem, planned: Sequence[Planned]) -> int:
    """The sum of its terms."""
    return sum(score(problem, planned).values())


def gaps(problem: Problem, planned: Sequence[Planned]) -> int:
    """How many seats are empty that must be filled."""
    must = {seat.key for seat in problem.seats if seat.must}
    return sum(len(must - {one.key for one in day.seats}) for day in planned)


def lifted(problem: Problem, planned: Sequence[Planned]) -> int:
    """How many people and dates that were set by hand do not hold."""
    by_exercise = {day.exercise: day for day in planned}
    return sum(
        (pin.slot is not None and by_exercise[pin.exercise].slot != pin.slot)
        + (
            bool(pin.person)
            and (pin.key, pin.person)
            not in {(one.key, one.person) for one in by_exercise[pin.exercise].seats}
        )
        for pin in problem.pins
    )


def broken(problem: Problem, planned: Sequence[Planned]) -> tuple[str, ...]:
    """Every hard rule the plan breaks, in sentences; an empty seat breaks none."""
    days = sorted(planned, key=lambda day: day.exercise)
    return (
        *_shape(problem, days),
        *(said for day in days for said in _of_day(problem, day)),
        *_of_year(problem, days),
        *_pins(problem, days),
    )


def _teams(problem: Problem, day: Planned) -> set[str]:
    return {problem.people[key].team for key in day.people()} - {""}


def _shape(problem: Problem, days: Sequence[Planned]) -> Iterator[str]:
    if [day.exercise for day in days] != list(range(problem.exercises)):
        yield "every exercise is planned exactly once"
    dates = {slot.id: slot for slot in problem.slots}
    for day in days:
        if day.slot not in dates or dates[day.slot].exercise != day.exercise:
            yield f"exercise {day.exercise + 1} has a date that is not one of its own"
    on = [dates[day.slot].on for day in days if day.slot in dates]
    if on != sorted(on):
        yield "the exercises are out of order"
    told = [day.story for day in days if day.story]
    known = {story.key for story in problem.stories}
    if not set(told) <= known:
        yield "a story that is not in the library"
    if problem.stories and len(told) < len(days):
        yield "an exercise without a story"
    if len(set(told)) < min(len(told), len(known)) and not _stories_pinned_twice(problem):
        yield "a story is told twice while another waits"


def _stories_pinned_twice(problem: Problem) -> bool:
    told = [pin.story for pin in problem.pins if pin.story]
    return len(told) != len(set(told))


def _of_day(problem: Problem, day: Planned) -> Iterator[str]:
    which = f"exercise {day.exercise + 1}"
    for key, count in Counter(one.person for one in day.seats).items():
        if count > 1:
            yield f"{_who(problem, key)} sits twice in {which}"
    for key, count in Counter(one.key for one in day.seats).items():
        if count > 1:
            yield f"two people sit as {_called(key)} in {which}"
    for one in day.seats:
        seat, person = problem.seat.get(one.key), problem.people.get(one.person)
        if seat is None or person is None:
            yield f"{_who(problem, one.person)} as {_called(one.key)} in {which}: unknown"
        elif not problem.may_play(day.exercise, seat, person):
            yield f"{_who(problem, one.person)} may not sit as {_called(one.key)} in {which}"
        elif day.slot not in person.slots:
            yield f"{_who(problem, one.person)} cannot come to {which}"


def _who(problem: Problem, key: str) -> str:
    return str(problem.people.get(key, key))


def _called(key: str) -> str:
    return seat_name(key.removesuffix("+"), is_learner=key.endswith("+"))


def _of_year(problem: Problem, days: Iterable[Planned]) -> Iterator[str]:
    parts: Counter[str] = Counter()
    commanded = problem.last_commander
    for day in days:
        parts.update(one.person for one in day.seats)
        now = [one.person for one in day.seats if one.key == COMMANDER]
        if commanded and commanded in now:
            who = _who(problem, commanded)
            yield f"{who} commands twice running, in exercise {day.exercise + 1}"
        commanded = now[0] if now else ""
    for key, count in parts.items():
        one = problem.people.get(key)
        if one is not None and count > problem.room(one):
            times = count + one.parts
            yield f"{one} takes part {times} times, more than {problem.most_parts}"


def _pins(problem: Problem, days: Sequence[Planned]) -> Iterator[str]:
    by_exercise = {day.exercise: day for day in days}
    for pin in problem.pins:
        day = by_exercise.get(pin.exercise)
        if day is None:
            continue
        which = f"in exercise {pin.exercise + 1}"
        if pin.person and not any(
            (one.role, one.person, one.is_learner) == (pin.role, pin.person, pin.is_learner)
            for one in day.seats
        ):
            yield f"{_who(problem, pin.person)} was to sit as {_called(pin.key)} {which}"
        if pin.slot is not None and day.slot != pin.slot:
            yield f"another date than the one set {which}"
        if pin.story and day.story != pin.story:
            yield f"another story than the one set {which}"
