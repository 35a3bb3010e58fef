"""Plain functions that make what waits in an incident: calls, offers, suggestions, proposals."""

from datetime import timedelta
from typing import Any

from incidents.models import (
    CommandCall,
    EscalationCall,
    HandOver,
    Incident,
    Person,
    Proposal,
    Suggestion,
)
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def hand_over(incident: Incident, giver: Person, to: Person) -> HandOver:
    return HandOver.objects.create(
        incident=incident, giver=giver, to=to, status="Half of the payments fail",
        decisions="We rolled back", next_update="Public, at ten", open_questions="Why Dublin?",
        offered_at=NOW,
    )  # fmt: skip


def command_call(incident: Incident, asked_by: Person | None = None) -> CommandCall:
    held = incident.assignments.commanding().get()
    return CommandCall.objects.create(
        assignment=held, asked_by=asked_by, asked_at=NOW, due_at=NOW + 5 * MINUTE
    )


def escalation_call(
    incident: Incident, person: Person | None, *, role: str = COMMANDER, **fields: Any
) -> EscalationCall:
    given = {
        "channel": "voice", "due_at": NOW, "calls": 2, "first_called_at": NOW,
        "last_called_at": NOW + MINUTE, "next_call_at": NOW + 2 * MINUTE,
    }  # fmt: skip
    return EscalationCall.objects.create(
        incident=incident, level=incident.level, step=factories.role(role),
        role=factories.role(role), person=person, **(given | fields),
    )  # fmt: skip


def suggestion(incident: Incident, role: str, person: Person | None) -> Suggestion:
    return Suggestion.objects.create(
        incident=incident, role=factories.role(role), person=person, made_at=NOW,
        why="The shift is over.", reason="Next in rotation",
    )  # fmt: skip


def proposal(
    incident: Incident, by: Person, question: str = "Switch to the spare?"
) -> Proposal:
    return Proposal.objects.create(
        incident=incident, question=question, text="It is ready.", proposed_by=by,
        proposed_at=NOW,
    )  # fmt: skip
