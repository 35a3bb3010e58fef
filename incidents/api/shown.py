"""One row into one answer; each expects its people and roles loaded."""

from datetime import datetime

from incidents.api import adherence_answers, answers
from incidents.api.suggested import Suggested
from incidents.models import (
    Assignment,
    Consultation,
    Decision,
    Delegation,
    EscalationCall,
    HandOver,
    Incident,
    OutboxMessage,
    Person,
    Proposal,
    Suggestion,
    TimelineEntry,
)
from incidents.rules.instants import INSTANTS


def username(person: Person | None) -> str | None:
    """How the API names a person; None for nobody."""
    return person.username if person else None


def severity(incident: Incident) -> answers.Severity:
    """The level, the computed one, why, and why no other."""
    return {**level(incident), "not_fired": incident.severity_missed}


def level(incident: Incident) -> answers.Level:
    """The level, the computed one, and why."""
    has, computed = incident.level, incident.computed_level
    return {
        "code": has.code if has else None,
        "computed": computed.code if computed else None,
        "proposed": computed.code if computed and incident.is_severity_proposed else None,
        "override_reason": incident.severity_override_reason,
        "reasons": incident.severity_reasons,
    }


def held(row: Assignment) -> answers.Held:
    """A role and its holder."""
    return {
        "role": row.role_id,
        "person": row.person.username,
        "reason": row.reason,
        "service": row.service.slug if row.service else None,
        "assigned_at": row.assigned_at,
    }


def formerly_held(row: Assignment, ended_at: datetime) -> answers.FormerlyHeld:
    """A role and who held it until then."""
    return {**held(row), "ended_at": ended_at, "end_reason": row.end_reason}


def offered(row: HandOver | None) -> answers.HandOverShown | None:
    """Command on offer, where it is."""
    if row is None:
        return None
    return {
        "to": row.to.username,
        "giver": row.giver.username,
        "offered_at": row.offered_at,
        "status": row.status,
        "decisions": row.decisions,
        "next_update": row.next_update,
        "open_questions": row.open_questions,
    }


def called_later(row: EscalationCall) -> answers.Told:
    """Who is called once its minutes have passed, as a message."""
    return {"person": username(row.person), "role": row.role_id or "", "kind": "escalation"}


def told(row: OutboxMessage) -> answers.Told:
    """Who is told what, in which role."""
    return {"person": username(row.recipient), "role": row.role, "kind": row.kind}


def entry(row: TimelineEntry) -> answers.Entry:
    """A line of the timeline."""
    return {
        "at": row.at,
        "source": row.source,
        "text": row.text,
        "author": username(row.author),
        "recorded_at": row.recorded_at,
    }


def decision(row: Decision) -> answers.Decided:
    """A decision, who was heard and its authority."""
    return {
        "id": row.pk,
        "topic": row.topic,
        "question": row.question,
        "inputs": row.inputs,
        "decision": row.decision,
        "decided_by": row.decided_by.username,
        "authority": row.authority,
        "decided_at": row.decided_at,
        "revisit_at": row.revisit_at,
        "proposal": row.proposal_id,
    }


def suggested(row: Suggestion) -> Suggested:
    """Whom the rules would give a role, and what came of it."""
    return {
        "id": row.pk,
        "role": row.role_id,
        "service": row.service.slug if row.service else None,
        "person": username(row.person),
        "instead_of": username(row.instead_of.person) if row.instead_of else None,
        "why": row.why,
        "reason": row.reason,
        "rejected": row.rejected,
        "made_at": row.made_at,
        "outcome": row.outcome or "open",
        "decided_by": username(row.decided_by),
        "decided_at": row.decided_at,
        "note": row.decision_note,
    }


def proposed(row: Proposal) -> answers.Proposed:
    """What was put before the commander."""
    return {
        "id": row.pk,
        "topic": row.topic,
        "question": row.question,
        "text": row.text,
        "proposed_by": row.proposed_by.username,
        "proposed_at": row.proposed_at,
        "declined_by": username(row.declined_by),
        "declined_at": row.declined_at,
        "decline_reason": row.decline_reason,
    }


def delegated(row: Delegation) -> answers.Delegated:
    """Who acts for whom; whether it still runs is for the clock and the giver's role to say."""
    return {
        "id": row.pk,
        "role": row.role_id,
        "act": row.act,
        "giver": row.giver.username,
        "to": row.to.username,
        "reason": row.reason,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "revoked_at": row.revoked_at,
    }


def consultation(row: Consultation) -> adherence_answers.ConsultationShown:
    """A question put before an act, and who answered what."""
    return {
        "id": row.pk,
        "activity": row.activity_id,
        "question": row.question,
        "asked_by": row.asked_by.username,
        "asked_at": row.asked_at,
        "proceeds_at": row.proceeds_at,
        "at_once_because": row.at_once_because,
        "advice": [
            {
                "person": one.person.username,
                "role": one.role_id,
                "answer": one.answer,
                "answered_at": one.answered_at,
            }
            for one in row.advice.all()
        ],
    }


def instants(incident: Incident) -> dict[str, answers.KnownInstant | None]:
    """Every instant by name with where it is known from; null until it happened."""
    return {name: _instant(incident, name) for name in INSTANTS}


def _instant(incident: Incident, name: str) -> answers.KnownInstant | None:
    at = getattr(incident, name)
    if at is None:
        return None
    known = incident.provenance.get(name, {})
    return {
        "at": at,
        "source": known.get("source"),
        "by": known.get("by"),
        "reason": known.get("reason"),
    }
