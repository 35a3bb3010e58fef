"""How many commanders are left: where each of those qualified stands at an instant."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

_SATURDAY = 5


class Where(StrEnum):
    """Where a commander stands; the first that holds."""

    COMMANDS = "commands"
    AWAY = "away"
    OUTSIDE_HOURS = "outside hours"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody works, in local time, half-open; `until` before `from_` is the next day.

    None = at any hour. A shift that begins on a Friday ends as one, though it be Saturday by then.
    """

    from_: time | None = None
    until: time | None = None
    weekends: bool = True

    def cover(self, local: datetime) -> bool:
        """Whether this is within them; `local` is the person's own wall clock."""
        now, begun = local.time(), local.date()
        if self.from_ is not None and self.until is not None:
            through_midnight = self.until <= self.from_
            if through_midnight and now < self.until:
                begun -= timedelta(days=1)
            elif now < self.from_ or (not through_midnight and now >= self.until):
                return False
        return self.weekends or begun.weekday() < _SATURDAY


def where(*, commands: bool, is_away: bool, hours: Hours, local: datetime) -> Where:
    """Where one qualified commander stands: whoever commands is there, whatever the hour."""
    if commands:
        return Where.COMMANDS
    if is_away:
        return Where.AWAY
    return Where.LEFT if hours.cover(local) else Where.OUTSIDE_HOURS
