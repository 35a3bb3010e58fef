"""Facts: what is known of an incident, and what follows from knowing it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import legal, records, severity, standing, timeline
from incidents.rules.reasons import Invalid


@transaction.atomic
def record_facts(
    incident: Incident, *, facts: Mapping[str, Any], actor: Person, at: datetime
) -> Incident:
    """Add these facts to those known; a later one replaces an earlier of the same name.

    Severity is computed anew: a level that differs from the one set is proposed to the
    commander, never applied. Possible exposure of personal data starts the counsel clock.
    """
    standing.lock(incident)
    standing.require("record_facts", incident, actor)
    if not facts:
        raise Invalid.because("facts_missing", "Give at least one fact.", "facts")
    known = incident.facts
    incident.facts = {**known, **facts}
    changed = {name: facts[name] for name in facts if known.get(name) != facts[name]}
    if changed:
        said = ", ".join(f"{name} = {value}" for name, value in changed.items())
        timeline.record(incident, f"Facts: {said}", at=at, author=actor)
    proposed = severity.judge_anew(incident, at=at, saving=["facts"])
    clock = legal.start_counsel_clock(incident, at=at)
    records.audit(
        "record_facts", incident, actor=actor, at=at,
        changed=changed, was={name: known.get(name) for name in changed},
        proposed=proposed and proposed.code, counsel_due_at=clock and clock.due_at,
    )  # fmt: skip
    return incident
