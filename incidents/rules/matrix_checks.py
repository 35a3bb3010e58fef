"""The checks a matrix must pass: what a program can see in the grid alone.

The missing numbers are rules that need people, severities or versions, and live with those. An
error blocks approval, a warning wants a reason, an information is only shown.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from incidents.rules.matrix_names import fold
from incidents.rules.raci import Activity, Grid


class Level(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many is too many: counts within one activity, shares of all activities for one role."""

    responsible: int = 3
    consulted: int = 4
    informed: int = 5
    accountable_share: float = 0.75
    responsible_share: float = 0.75
    # A share says nothing about a matrix of two or three rows.
    column_activities: int = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found; phase, activity and role are "" where it is not about one."""

    rule: str
    level: Level
    phase: str
    activity: str
    role: str
    message: str


class Spot(NamedTuple):
    """Where a check found something, and what to do about it."""

    message: str
    activity: Activity | None = None
    role: str = ""


Check = Callable[[Grid, Thresholds], Iterator[Spot]]

_SECOND_PAIR_OF_EYES = re.compile(
    r"\b(approv\w*|sign(s|ed|ing)?[ -]?off|publish\w*|publication|clos(e|es|ed|ing|ure)|notif\w*)\b",
    re.IGNORECASE,
)
_TIMED_PHASES = frozenset(
    {"detection", "detect", "declare", "contain", "containment", "communicate", "communication"}
)
_TIMED_NAMES = re.compile(
    r"\b(declar(e|es|ing|ation)|contain(s|ing|ment)?|first (internal |public )?update)\b",
    re.IGNORECASE,
)
_PROCEED_AFTER = re.compile(r"\bproceeds? after \d+ ?(m|min|minutes?)\b", re.IGNORECASE)


def more_than_one_accountable(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R01, error: exactly one A for an activity (Smith & Erwin, Role & Responsibility Charting)."""
    for activity in grid.activities:
        if len(activity.accountable) > 1:
            holders = ", ".join(activity.accountable)
            yield Spot(
                f"Several roles are accountable ({holders}): leave the A to one.", activity
            )


