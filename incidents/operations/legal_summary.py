"""The law of an incident as it is known now, to be read: nothing is written here."""

from dataclasses import dataclass
from datetime import datetime

from incidents.calendars import is_holiday
from incidents.models.incident import Incident
from incidents.operations import legal_case
from incidents.operations.legal_case import Source
from incidents.rules import legal_engine, legal_interview
from incidents.rules.legal_engine import Outcome
from incidents.rules.legal_interview import Question


@dataclass(frozen=True, slots=True)
class Summary:
    """What follows by the law pinned, on which facts and instants, and what is worth asking.

    Open questions stand best first; those nobody could answer last.
    """

    outcome: Outcome
    facts: tuple[Source, ...]
    clocks: tuple[Source, ...]
    open: tuple[str, ...]
    question: Question | None


def outcome_of(incident: Incident, *, at: datetime) -> Outcome | None:
    """What follows for it now; None where it was declared without a law pack and a profile."""
    found = legal_case.read(incident, at=at)
    return legal_engine.evaluate(found.pack, found.case, is_holiday) if found else None


def summary_of(incident: Incident, *, at: datetime) -> Summary | None:
    """The same with what it rests on; None likewise."""
    found = legal_case.read(incident, at=at)
    if found is None:
        return None
    return Summary(
        legal_engine.evaluate(found.pack, found.case, is_holiday),
        tuple(legal_case.sources(found).values()),
        tuple(legal_case.instants(found).values()),
        legal_interview.open_questions(found.pack, found.known),
        legal_interview.next_question(found.pack, found.known),
    )
