"""How many commanders are left: where each of those qualified stands at an instant."""

from datetime import datetime
from enum import StrEnum

from incidents.rules.hours import Hours, is_within


class Where(StrEnum):
    """Where a commander stands; the first that holds."""

    COMMANDS = "commands"
    AWAY = "away"
    OUTSIDE_HOURS = "outside hours"
    LEFT = "left"


def where(*, commands: bool, is_away: bool, hours: Hours, at: datetime) -> Where:
    """Where one qualified commander stands: whoever commands is there, whatever the hour."""
    if commands:
        return Where.COMMANDS
    if is_away:
        return Where.AWAY
    return Where.LEFT if is_within(hours, at) else Where.OUTSIDE_HOURS