def nobody_accountable(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R02, error: no A, no personal consequence (trackplus, RACI matrix analysis)."""
    for activity in grid.activities:
        if not activity.accountable:
            yield Spot("Nobody is accountable: give exactly one role the A.", activity)


def nobody_responsible(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R03, error: without an R the job may not get done (Wikipedia, RAM; trackplus)."""
    for activity in grid.activities:
        if not activity.responsible:
            yield Spot(
                "Nobody is responsible: give one role the R, or make the A an A/R.", activity
            )


def own_work_approved(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R04, information: an approval whose only R is also its A (RAM; ServiceNow GRC, SoD)."""
    for activity in grid.activities:
        alone = activity.responsible == activity.accountable and len(activity.responsible) == 1
        if alone and _SECOND_PAIR_OF_EYES.search(activity.name):
            role = activity.responsible[0]
            yield Spot(
                f"{role} approves its own work: give the R to another role.", activity, role
            )


def too_many_responsible(grid: Grid, limit: Thresholds) -> Iterator[Spot]:
    """R06, warning: many Rs, can the activity be broken down? (trackplus)"""
    for activity in grid.activities:
        if (count := len(activity.responsible)) > limit.responsible:
            yield Spot(
                f"{count} roles are responsible, more than {limit.responsible}: "
                "split the activity.",
                activity,
            )


def too_many_consulted(grid: Grid, limit: Thresholds) -> Iterator[Spot]:
    """R07, warning: many Cs, each one a delay (trackplus; "C inflation")."""
    for activity in grid.activities:
        if (count := len(activity.consulted)) > limit.consulted:
            yield Spot(
                f"{count} roles are consulted, more than {limit.consulted}: "
                "make those an I whose answer the act need not wait for.",
                activity,
            )


def too_many_informed(grid: Grid, limit: Thresholds) -> Iterator[Spot]:
    """R08, warning: many Is, a distribution list does better (trackplus)."""
    for activity in grid.activities:
        if (count := len(activity.informed)) > limit.informed:
            yield Spot(
                f"{count} roles are informed, more than {limit.informed}: "
                "use a distribution list.",
                activity,
            )


def nobody_told(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R09, warning: several roles at work and no C or I: do they not talk? (trackplus)"""
    for activity in grid.activities:
        at_work = {*activity.accountable, *activity.responsible}
        if len(at_work) > 1 and not activity.consulted and not activity.informed:
            yield Spot(
                "Nobody is consulted or informed: give the roles it touches a C or an I.",
                activity,
            )


def consulted_against_the_clock(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R10, warning: a C before an act with a time target (PagerDuty: first post in 5 minutes)."""
    for activity in grid.activities:
        if not _runs_against_the_clock(activity) or _PROCEED_AFTER.search(activity.name):
            continue
        for role in activity.consulted:
            yield Spot(
                f"{role} is asked first though time is short: make it an I, or write "
                "“proceed after 5 minutes” into the activity.",
                activity,
                role,
            )


def _runs_against_the_clock(activity: Activity) -> bool:
    timed_phase = fold(activity.phase) in _TIMED_PHASES
    return timed_phase or bool(_TIMED_NAMES.search(activity.name))


def accountable_for_too_much(grid: Grid, limit: Thresholds) -> Iterator[Spot]:
    """R11, warning: a column of As, push accountability down (trackplus)."""
    for role, count in _columns(grid, limit, lambda each: each.accountable):
        if count > limit.accountable_share * len(grid.activities):
            yield Spot(
                f"{role} is accountable for {count} of {len(grid.activities)} activities: "
                "give some to a role nearer the work.",
                role=role,
            )


def responsible_for_too_much(grid: Grid, limit: Thresholds) -> Iterator[Spot]:
    """R12, warning: a column of Rs, can they stay on top of it? (trackplus)"""
    for role, count in _columns(grid, limit, lambda each: each.responsible):
        if count > limit.responsible_share * len(grid.activities):
            yield Spot(
                f"{role} is responsible for {count} of {len(grid.activities)} activities: "
                "give some to another role.",
                role=role,
            )


def in_everything(grid: Grid, limit: Thresholds) -> Iterator[Spot]:
    """R13, warning: a column without a blank, is the role needed in everything? (trackplus)"""
    for role, count in _columns(grid, limit, lambda each: tuple(each.letters)):
        if count == len(grid.activities):
            yield Spot(f"{role} takes part in every activity: leave it out of some.", role=role)


def _columns(
    grid: Grid, limit: Thresholds, holders: Callable[[Activity], tuple[str, ...]]
) -> Iterator[tuple[str, int]]:
    """Each role with the number of activities that name it; none in a very small matrix."""
    if len(grid.activities) < limit.column_activities:
        return
    counts = Counter(role for activity in grid.activities for role in holders(activity))
    for role in grid.roles:
        yield role, counts[role]


def never_at_work(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R14, information: a column of only C and I, is the position needed? (trackplus)"""
    for role in grid.roles:
        letters = grid.letters_of(role)
        if letters and not any(each.is_accountable or each.is_responsible for each in letters):
            yield Spot(
                f"{role} is only consulted or informed: leave it out, or give it an R.",
                role=role,
            )


def names_used_twice(grid: Grid, _: Thresholds) -> Iterator[Spot]:
    """R34, information: activity names are not repeated (geratools)."""
    first: dict[str, Activity] = {}
    for activity in grid.activities:
        earlier = first.setdefault(fold(activity.name), activity)
        if earlier is not activity:
            yield Spot(
                f"The name stands already in phase {earlier.phase}: "
                "merge the two, or say in the names how they differ.",
                activity,
            )


CHECKS: tuple[tuple[str, Level, Check], ...] = (
    ("R01", Level.ERROR, more_than_one_accountable),
    ("R02", Level.ERROR, nobody_accountable),
    ("R03", Level.ERROR, nobody_responsible),
    ("R04", Level.INFORMATION, own_work_approved),
    ("R06", Level.WARNING, too_many_responsible),
    ("R07", Level.WARNING, too_many_consulted),
    ("R08", Level.WARNING, too_many_informed),
    ("R09", Level.WARNING, nobody_told),
    ("R10", Level.WARNING, consulted_against_the_clock),
    ("R11", Level.WARNING, accountable_for_too_much),
    ("R12", Level.WARNING, responsible_for_too_much),
    ("R13", Level.WARNING, in_everything),
    ("R14", Level.INFORMATION, never_at_work),
    ("R34", Level.INFORMATION, names_used_twice),
)


def check(grid: Grid, thresholds: Thresholds = Thresholds()) -> list[Finding]:
    """Everything the checks find, in the order of the rules, then of the matrix."""
    return [
        _finding(rule, level, spot)
        for rule, level, look in CHECKS
        for spot in look(grid, thresholds)
    ]


def _finding(rule: str, level: Level, spot: Spot) -> Finding:
    phase, name = (spot.activity.phase, spot.activity.name) if spot.activity else ("", "")
    return Finding(rule, level, phase, name, spot.role, spot.message)
