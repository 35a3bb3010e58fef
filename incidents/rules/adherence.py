"""How far an incident followed its matrix: what was done, by whom, in time, and what was not.

A departure is no fault: one that nobody explains is. Sources: the matrix itself; DORA Art. 17
(what was agreed is followed, or it is known why not); vertical analysis of responsibility charts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Place
from incidents.rules.routing import NOT_DONE, Departure, due_at, minutes
from incidents.rules.tenure import TenureFault

# Done only where there is an occasion: nobody hands over for the sake of the matrix.
ON_OCCASION = frozenset(
    {
        "decide",
        "escalate",
        "hand_over",
        "notify_authority",
        "publish_externally",
        "set_severity",
    }
)


class Standing(StrEnum):
    """Where one activity stands."""

    DONE = "done"
    NOT_DONE = "not_done"
    NOT_DUE = "not_due"
    NO_OCCASION = "no_occasion"


@dataclass(frozen=True, slots=True)
class Who:
    """A person: as programs and as people call them."""

    username: str
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Performed:
    """One time an activity was done."""

    place: Place
    by: Who
    role: str  # its slug, "" where they held no part in it
    at: datetime
    verb: str = ""
    departures: tuple[Departure, ...] = ()
    reason: str = ""
    reason_by: Who | None = None
    note: str = ""

    @property
    def is_unexplained(self) -> bool:
        """It departed, and nobody said why."""
        return bool(self.departures) and not self.reason


@dataclass(frozen=True, slots=True)
class Omitted:
    """Why an activity was not done."""

    place: Place
    reason: str
    by: Who
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """What of an incident decides whether something is due.

    `phase` is the one it is in, `review` once it is closed. `called_for` are the acts, of those
    done on occasion, that had one. A cancelled incident owes nothing any more.
    """

    declared_at: datetime
    phase: str
    called_for: Collection[str] = ()
    review_due_at: datetime | None = None
    is_cancelled: bool = False

    @property
    def reached(self) -> tuple[str, ...]:
        """The phases up to this one; what was skipped was gone through all the same."""
        order = [str(one) for one in Phase if one is not Phase.PREPARATION]
        return tuple(order[: order.index(self.phase) + 1])


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of the matrix in one incident."""

    activity: Activity
    standing: Standing
    performed: tuple[Performed, ...] = ()
    omitted: Omitted | None = None
    due_at: datetime | None = None

    @property
    def minutes(self) -> int | None:
        """Minutes left when it was first done, negative when late; None without a target."""
        if self.due_at is None or not self.performed:
            return None
        return minutes(self.due_at - self.performed[0].at)

    @property
    def is_in_time(self) -> bool:
        """Done before its target; what has none is never asked."""
        return self.due_at is not None and any(
            one.at <= self.due_at for one in self.performed[:1]
        )

    @property
    def departures(self) -> tuple[Departure, ...]:
        """Where it differs from the matrix, in the order it came about."""
        if self.standing is Standing.NOT_DONE:
            return (Departure(NOT_DONE, "It was not done."),)
        return tuple(each for one in self.performed for each in one.departures)

    @property
    def is_unexplained(self) -> bool:
        """It departs, and nobody said why."""
        if self.standing is Standing.NOT_DONE:
            return self.omitted is None
        return any(one.is_unexplained for one in self.performed)


@dataclass(frozen=True, slots=True)
class Adherence:
    """The lines of the phases gone through, in the order of the matrix, and their sums.

    `command_faults` are the stretches in which not exactly one person commanded (R18).
    """

    lines: tuple[Line, ...]
    command_faults: tuple[TenureFault, ...] = ()

    @property
    def owed(self) -> tuple[Line, ...]:
        """What is done, or should have been by now."""
        return tuple(
            one for one in self.lines if one.standing in (Standing.DONE, Standing.NOT_DONE)
        )

    @property
    def done(self) -> int:
        """How many were done."""
        return sum(one.standing is Standing.DONE for one in self.lines)

    @property
    def timed(self) -> int:
        """How many of those owed have a target."""
        return sum(one.due_at is not None for one in self.owed)

    @property
    def in_time(self) -> int:
        """How many of these met it."""
        return sum(one.is_in_time for one in self.owed)

    @property
    def departed(self) -> int:
        """How many differ from the matrix in anything."""
        return sum(bool(one.departures) for one in self.owed)

    @property
    def unexplained(self) -> tuple[Line, ...]:
        """Those of them that nobody gave a reason for."""
        return tuple(one for one in self.owed if one.is_unexplained)

    @property
    def explained(self) -> int:
        """How many departed with a reason."""
        return self.departed - len(self.unexplained)

    @property
    def share(self) -> float | None:
        """The part of what was owed that was done as the matrix says; None where nothing was."""
        return (len(self.owed) - self.departed) / len(self.owed) if self.owed else None

    def phases(self) -> Mapping[str, tuple[Line, ...]]:
        """The lines by phase."""
        found: dict[str, list[Line]] = {}
        for one in self.lines:
            found.setdefault(one.activity.phase, []).append(one)
        return {phase: tuple(lines) for phase, lines in found.items()}


def measure(
    activities: Iterable[Activity],
    performed: Sequence[Performed],
    omitted: Iterable[Omitted],
    course: Course,
    *,
    at: datetime,
    command_faults: Iterable[TenureFault] = (),
) -> Adherence:
    """Each line of the phases gone through, and any other that was touched, as it stands `at`."""
    done: dict[Place, list[Performed]] = {}
    for one in sorted(performed, key=lambda each: each.at):
        done.setdefault(one.place, []).append(one)
    left_out = {one.place: one for one in omitted}
    lines = (
        _line(each, tuple(done.get(each.place, ())), left_out.get(each.place), course, at)
        for each in activities
    )
    shown = (
        one
        for one in lines
        if one.activity.phase in course.reached or one.performed or one.omitted
    )
    return Adherence(tuple(shown), tuple(command_faults))


def _line(
    activity: Activity,
    performed: tuple[Performed, ...],
    omitted: Omitted | None,
    course: Course,
    at: datetime,
) -> Line:
    due = due_at(activity, course.declared_at)
    if performed:
        standing = Standing.DONE
    elif omitted:
        standing = Standing.NOT_DONE
    else:
        standing = _standing(activity, due, course, at)
    return Line(activity, standing, performed, omitted, due)


def _standing(
    activity: Activity, due: datetime | None, course: Course, at: datetime
) -> Standing:
    """Of what nobody did: owed once its target or its phase is over."""
    if activity.act in ON_OCCASION and activity.act not in course.called_for:
        return Standing.NO_OCCASION
    if course.is_cancelled:
        return Standing.NOT_DUE
    if due is None and activity.phase == Phase.REVIEW:
        due = course.review_due_at
    is_left = activity.phase in course.reached[:-1]
    return Standing.NOT_DONE if is_left or (due and at > due) else Standing.NOT_DUE
