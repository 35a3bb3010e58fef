"""The shapes of what the API answers about adherence. Instants are UTC; people are usernames."""

from datetime import datetime

from typing_extensions import TypedDict


class Departed(TypedDict):
    """Where reality differs from the matrix."""

    code: str
    message: str


class PerformedShown(TypedDict):
    """One time an activity was done; `verb` is empty where somebody ticked it off."""

    by: str
    role: str | None
    at: datetime
    verb: str
    departures: list[Departed]
    reason: str
    reason_by: str | None
    note: str


class LineShown(TypedDict):
    """One activity of the matrix: done, not_done, not_due or no_occasion."""

    activity: int
    phase: str
    name: str
    act: str
    standing: str
    due_at: datetime | None
    minutes: int | None
    performed: list[PerformedShown]
    departures: list[Departed]
    explained: bool
    omitted_because: str | None


class AdviceShown(TypedDict):
    """Who was asked, in which role, and what they answered; null until then."""

    person: str
    role: str
    answer: str
    answered_at: datetime | None


class ConsultationShown(TypedDict):
    """One question put before an act; `at_once_because` says why it did not wait."""

    id: int
    activity: int
    question: str
    asked_by: str
    asked_at: datetime
    proceeds_at: datetime
    at_once_because: str
    advice: list[AdviceShown]


class CommandFault(TypedDict):
    """A stretch with no commander (gap), or with several (overlap); null: until now."""

    kind: str
    begins_at: datetime
    ends_at: datetime | None


class AdherenceShown(TypedDict):
    """How far an incident followed its matrix; `share` is null where nothing was owed yet."""

    reference: str
    share: float | None
    owed: int
    done: int
    timed: int
    in_time: int
    departed: int
    explained: int
    lines: list[LineShown]
    consultations: list[ConsultationShown]
    command_faults: list[CommandFault]
