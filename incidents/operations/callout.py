"""Calling in more people while an incident runs."""

from datetime import datetime

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    composing,
    escalation,
    paging,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.operations.escalation import Told
from incidents.operations.law import level_law
from incidents.rules.reasons import Refused


@transaction.atomic
def escalate(incident: Incident, *, reason: str, actor: Person, at: datetime) -> Incident:
    """Call in leadership and everybody the level's escalation names, now. Needs a reason.

    Refuses `nobody_to_tell` where there is nobody: then it must be done by voice.
    """
    standing.lock(incident)
    standing.require("escalate", incident, actor)
    waiting.require_consulted(incident, "escalate", actor=actor, at=at)
    reason = words.required(reason, "reason", "Write why more people are needed.")
    entry = timeline.record(incident, f"Escalated: {reason}", at=at, author=actor)
    called = paging.hasten(incident, why=f"{actor} escalates: {reason}", at=at)
    others = [each for each in _named(incident, at) if each[0] not in called]
    messages = list(
        escalation.about(
            incident, others, key=f"escalated:{entry.pk}", kind="escalated",
            subject=f"{actor} escalates", body=reason, priority=escalation.PAGE,
        )
    )  # fmt: skip
    told = list(dict.fromkeys([*called, *(message.to for message in messages)]))
    if not told:
        message = "Nobody can be told from here: nobody leads or holds a role. Call somebody."
        raise Refused.because("nobody_to_tell", message)
    composing.compose(messages, at=at)
    routing.performed(
        incident, "escalate", actor=actor, at=at, note=reason, told=told,
    )  # fmt: skip
    names = [person.username for person in told]
    records.audit("escalate", incident, actor=actor, at=at, reason=reason, told=names)
    return incident


def _named(incident: Incident, at: datetime) -> list[Told]:
    """Whom the steps of the level mean now, and leadership."""
    law = level_law(incident.level)
    roles = [step.role for step in law.escalation] if law else []
    meant = escalation.meant(roles, escalation.setting(incident), at=at)
    here = [each for role in roles for each in meant[role]]
    return [*here, *escalation.leadership(incident)]
