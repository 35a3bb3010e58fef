"""The matrix pinned to an incident, as it holds in its case, and the line of it that governs an act.

The version was in force when the incident was declared, so it never changes: once a process has
read it, asking costs nothing but what the version itself depends on (a tier, a severity).
"""

from collections.abc import Iterable

from incidents.models import matrix
from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.operations import law
from incidents.rules import acts
from incidents.rules.layers import Case, resolve
from incidents.rules.phases import Phase, State
from incidents.rules.raci import Activity, Grid, VariationKind
from incidents.rules.reasons import Invalid

PHASES = tuple(str(phase) for phase in Phase)
_AFTERWARDS = {State.CLOSED: Phase.REVIEW, State.CANCELLED: Phase.REVIEW}


def activities(
    incident: Incident, services: Iterable[Service] | None = None
) -> tuple[Activity, ...]:
    """The lines that hold for this incident; none where no matrix is pinned.

    The affected services are read only where a tier changes something, unless they are given.
    """
    if incident.matrix_version_id is None:
        return ()
    grid = law.pinned_grid(incident.matrix_version_id)
    return resolve(grid, _case(incident, grid, services)).grid.activities


def governing(
    incident: Incident,
    act: str,
    *,
    phase: str = "",
    services: Iterable[Service] | None = None,
) -> Activity | None:
    """The line that governs an act now, or in `phase`; None where the matrix is silent."""
    if incident.matrix_version_id is None:
        return None
    grid = law.pinned_grid(incident.matrix_version_id)
    if all(each.act != act for each in grid.activities):
        return None
    lines = activities(incident, services)
    return acts.governing(lines, act, phase or phase_of(incident), PHASES)


def line(incident: Incident, row: matrix.Activity) -> Activity:
    """What this row says here; Invalid `activity_of_another_matrix` where another law holds it."""
    if row.version_id == incident.matrix_version_id:
        for each in activities(incident):
            if each.place == (row.phase, row.name):
                return each
    message = (
        f"“{row.name}” is not in the matrix of this incident: choose one of its activities."
    )
    raise Invalid.because("activity_of_another_matrix", message, "activity")


def phase_of(incident: Incident) -> str:
    """The phase of the matrix it is in; what is over is in review."""
    state = State(incident.state)
    return str(_AFTERWARDS.get(state, state))


def key_of(incident: Incident, activity: Activity) -> int:
    """The key of the row this line was read from."""
    return law.activity_keys(incident.matrix_version_id or 0)[activity.place]


def _case(incident: Incident, grid: Grid, services: Iterable[Service] | None) -> Case:
    """No more of the case than the matrix asks for."""
    varies = {variation.kind for variation in grid.variations}
    tiers: Iterable[int] = ()
    if VariationKind.TIER in varies:
        affected = incident.services.all() if services is None else services
        tiers = (service.tier for service in affected)
    level = incident.level if VariationKind.SEVERITY in varies else None
    scenario = incident.scenario if VariationKind.SCENARIO in varies else None
    return Case(
        severity=level.code if level else "",
        tier=min(tiers, default=None),
        scenario=scenario.slug if scenario else "",
    )
