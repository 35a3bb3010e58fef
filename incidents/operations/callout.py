"""Calling in more people while an incident runs."""

from datetime import datetime

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    escalation,
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
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
    steps = escalation.steps(incident, escalation.participants(incident), at)
    told = [*(each for _, told in steps for each in told), *escalation.leadership(incident)]
    if not told:
        message = "Nobody can be told from here: nobody leads or holds a role. Call somebody."
        raise Refused.because("nobody_to_tell", message)
    entry = timeline.record(incident, f"Escalated: {reason}", at=at, author=actor)
    messages = list(
        escalation.about(
            incident, told, key=f"escalated:{entry.pk}", kind="escalated",
            subject=f"{actor} escalates", body=reason, priority=escalation.PAGE,
        )
    )  # fmt: skip
    records.compose(messages, at=at)
    routing.performed(
        incident, "escalate", actor=actor, at=at, note=reason,
        told=[message.to for message in messages],
    )  # fmt: skip
    names = [message.to.username for message in messages]
    records.audit("escalate", incident, actor=actor, at=at, reason=reason, told=names)
    return incident
