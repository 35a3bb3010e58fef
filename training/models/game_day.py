"""Game days: a date, a scenario, people in roles; run, it is an incident of kind exercise."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Incident, Nudged, Person, Role, Service
from incidents.models.calendar import today
from incidents.models.records import NUDGE_BOOKKEEPING
from training.models.scenario import ExerciseScenario
from training.models.year import YearPlan


class Answer(models.TextChoices):
    """What an invited person said."""

    NONE = "", "no answer yet"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Part(models.Model):
    """A person's part in a game day, and what they said to the invitation."""

    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_note = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why this person.")
    is_pinned = models.BooleanField(
        default=False, help_text="Set by hand: planning anew leaves it alone."
    )

    class Meta:
        abstract = True


class GameDay(Nudged):
    """One row is one planned exercise; `due_at` is when it starts, reminders go out before.

    A proposed one stands in a plan of the year and nobody was invited yet. The story's clock stood
    at `story_seconds` at the instant `story_set_at`, and has run `pace_factor` times as fast as
    the wall's since; while that is null it stands still.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        PLANNED = "planned"
        RUNNING = "running"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    class Pace(models.TextChoices):
        REAL = "real", "in real time"
        COMPRESSED = "compressed"
        BY_HAND = "by_hand", "by hand"

    title = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField(default=90)
    exercise_scenario = models.ForeignKey(
        ExerciseScenario, on_delete=models.PROTECT, related_name="game_days"
    )
    services = models.ManyToManyField(Service, related_name="+", blank=True)
    organiser = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PLANNED)
    year_plan = models.ForeignKey(
        YearPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="game_days"
    )
    is_date_pinned = models.BooleanField(
        default=False, help_text="Set by hand: planning anew leaves the date alone."
    )
    pace = models.CharField(max_length=10, choices=Pace.choices, default=Pace.REAL)
    pace_factor = models.PositiveSmallIntegerField(
        default=1, help_text="Minutes of the story in one minute of the wall's clock."
    )
    story_seconds = models.FloatField(default=0, editable=False)
    story_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="Of its invitations: grows with every change."
    )
    incident = models.OneToOneField(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="game_day"
    )
    report_owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    report_due_at = models.DateTimeField(null=True, blank=True)
    report_summary = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(
        excluded_fields=[*NUDGE_BOOKKEEPING, "story_seconds", "story_set_at"]
    )

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["-starts_at"]
        permissions = [
            ("run_gameday", "Can run a game day"),
            ("complete_gameday", "Can complete a game day"),
            ("cancel_gameday", "Can cancel a game day"),
            ("control_gameday", "Can steer a running game day"),
            ("observe_gameday", "Can observe and rate a game day"),
            ("answer_gameday", "Can answer an invitation of their own"),
            ("debrief_gameday", "Can say what they took from a game day"),
            ("report_gameday", "Can write and publish after-action reports"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(pace_factor__gt=0), name="story_moves_forward")
        ]
        indexes = [
            *Nudged.Meta.indexes,
            models.Index(fields=["status", "starts_at"], name="game_day_ahead"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def quarter(self) -> str:
        """The calendar quarter it counts for in the organisation's zone, such as 2027Q1."""
        day = today(self.starts_at)
        return f"{day.year}Q{(day.month - 1) // 3 + 1}"

    @property
    def ends_at(self) -> datetime:
        """When it is planned to be over."""
        return self.starts_at + timedelta(minutes=self.duration_minutes)


class GameDayRole(Part):
    """One row: this person plays this role that day, or stands beside who does, to learn it."""

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="roles")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="game_day_roles")
    is_shadow = models.BooleanField(
        default=False, help_text="Stands beside who plays it, to learn."
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["game_day", "role__position", "is_shadow", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["game_day", "role", "person"], name="one_part_a_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person}"


class GameDayStaff(Part):
    """One row: this person helps to run or judge it, and does not play (HSEEP's roles)."""

    class Duty(models.TextChoices):
        DIRECTOR = "director", "exercise director"
        FACILITATOR = "facilitator"
        CONTROLLER = "controller"
        LEAD_EVALUATOR = "lead_evaluator", "lead evaluator"
        EVALUATOR = "evaluator"
        OBSERVER = "observer"
        ROLE_PLAYER = "role_player", "role-player"

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="staff")
    duty = models.CharField(max_length=14, choices=Duty.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="game_day_duties")
    history = HistoricalRecords()

    class Meta:
        ordering = ["game_day", "duty", "id"]
        default_permissions = ("view",)
        verbose_name_plural = "game day staff"
        constraints = [
            models.UniqueConstraint(
                fields=["game_day", "duty", "person"], name="one_duty_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()}: {self.person}"
