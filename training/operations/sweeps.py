"""What falls due in training: reminders before a game day."""

from datetime import datetime

from incidents.operations import nudges
from incidents.rules.nudges import GAME_DAY
from training.models import GameDay
from training.operations import invitations


def sweep(at: datetime) -> list[str]:
    """Remind the players of what is due at this instant; one line for each kind of act."""
    planned = GameDay.objects.filter(status=GameDay.Status.PLANNED)
    rows = planned.select_related("exercise_scenario").prefetch_related(
        "roles__role", "roles__person"
    )
    told = nudges.sweep(rows, GAME_DAY, invitations.reminders, at=at)
    return [f"game days: {told} reminders"] if told else []
