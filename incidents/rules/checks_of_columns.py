"""R11 to R15: one role over all activities."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from incidents.rules.findings import Matter, Spot
from incidents.rules.matrix_names import fold
from incidents.rules.raci import Activity

# An address, or a handle as chats write it.
_PERSONAL = re.compile(r"\S+@\S+\.\S+|(^|[\s(])@\w")


def accountable_for_too_much(matter: Matter) -> Iterator[Spot]:
    """R11, warning: a column of As, push accountability down (trackplus)."""
    every = len(matter.grid.activities)
    for role, count in _columns(matter, lambda each: each.accountable):
        if count > matter.limits.accountable_share * every:
            yield Spot(
                f"{matter.name(role)} is accountable for {count} of {every} activities: "
                "give some to a role nearer the work.",
                role=role,
            )


def responsible_for_too_much(matter: Matter) -> Iterator[Spot]:
    """R12, warning: a column of Rs, can they stay on top of it? (trackplus)"""
    every = len(matter.grid.activities)
    for role, count in _columns(matter, lambda each: each.responsible):
        if count > matter.limits.responsible_share * every:
            yield Spot(
                f"{matter.name(role)} is responsible for {count} of {every} activities: "
                "give some to another role.",
                role=role,
            )


def in_everything(matter: Matter) -> Iterator[Spot]:
    """R13, warning: a column without a blank, is the role needed in everything? (trackplus)"""
    for role, count in _columns(matter, lambda each: tuple(each.letters)):
        if count == len(matter.grid.activities):
            yield Spot(
                f"{matter.name(role)} takes part in every activity: leave it out of some.",
                role=role,
            )


def _columns(
    matter: Matter, holders: Callable[[Activity], tuple[str, ...]]
) -> Iterator[tuple[str, int]]:
    """Each role with the number of activities that name it; none in a very small matrix."""
    activities = matter.grid.activities
    if len(activities) < matter.limits.column_activities:
        return
    counts = Counter(role for activity in activities for role in holders(activity))
    for role in matter.grid.roles:
        yield role, counts[role]


def never_at_work(matter: Matter) -> Iterator[Spot]:
    """R14, information: a column of only C and I, is the position needed? (trackplus)"""
    for role in matter.grid.roles:
        if matter.grid.letters_of(role) and role not in matter.working_roles:
            yield Spot(
                f"{matter.name(role)} is only consulted or informed: leave it out, or give it "
                "an R.",
                role=role,
            )


def named_after_a_person(matter: Matter) -> Iterator[Spot]:
    """R15, error: roles, not people (Smith & Erwin: functional roles, no personal names)."""
    for role in matter.grid.roles:
        name = matter.name(role)
        if _PERSONAL.search(name) or fold(name) in matter.known.people_names:
            yield Spot(
                f"“{name}” is a person: name the role, and qualify the person for it.",
                role=role,
            )
