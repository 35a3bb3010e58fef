"""Updates: what one says of its incident by default, and how the words of a correction begin."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED = (
    "investigating", "identified", "monitoring", "resolved",
)  # fmt: skip
NONE, DEGRADED, PARTIAL, MAJOR = "none", "degraded", "partial", "major"
_CORRECTION = "correction"
# What is lost as responders call it, and what that is like as status pages call it.
_IMPACT_OF = {"none": NONE, "degraded": DEGRADED, "major": PARTIAL, "total": MAJOR}


def stage_of(
    *,
    contained_at: datetime | None,
    mitigated_at: datetime | None,
    resolved_at: datetime | None,
) -> str:
    """How far an incident has come, in the words of status pages, by the instants it has reached."""
    if resolved_at:
        return RESOLVED
    if mitigated_at:
        return MONITORING
    return IDENTIFIED if contained_at else INVESTIGATING


def impact_of(facts: Mapping[str, Any], stage: str) -> str:
    """What the services are like by what is known; degraded where nobody said how much is lost."""
    if stage == RESOLVED:
        return NONE
    return _IMPACT_OF.get(str(facts.get("functionality_lost")), DEGRADED)


def as_published(text: str, corrected_at: datetime | None) -> str:
    """The words as everybody reads them: on every page, in every message, on the status page.

    `corrected_at` is when the update that these words correct was published (UTC), None where
    they correct none. A correction says so at its head, unless its writer said it.
    """
    if corrected_at is None or text.lstrip(" *_#>").casefold().startswith(_CORRECTION):
        return text
    return f"Correction of our update of {corrected_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC\n\n{text}"
