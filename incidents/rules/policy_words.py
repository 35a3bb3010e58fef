"""A ladder in words: "7 days before and when it is due to the owner; 3 days after …"."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from incidents.rules.nudges import LEADERSHIP, MANAGER, OWNER, PAGE, Step

MINUTE = timedelta(minutes=1)
UNITS = {"days": 24 * 60, "hours": 60, "minutes": 1}
_LETTERS = {"days": "d", "hours": "h", "minutes": "m"}
# Who the owner is of what has no single one; of all else it is the owner.
OWNERS = {
    "customer_notice": "who speaks for the incident",
    "emergency_change": "who put it in force",
    "game_day": "the players",
    "legal_clock": "legal counsel, or who stands in",
    "legal_duty": "legal counsel, or who stands in",
    "invitation": "who was invited",
    "shift": "who serves",
    "update": "who speaks for the incident",
}
MEANT = {OWNER: "the owner", MANAGER: "their manager", LEADERSHIP: "leadership"}


def in_words(steps: Sequence[Step], roles: Mapping[str, str]) -> str:
    """All steps, those to the same people together; `roles` names the roles by slug."""
    parts = (
        f"{_listed([when(step) for step in some])} to {whom(some[0].to, roles)}"
        f"{' as a page' if some[0].priority == PAGE else ''}"
        for some in (
            list(alike) for _, alike in groupby(steps, lambda step: (step.to, step.priority))
        )
    )
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}."


def when(step: Step) -> str:
    """When a step is due, such as "7 days after, then every 7 days"."""
    first = at(step.offset)
    every = span(step.repeat_every).removeprefix("1 ") if step.repeat_every else ""
    return f"{first}, then every {every}" if every else first


def at(offset: timedelta) -> str:
    """Before, at or after the due instant."""
    if not offset:
        return "when it is due"
    return f"{span(abs(offset))} {'before' if offset < timedelta() else 'after'}"


def span(length: timedelta) -> str:
    """A length in its largest whole unit: "7 days", "1 hour", "90 minutes"."""
    count, unit = counted(length)
    return f"{count} {unit if count != 1 else unit.removesuffix('s')}"


def counted(length: timedelta) -> tuple[int, str]:
    """How many of which unit: the largest that is whole; seconds are let go."""
    minutes = length // MINUTE
    for unit, size in UNITS.items():
        if minutes and minutes % size == 0:
            return minutes // size, unit
    return minutes, "minutes"


def whom(to: Iterable[str], roles: Mapping[str, str]) -> str:
    """Those a step tells, by the names of `roles`; which may name the owner otherwise, too."""
    names = [roles.get(slug) or MEANT.get(slug, slug) for slug in to]
    return _listed(names) or "nobody"


def name_of(offset: timedelta) -> str:
    """The name of a step at this offset: "due-7d", "due", "overdue+90m"; it makes a nudge unique."""
    if not offset:
        return "due"
    count, unit = counted(abs(offset))
    letter = _LETTERS[unit]
    return f"due-{count}{letter}" if offset < timedelta() else f"overdue+{count}{letter}"


def _listed(words: Sequence[str]) -> str:
    *others, last = words or [""]
    return f"{', '.join(others)} and {last}" if others else last
