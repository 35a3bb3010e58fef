"""The instants of an incident, and the order in which they can have happened."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise

from incidents.rules.reasons import Reason

INSTANTS = (
    "impact_started_at",
    "detected_at",
    "declared_at",
    "acknowledged_at",
    "commander_assigned_at",
    "contained_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
    "first_public_update_at",
    "first_internal_update_at",
)

# Only what must hold. A commander may be assigned before or after the acknowledgement, an impact
# contained before anyone declares it, and an update sent at any time once something is known.
_BEGINNING = ("impact_started_at", "detected_at")
CHAINS = (
    (*_BEGINNING, "declared_at", "acknowledged_at"),
    (*_BEGINNING, "declared_at", "commander_assigned_at"),
    (*_BEGINNING, "contained_at", "mitigated_at", "resolved_at", "closed_at"),
    (*_BEGINNING, "first_public_update_at"),
    (*_BEGINNING, "first_internal_update_at"),
)


def order_violations(instants: Mapping[str, datetime | None]) -> list[Reason]:
    """A reason for each pair out of order; unset instants are skipped, equal ones in order."""
    known = {name: at.astimezone(UTC) for name, at in instants.items() if at}
    return [
        _violation(earlier, later, known)
        for earlier, later in _neighbours(known)
        if known[earlier] > known[later]
    ]


def _neighbours(known: Mapping[str, datetime]) -> Iterable[tuple[str, str]]:
    # Neighbours among those that are set: a gap must not hide a disorder around it.
    chains = ([name for name in chain if name in known] for chain in CHAINS)
    return dict.fromkeys(pair for chain in chains for pair in pairwise(chain))


def _violation(earlier: str, later: str, known: Mapping[str, datetime]) -> Reason:
    message = (
        f"{_said(later, known)} is before {_said(earlier, known)}: "
        "correct one of them, or give the reason."
    )
    return Reason("instants_out_of_order", message, later)


def _said(name: str, known: Mapping[str, datetime]) -> str:
    label = name.removesuffix("_at").replace("_", " ")
    return f"{label} ({known[name]:%Y-%m-%d %H:%M:%S} UTC)"
