"""The law on an incident, one row into one answer; each expects its people loaded."""

from incidents.api import legal_answers as answers
from incidents.models import Filing, LegalClock, LegalDecision, LegalNote, Person
from incidents.rules.legal_interview import Answer, Question


def question(asked: Question | None) -> answers.QuestionShown | None:
    """A question with what each answer would do."""
    if asked is None:
        return None
    return {
        "name": asked.name,
        "text": asked.text,
        "why": asked.why,
        "type": asked.type.value,
        "answers": [_answer(each) for each in asked.answers],
        "decides": asked.decides,
        "is_reopened": asked.is_reopened,
    }


def clock(row: LegalClock) -> answers.LegalClockShown:
    """A duty, or counsel's hour, and what became of it."""
    return {
        "kind": row.kind,
        "regime": row.regime,
        "stage": row.stage,
        "title": row.title,
        "recipients": row.recipients,
        "confidence": row.confidence,
        "basis": row.basis,
        "clock": row.clock,
        "is_assumed": row.is_assumed,
        "is_fixed": row.is_fixed,
        "started_at": row.started_at,
        "due_at": row.due_at,
        "permitted_until": row.permitted_until,
        "outcome": row.outcome,
        "doubt": row.doubt,
        "doubted_at": row.doubted_at,
        "answered_at": row.settled_at,
        "answered_by": _username(row.settled_by),
        "answer": row.answer,
        "late_reason": row.late_reason,
    }


def filing(row: Filing) -> answers.FilingShown:
    """A submission without its bytes."""
    return {
        "id": row.pk,
        "kind": row.clock.kind,
        "sent_at": row.sent_at,
        "sent_by": row.sent_by.username,
        "recipient": row.recipient,
        "reference": row.reference,
        "note": row.note,
        "late_reason": row.late_reason,
        "file_name": row.file_name,
        "file_type": row.file_type,
        "sha256": row.sha256,
        "recorded_by": row.recorded_by.username,
        "recorded_at": row.recorded_at,
    }


def decision(row: LegalDecision, confidence: str) -> answers.LegalDecisionShown:
    """An entry of the register; `confidence` is that of its law."""
    return {
        "id": row.pk,
        "decision": row.kind,
        "regime": row.regime,
        "stage": row.stage,
        "title": row.title,
        "confidence": confidence,
        "reason": row.reason,
        "decided_by": row.decided_by.username,
        "decided_at": row.decided_at,
    }


def note(row: LegalNote) -> answers.LegalNoteShown:
    """A privileged note, for who may read it."""
    return {
        "id": row.pk,
        "text": row.text,
        "written_by": row.written_by.username,
        "written_at": row.written_at,
    }


def _username(person: Person | None) -> str | None:
    return person.username if person else None


def _answer(answer: Answer) -> answers.AnswerShown:
    return {
        "value": answer.value,
        "label": answer.label,
        "starts": list(answer.starts),
        "adds": list(answer.adds),
        "ends": list(answer.ends),
    }
