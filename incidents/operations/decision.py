"""Decisions: what was asked, what was decided, and by which authority."""

from datetime import datetime

from django.db import transaction

from incidents.models.decision import Decision
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.operations import (
    records,
    routing,
    standing,
    timeline,
    waiting,
    words,
)
from incidents.rules.roles import COMMANDER, DEPUTY, NAMES

_QUESTION_LENGTH = 300


@transaction.atomic
def decide(
    incident: Incident,
    *,
    question: str,
    decision: str,
    revisit_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> Decision:
    """Keep a decision, its question and the authority it was taken by; it is never changed."""
    standing.lock(incident)
    standing.require("decide", incident, actor)
    waiting.require_consulted(incident, "decide", actor=actor, at=at)
    made = Decision.objects.create(
        incident=incident,
        question=words.required(
            question, "question", "Write what was to be decided.", longest=_QUESTION_LENGTH
        ),
        decision=words.required(decision, "decision", "Write what was decided."),
        decided_by=actor,
        authority=_authority(incident, actor),
        decided_at=at,
        revisit_at=timeline.ahead(revisit_at, at, "revisit_at"),
    )
    text = f"Decided: {made.question} {made.decision}"
    timeline.record(incident, text, at=at, author=actor)
    routing.performed(incident, "decide", actor=actor, at=at, note=text)
    records.audit(
        "decide", incident, actor=actor, at=at,
        decision=made.pk, question=made.question, authority=made.authority,
    )  # fmt: skip
    return made


def _authority(incident: Incident, actor: Person) -> str:
    """In which capacity this person decides; the rules have agreed to it before."""
    held = standing.circumstances(incident, actor).roles_held
    if COMMANDER in held:
        return NAMES[COMMANDER]
    stand_in = NAMES[DEPUTY] if DEPUTY in held else "Leadership"
    return f"{stand_in}, while nobody commands"
