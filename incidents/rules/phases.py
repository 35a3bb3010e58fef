"""The phases of an incident, in order, and which step may follow which."""

from enum import StrEnum


class Phase(StrEnum):
    """The phases a matrix speaks about: what is done before, during and after an incident."""

    PREPARATION = "preparation"
    DETECTION = "detection"
    TRIAGE = "triage"
    MITIGATION = "mitigation"
    RESOLUTION = "resolution"
    REVIEW = "review"


class State(StrEnum):
    """Where one incident stands; an open one is in the matrix phase of the same name."""

    DETECTION = "detection"
    TRIAGE = "triage"
    MITIGATION = "mitigation"
    RESOLUTION = "resolution"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OPEN_STATES = (State.DETECTION, State.TRIAGE, State.MITIGATION, State.RESOLUTION)

ADVANCES: dict[State, State] = {
    State.DETECTION: State.TRIAGE,
    State.TRIAGE: State.MITIGATION,
    State.MITIGATION: State.RESOLUTION,
}


def next_state(state: State) -> State | None:
    """The phase an open incident advances to, or None where only closing is left."""
    return ADVANCES.get(state)
