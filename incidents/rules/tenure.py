"""Command without gap and overlap (R18): exactly one commander at any moment of an incident.

Sources: FEMA ICS (one commander; command is stated and recorded on transfer), PagerDuty incident
response (one incident commander). Intervals are half-open: who takes over at the instant the
other leaves makes neither gap nor overlap.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Command: TypeAlias = tuple[datetime, datetime | None]  # from, until; None = it goes on


class Fault(StrEnum):
    """What is wrong with the command in a stretch of time."""

    GAP = "gap"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class TenureFault:
    """A stretch [begins_at, ends_at) with no commander, or with several; None = until now."""

    kind: Fault
    begins_at: datetime
    ends_at: datetime | None


def tenure_faults(
    commands: Sequence[Command], declared_at: datetime, ended_at: datetime | None = None
) -> tuple[TenureFault, ...]:
    """The stretches of [declared_at, ended_at) without exactly one commander, in their order.

    What lies before the declaration and after the end does not count; an incident that begins
    without a commander begins with a gap.
    """
    return tuple(_faults(_changes(commands, declared_at, ended_at), declared_at, ended_at))


def _faults(
    changes: Sequence[tuple[datetime, int]], declared_at: datetime, ended_at: datetime | None
) -> Iterator[TenureFault]:
    since, commanding = declared_at, 0
    for instant, difference in changes:
        now = commanding + difference
        if _fault(now) != _fault(commanding):
            if (kind := _fault(commanding)) and instant > since:
                yield TenureFault(kind, since, instant)
            since = instant
        commanding = now
    if (kind := _fault(commanding)) and (ended_at is None or ended_at > since):
        yield TenureFault(kind, since, ended_at)


def _fault(commanding: int) -> Fault | None:
    if commanding == 1:
        return None
    return Fault.OVERLAP if commanding else Fault.GAP


def _changes(
    commands: Sequence[Command], declared_at: datetime, ended_at: datetime | None
) -> list[tuple[datetime, int]]:
    """By how many the commanders change at which instants within the incident, in order."""
    changes: dict[datetime, int] = {}
    for begins_at, until in commands:
        begins_at = max(begins_at, declared_at)
        bounds = [one for one in (until, ended_at) if one is not None]
        ends_at = min(bounds, default=None)
        if ends_at is not None and ends_at <= begins_at:
            continue
        changes[begins_at] = changes.get(begins_at, 0) + 1
        if ends_at is not None and ends_at != ended_at:
            changes[ends_at] = changes.get(ends_at, 0) - 1
    return sorted(changes.items())
