"""Game days: a date, a scenario, people in roles; run, it is an incident of kind exercise."""

from django.db import models
from simple_history.models import HistoricalRecords

from incidents.models import Incident, Nudged, Person, Role, Scenario, Service
from incidents.models.calendar import today
from incidents.models.records import NUDGE_BOOKKEEPING


class ExerciseScenario(models.Model):
    """One row is a story to practise: injects are [{"minute": 0, "text": "…"}] in order."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, null=True, blank=True, related_name="exercises"
    )
    facts = models.JSONField(
        default=dict, blank=True, help_text="Facts the exercise begins with."
    )
    injects = models.JSONField(default=list, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class GameDay(Nudged):
    """One row is one planned exercise; `due_at` is when it starts, reminders go out before."""

    class Status(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    exercise_scenario = models.ForeignKey(
        ExerciseScenario, on_delete=models.PROTECT, related_name="game_days"
    )
    services = models.ManyToManyField(Service, related_name="+", blank=True)
    organiser = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PLANNED)
    incident = models.OneToOneField(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="game_day"
    )
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["-starts_at"]
        permissions = [
            ("run_gameday", "Can run a game day"),
            ("complete_gameday", "Can complete a game day"),
            ("cancel_gameday", "Can cancel a game day"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def quarter(self) -> str:
        """The calendar quarter it counts for in the organisation's zone, such as 2027Q1."""
        day = today(self.starts_at)
        return f"{day.year}Q{(day.month - 1) // 3 + 1}"


class GameDayRole(models.Model):
    """One row: this person plays this role that day."""

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="roles")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="game_day_roles")
    history = HistoricalRecords()

    class Meta:
        ordering = ["game_day", "role__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["game_day", "role", "person"], name="one_part_a_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person}"
