"""Whose act it is by the matrix an incident is run under: the line that governs it, its one A."""

from incidents.models.incident import Incident
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import law, pinned
from incidents.rules.acts import Act
from incidents.rules.authority import DECIDED, DELEGABLE

_ONE_ROLES = frozenset(act.code for act in DECIDED.values())


def act_of(verb: str, update: Update | None = None) -> Act | None:
    """The act this verb performs that a holder may delegate; what is said inside the company is none."""
    if update is not None and update.audience == Audience.INTERNAL:
        return None
    return DELEGABLE.get(verb)


def accountable(incident: Incident, act: str) -> str:
    """The role whose act it is; empty where the matrix leaves it to the table of verbs."""
    if act not in _ONE_ROLES:
        return ""
    governed_by = pinned.governing(incident, act)
    return next(iter(governed_by.accountable), "") if governed_by else ""


def named(incident: Incident, act: str) -> str:
    """The line that governs this act as people name it; the version is read if it is not loaded."""
    governed_by = pinned.governing(incident, act)
    return f"{incident.matrix_version}, “{governed_by.name}”" if governed_by else ""


def answers_for(incident: Incident) -> frozenset[str]:
    """The roles accountable for anything in the pinned matrix, in any case; none without one."""
    if incident.matrix_version_id is None:
        return frozenset()
    grid = law.pinned_grid(incident.matrix_version_id)
    base = {role for each in grid.activities for role in each.accountable}
    varied = {
        role
        for variation in grid.variations
        for letters in variation.letters.values()
        for role, letter in letters.items()
        if letter and letter.is_accountable
    }
    return frozenset(base | varied)
