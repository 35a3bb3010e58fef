"""R01 to R03, R06 to R09: the letters within one activity."""

from collections.abc import Iterator

from incidents.rules.findings import Matter, Spot
from incidents.rules.roles import RoleKind


def more_than_one_accountable(matter: Matter) -> Iterator[Spot]:
    """R01, error: exactly one A for an activity (Smith & Erwin, Role & Responsibility Charting)."""
    for activity in matter.grid.activities:
        if len(activity.accountable) > 1:
            holders = matter.names(activity.accountable)
            yield Spot(
                f"Several roles are accountable ({holders}): leave the A to one.", activity
            )


def nobody_accountable(matter: Matter) -> Iterator[Spot]:
    """R02, error: no A, no personal consequence (trackplus, RACI matrix analysis)."""
    for activity in matter.grid.activities:
        if not activity.accountable:
            yield Spot("Nobody is accountable: give exactly one role the A.", activity)


def nobody_responsible(matter: Matter) -> Iterator[Spot]:
    """R03, error: without an R the job may not get done (Wikipedia, RAM; trackplus)."""
    for activity in matter.grid.activities:
        if not activity.responsible:
            yield Spot(
                "Nobody is responsible: give one role the R, or make the A an A/R.", activity
            )


def too_many_responsible(matter: Matter) -> Iterator[Spot]:
    """R06, warning: many Rs, can the activity be broken down? (trackplus)"""
    most = matter.limits.responsible
    for activity in matter.grid.activities:
        if (count := len(activity.responsible)) > most:
            yield Spot(
                f"{count} roles are responsible, more than {most}: split the activity.",
                activity,
            )


def too_many_consulted(matter: Matter) -> Iterator[Spot]:
    """R07, warning: many Cs, each one a delay (trackplus; "C inflation")."""
    most = matter.limits.consulted
    for activity in matter.grid.activities:
        if (count := len(activity.consulted)) > most:
            yield Spot(
                f"{count} roles are consulted, more than {most}: "
                "make those an I whose answer the act need not wait for.",
                activity,
            )


def too_many_informed(matter: Matter) -> Iterator[Spot]:
    """R08, warning: many Is, a distribution list does better (trackplus)."""
    most = matter.limits.informed
    for activity in matter.grid.activities:
        if (count := len(activity.informed)) > most:
            yield Spot(
                f"{count} roles are informed, more than {most}: use a distribution list.",
                activity,
            )


def nobody_told(matter: Matter) -> Iterator[Spot]:
    """R09, warning: several sorts of work and no C or I: do they not talk? (trackplus)

    Sorts of work are kinds of roles where both are known, else each role is its own.
    """
    for activity in matter.grid.activities:
        at_work = {*activity.accountable, *activity.responsible}
        if activity.consulted or activity.informed or len(at_work) < 2:
            continue
        kinds = {matter.kind(role) for role in at_work}
        is_one_domain = matter.facts and len(kinds) == 1 and RoleKind.OTHER not in kinds
        if not is_one_domain:
            yield Spot(
                "Nobody is consulted or informed: give the roles it touches a C or an I.",
                activity,
            )
