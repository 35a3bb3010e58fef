"""Facts: what is known of an incident, and what follows from knowing it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import SeverityLevel
from incidents.operations import escalation, legal, records, severity, standing, timeline
from incidents.rules.facts import severity_facts
from incidents.rules.reasons import Invalid
from incidents.rules.roles import COMMANDER


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
    proposed = _judge(incident)
    incident.save(update_fields=["facts", "computed_level", "severity_reasons"])
    changed = {name: facts[name] for name in facts if known.get(name) != facts[name]}
    if changed:
        said = ", ".join(f"{name} = {value}" for name, value in changed.items())
        timeline.record(incident, f"Facts: {said}", at=at, author=actor)
    if proposed:
        _propose(incident, proposed, at)
    clock = legal.start_counsel_clock(incident, at=at)
    records.audit(
        "record_facts", incident, actor=actor, at=at,
        changed=changed, was={name: known.get(name) for name in changed},
        proposed=proposed and proposed.code, counsel_due_at=clock and clock.due_at,
    )  # fmt: skip
    return incident


def _judge(incident: Incident) -> SeverityLevel | None:
    """Compute the level by the scheme pinned; returned where it is newly other than the one set.

    Invalid facts are refused here, whole. An imported incident has no scheme to be judged by.
    """
    if incident.severity_scheme is None:
        severity_facts(incident.facts, {})
        return None
    before = incident.computed_level_id
    services = list(incident.services.all())
    judgement = severity.judge(incident.severity_scheme, services, incident.facts)
    incident.computed_level = judgement.level
    incident.severity_reasons = list(judgement.classification.reasons)
    is_news = judgement.level.pk not in (before, incident.level_id)
    return judgement.level if is_news else None


def _propose(incident: Incident, level: SeverityLevel, at: datetime) -> None:
    """Tell the commander, else leadership, what the facts say now."""
    why = "\n".join(incident.severity_reasons)
    entry = timeline.record(incident, f"The facts now say {level.name}: proposed", at=at)
    told = escalation.participants(incident, COMMANDER) or escalation.leadership(incident)
    records.compose(
        escalation.about(
            incident, told, key=f"proposed:{entry.pk}", kind="severity-proposed",
            subject=f"the facts now say {level.name}",
            body=f"{why}\n\nClassify the incident anew, or leave it as it is.",
            priority=escalation.PAGE,
        ),
        at=at,
    )  # fmt: skip
