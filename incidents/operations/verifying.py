"""Verified facts: who verified what is known of an incident, how and when; the rest is hearsay."""

from collections.abc import Mapping

from incidents.models.incident import Incident
from incidents.models.update import VerifiedFact


def verified(incident: Incident) -> Mapping[str, VerifiedFact]:
    """The facts that have the value somebody verified last, by name; one query, or prefetched."""
    return {}
