"""The year's plan as a problem and its answer: who plays which role in which exercise, and when.

Pure values: the solver, the baselines and the pages speak of them alike. Sources of the rules:
HSEEP (roles before the day), PagerDuty "Failure Friday" (everybody's turn), PCI DSS 12.10.2 and
FedRAMP IR-3 (how often). Exercises are numbered from 0. Instants are ISO 8601 in UTC and only
ever compared as given.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from incidents.rules.candidates import name_of
from incidents.rules.roles import COMMANDER

Status = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of each term of the objective is worth; all terms are summed and maximised.

    cell      a cell of the matrix never exercised that a chosen story exercises
    seat      a seat that may stay empty and does not, a learner's too
    fresh     somebody in a role never played; again: taken off for every time it was, up to three
    domain    somebody in a seat of another domain than their own
    load      taken off for a person's nth part, n - 1 times (parts of the last year count)
    team      a team represented in an exercise: people meet people of other teams
    met       taken off for two who worked together before and meet again
    missing   taken off for a seat that must not stay empty and does: more than all else together
    slot      taken off once for each unit of a date's cost, story for each of a story's
    """

    cell: int = 4
    seat: int = 40
    fresh: int = 24
    again: int = 6
    domain: int = 8
    load: int = 10
    team: int = 5
    met: int = 3
    missing: int = 5000
    slot: int = 1
    story: int = 1


@dataclass(frozen=True, slots=True)
class Seat:
    """A role to be played in every exercise; `must` where no exercise is held without it."""

    role: str
    is_learner: bool = False
    must: bool = True
    domain: str = ""

    @property
    def key(self) -> str:
        """Its name in an answer: a learner's seat stands beside that of the role."""
        return seat_key(self.role, is_learner=self.is_learner)


@dataclass(frozen=True, slots=True)
class Slot:
    """One possible date of one exercise; `cost` says how unwelcome it is."""

    id: int
    exercise: int
    on: str
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario, and the cells "activity:role" of the matrix it exercises."""

    key: str
    cells: frozenset[str] = frozenset()
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person: what for, on which dates, and what they did before.

    `played` counts the exercises by role, `load` the parts of the last year, `parts` those of this
    year that are over: nobody gets more than the rest.
    """

    key: str
    team: str = ""
    domain: str = ""
    qualified: frozenset[str] = frozenset()
    learning: frozenset[str] = frozenset()
    slots: frozenset[int] = frozenset()
    played: Mapping[str, int] = field(default_factory=dict)
    load: int = 0
    parts: int = 0
    is_busiest_commander: bool = False
    name: str = ""

    def may_sit(self, seat: Seat) -> bool:
        """Whether they are far enough with the role, dates aside."""
        return seat.role in (self.learning if seat.is_learner else self.qualified)

    def __str__(self) -> str:
        return self.name or self.key


@dataclass(frozen=True, slots=True)
class Pin:
    """Set by hand, and held whatever the objective says: a person in a seat, a date, or a story."""

    exercise: int
    role: str = ""
    person: str = ""
    slot: int | None = None
    story: str = ""
    is_learner: bool = False

    @property
    def key(self) -> str:
        """The key of the seat."""
        return seat_key(self.role, is_learner=self.is_learner)


@dataclass(frozen=True)
class Problem:
    """What is asked of the planner.

    `forbidden`: (exercise, person) of those who declined; `met`: pairs who worked together;
    `most_parts`: how often one person may take part; `seconds`: how long may be thought.
    """

    exercises: int
    seats: tuple[Seat, ...]
    slots: tuple[Slot, ...]
    stories: tuple[Story, ...]
    candidates: tuple[Candidate, ...]
    pins: tuple[Pin, ...] = ()
    forbidden: frozenset[tuple[int, str]] = frozenset()
    met: frozenset[frozenset[str]] = frozenset()
    cells_done: frozenset[str] = frozenset()
    last_commander: str = ""
    most_parts: int = 2
    weights: Weights = field(default_factory=Weights)
    seconds: float = 20

    @cached_property
    def people(self) -> Mapping[str, Candidate]:
        """Every candidate by key."""
        return {one.key: one for one in self.candidates}

    @cached_property
    def slots_of(self) -> tuple[tuple[Slot, ...], ...]:
        """The possible dates of each exercise, in their order."""
        found: list[list[Slot]] = [[] for _ in range(self.exercises)]
        for slot in sorted(self.slots, key=lambda slot: (slot.on, slot.id)):
            found[slot.exercise].append(slot)
        return tuple(map(tuple, found))

    @cached_property
    def seat(self) -> Mapping[str, Seat]:
        """Every seat by its key."""
        return {seat.key: seat for seat in self.seats}

    def room(self, person: Candidate) -> int:
        """How many more parts they may have this year."""
        return max(0, self.most_parts - person.parts)

    def may_play(self, exercise: int, seat: Seat, person: Candidate) -> bool:
        """Whether this person may sit there, whatever the date and whatever else they do."""
        if (exercise, person.key) in self.forbidden or not person.may_sit(seat):
            return False
        if seat.key != COMMANDER:
            return True
        commanded_last = exercise == 0 and person.key == self.last_commander
        return not (person.is_busiest_commander or commanded_last)


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits where, and why."""

    role: str
    person: str
    is_learner: bool = False
    reason: str = ""

    @property
    def key(self) -> str:
        """The key of the seat."""
        return seat_key(self.role, is_learner=self.is_learner)


@dataclass(frozen=True, slots=True)
class Planned:
    """One exercise of a plan; a seat that is missing is unfilled."""

    exercise: int
    slot: int
    story: str
    seats: tuple[Seated, ...]

    def people(self) -> Set[str]:
        """Whoever takes part."""
        return {one.person for one in self.seats}


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A seat that nobody has, and why."""

    exercise: int
    role: str
    reason: str
    is_learner: bool = False

    @property
    def key(self) -> str:
        """The key of the seat."""
        return seat_key(self.role, is_learner=self.is_learner)


@dataclass(frozen=True, slots=True)
class Answer:
    """A plan with its proof: `objective` is what it is worth, no plan is worth more than `bound`.

    Infeasible, it is the best that can be done with seats left empty that must not be; `least` says
    what would make it possible. `terms` sum up to `objective`.
    """

    status: Status
    objective: int
    bound: int
    planned: tuple[Planned, ...]
    unfilled: tuple[Unfilled, ...] = ()
    reasons: tuple[str, ...] = ()
    least: tuple[str, ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def gap(self) -> float:
        """By how much of the bound a better plan could still exceed this one: 0.05 is 5 %."""
        return (self.bound - self.objective) / max(1, abs(self.bound))


def seat_key(role: str, *, is_learner: bool) -> str:
    """A learner's seat is named beside that of the role."""
    return f"{role}+" if is_learner else role


def seat_name(role: str, *, is_learner: bool = False) -> str:
    """Such as "Incident commander (learner)"."""
    return f"{name_of(role)}{' (learner)' if is_learner else ''}"
