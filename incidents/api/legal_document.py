"""The law of an incident, in its document and at an address of its own."""

from datetime import datetime

from incidents.api import legal_shown
from incidents.api.legal_answers import FactKnown, LawOfIncident, Legal
from incidents.models import Filing, Incident, Person
from incidents.operations import law, legal_notes, legal_summary
from incidents.operations.legal_case import Source
from incidents.rules.legal_clocks import COUNSEL
from incidents.rules.legal_engine import Outcome


def legal(incident: Incident, *, notes: int, at: datetime) -> Legal:
    """What is owed now: clocks, the lists of the law pinned, and how many privileged notes."""
    return _legal(incident, legal_summary.outcome_of(incident, at=at), notes)


def law_of(incident: Incident, *, reader: Person, at: datetime) -> LawOfIncident:
    """The same with what is known and by whom, what is open, filed and decided.

    Filings and decisions only for a reader who may view them: none for others.
    """
    found = legal_summary.summary_of(incident, at=at)
    outcome = found.outcome if found else None
    filings = Filing.objects.filter(clock__incident=incident).defer("file")
    if not reader.has_perm("incidents.view_filing"):
        filings = filings.none()
    decisions = incident.legal_decisions.select_related("decided_by")
    if not reader.has_perm("incidents.view_legaldecision"):
        decisions = decisions.none()
    return {
        **_legal(incident, outcome, legal_notes.count(incident)),
        "reference": incident.reference,
        "law_pack": incident.law_pack.number if incident.law_pack else None,
        "legal_profile": incident.legal_profile.number if incident.legal_profile else None,
        "due": outcome.document()["due"] if outcome else [],
        "counsel_within_first_hour": bool(outcome and outcome.counsel_within_first_hour),
        "facts": [_known(each) for each in found.facts] if found else [],
        "known_clocks": [_known(each) for each in found.clocks] if found else [],
        "open_questions": list(found.open) if found else [],
        "next_question": legal_shown.question(found.question) if found else None,
        "filings": [
            legal_shown.filing(each)
            for each in filings.select_related("clock", "sent_by", "recorded_by")
        ],
        "decisions": [
            legal_shown.decision(each, law.confidence_of(incident, each.regime))
            for each in decisions
        ],
    }


def _known(source: Source) -> FactKnown:
    value = source.value
    return {
        "name": source.name,
        "value": value.isoformat() if isinstance(value, datetime) else value,
        "origin": source.origin.value,
        "said_by": source.by.username if source.by else None,
        "said_at": source.at,
        "how": source.how,
    }


def _legal(incident: Incident, outcome: Outcome | None, notes: int) -> Legal:
    clocks = list(incident.legal_clocks.select_related("settled_by"))
    counsel = next((clock for clock in clocks if clock.kind == COUNSEL), None)
    return {
        "counsel_due_at": counsel.due_at if counsel else None,
        "clocks": [legal_shown.clock(clock) for clock in clocks],
        "duty": list(outcome.duty) if outcome else [],
        "assess": list(outcome.assess) if outcome else [],
        "not_in_force": list(outcome.not_in_force) if outcome else [],
        "voluntary": list(outcome.voluntary) if outcome else [],
        "pending": list(outcome.pending) if outcome else [],
        "no_fixed_deadline": list(outcome.no_fixed_deadline) if outcome else [],
        "notes": notes,
    }
