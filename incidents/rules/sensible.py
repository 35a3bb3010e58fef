"""What is sensibly done next in an incident: the big button of its page."""

from collections.abc import Iterator
from dataclasses import dataclass

from incidents.rules.phases import OPEN_STATES, State


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an incident is. `resolved` matters only to one advanced into resolution by hand."""

    has_commander: bool = True
    contained: bool = False
    mitigated: bool = False
    resolved: bool = True


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for an answer: the first two for the reader's own, the others for the incident's."""

    is_called: bool = False
    is_offered_command: bool = False
    level_proposed: bool = False
    update_late: bool = False


NOTHING_PENDING = Pending()


def sensible_acts(
    state: State, progress: Progress, pending: Pending = NOTHING_PENDING
) -> tuple[str, ...]:
    """The verbs worth a big button, the most urgent first; none once the incident is over.

    Whoever reads does the first that is theirs: an update that is late is the communications
    lead's while the commander first decides on the severity. One of them moves the incident on.
    """
    return tuple(_acts(state, progress, pending)) if state in OPEN_STATES else ()


def _acts(state: State, progress: Progress, pending: Pending) -> Iterator[str]:
    if pending.is_called:
        yield "answer_call"
    if pending.is_offered_command:
        yield "accept_command"
    if not progress.has_commander:
        yield "assign"
    if state is State.DETECTION:
        yield "acknowledge"
    if pending.level_proposed:
        yield "classify"
    if pending.update_late:
        yield "draft_update"
    if state is not State.DETECTION:
        yield _onward(state, progress)


def _onward(state: State, progress: Progress) -> str:
    if state is State.TRIAGE:
        return "advance"
    is_normal = state is State.RESOLUTION and progress.resolved
    steps = (
        ("contain", progress.contained), ("mitigate", progress.mitigated),
        ("resolve", is_normal),
    )  # fmt: skip
    return next((verb for verb, done in steps if not done), "close")
