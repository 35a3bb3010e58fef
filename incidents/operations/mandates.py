"""Whose act it is by the matrix an incident is run under: the line that governs it, its one A."""

from incidents.models.incident import Incident
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import law, pinned
from incidents.rules.acts import Act
from incidents.rules.authority import APPROVED, DECIDED, DELEGABLE, DRAFTED, Mandate

# Everybody else is told in the company's name: what they are told is the communications lead's.
INSIDE = frozenset({Audience.INTERNAL, Audience.SUPPORT})
_ONE_ROLES = frozenset(act.code for act in DECIDED.values())


def act_of(verb: str, update: Update | None = None) -> Act | None:
    """The act this verb performs that a holder may delegate; what is said inside the company is none.

    Who approves an update answers for the act of publishing it; without an update it is nobody's.
    """
    if update is not None and update.audience in INSIDE:
        return None
    return DELEGABLE.get(verb) or (APPROVED.get(verb) if update else None)


def of(verb: str, incident: Incident, update: Update | None = None) -> Mandate | None:
    """What the pinned matrix says of whose act this is; None where it says nothing."""
    if verb in DRAFTED:
        roles = _responsible(incident, DRAFTED[verb].code, update)
        return Mandate("", responsible=roles) if roles else None
    act = act_of(verb, update)
    role = accountable(incident, act.code) if act else ""
    return Mandate(role) if role else None


def _responsible(incident: Incident, act: str, update: Update | None) -> tuple[str, ...]:
    """Who does the work of publishing drafts too, but not what is said to the responders."""
    if update is not None and update.audience == Audience.INTERNAL:
        return ()
    governed_by = pinned.governing(incident, act)
    return governed_by.responsible if governed_by else ()


def drafters(update: Update) -> frozenset[int]:
    """Who drafted any version of it, by their keys; one query, none where it is not kept yet."""
    if update.pk is None:
        return frozenset({update.drafted_by_id})
    versions = update.history.order_by().values_list("drafted_by", flat=True).distinct()
    return frozenset({update.drafted_by_id, *versions})


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
