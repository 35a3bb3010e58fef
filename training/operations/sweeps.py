"""What falls due in training: reminders, answers to invitations, reports, rotations."""

from datetime import datetime
from functools import partial

from incidents.models import NudgePolicy
from incidents.operations import nudges, obligations, policies
from incidents.operations.recipients import Recipients
from training.models import GameDay
from training.operations import answers, evidence, invitations, report, rota_watch


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Remind the players of what is due at this instant; `say` hears one line an act."""
    planned = GameDay.objects.filter(status=GameDay.Status.PLANNED)
    rows = planned.select_related("exercise_scenario").prefetch_related(*invitations.CAST)
    policy = policies.of(NudgePolicy.What.GAME_DAY)
    nudges.sweep(
        rows,
        policy,
        partial(invitations.reminders, policy=policy, desk=Recipients()),
        at=at,
        say=say,
        called=lambda row: f"game day {row}",
    )
    obligations.tend(
        NudgePolicy.What.INVITATION, answers.unanswered, at=at, say=say, about=answers.ABOUT
    )
    report.sweep(at, say)
    evidence.from_incidents(at)
    rota_watch.sweep(at, say)
