"""The briefing with which command changes hands: where we stand, what holds, what is due, what is open.

Sources: FEMA ICS (transfer of command with a briefing), PagerDuty incident response.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from textwrap import shorten

_QUESTION, _ANSWER = (
    100,
    160,
)  # characters of a decision: the whole of it stands on the incident


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the successor must know; nothing in it is ever empty."""

    status: str
    decisions: str
    next_update: str
    open_questions: str

    def said(self) -> str:
        """In the order in which people ask."""
        return (
            f"Where we stand: {self.status}\n\nDecisions that hold:\n{self.decisions}\n\n"
            f"Next update:\n{self.next_update}\n\nOpen questions:\n{self.open_questions}"
        )


def complete(
    status: str,
    *,
    decisions: str,
    next_update: str,
    open_questions: str,
    decided: Iterable[tuple[str, str]],
    due: Iterable[tuple[str, datetime]],
) -> Briefing:
    """What was said, and where nothing was, what the incident itself knows."""
    return Briefing(
        status,
        decisions or decisions_of(decided),
        next_update or updates_of(due),
        open_questions or "None named.",
    )


def decisions_of(decided: Iterable[tuple[str, str]]) -> str:
    """One line a decision: its question and its answer."""
    lines = (f"{shorten(one, _QUESTION)} {shorten(answer, _ANSWER)}" for one, answer in decided)
    return "\n".join(lines) or "None recorded."


def updates_of(due: Iterable[tuple[str, datetime]]) -> str:
    """One line an audience, the earliest first."""
    lines = (f"{audience}: {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for audience, at in due)
    return "\n".join(lines) or "None is due."


def to_the_second(instant: datetime) -> str:
    """The instant of a change of command, as it is kept and said."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
