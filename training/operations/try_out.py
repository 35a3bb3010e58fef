"""Game days, for trying out how players are reminded of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q
from django.urls import reverse

from incidents.models import NudgePolicy, Person
from incidents.operations.nudged import begun
from incidents.operations.recipients import Recipients
from incidents.operations.try_out import Owed, Source, Writer
from incidents.rules.policy import Policy
from training.models import ExerciseScenario, GameDay
from training.operations import invitations


class GameDays:
    """Game days from the day they were planned until they begin."""

    what, kind = NudgePolicy.What.GAME_DAY, "game_day_reminder"
    model = GameDay

    def owed(
        self, _reader: Person, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        """Of what was cancelled nobody knows here when, so it is left out."""
        rows = GameDay.objects.annotate(opened_at=begun(GameDay, "plan_gameday"))
        found = rows.filter(
            Q(due_at__gt=since), ~Q(status=GameDay.Status.CANCELLED), opened_at__lt=until
        )
        players = found.select_related("exercise_scenario").prefetch_related(*invitations.CAST)
        return [
            Owed(
                row,
                str(row),
                reverse("admin:training_gameday_change", args=[row.pk]),
                row.opened_at,
                row.due_at,
            )
            for row in players.order_by("due_at", "pk")[:limit]
        ]

    def writer(self, policy: Policy, _at: datetime) -> Writer:
        """As the sweep writes them."""
        return partial(invitations.reminders, policy=policy, desk=Recipients())

    def sample(self, reader: Person, at: datetime) -> Owed:
        """A game day that stands in no table: nobody plays it yet."""
        scenario = ExerciseScenario(title="A certificate expires")
        row = GameDay(
            pk=0, title="An example", exercise_scenario=scenario, organiser=reader,
            starts_at=at, due_at=at,
        )  # fmt: skip
        return Owed(row, row.title, "", at - timedelta(days=30))


SOURCES: tuple[Source, ...] = (GameDays(),)
