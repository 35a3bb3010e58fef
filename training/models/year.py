"""The plan of a year's exercises: what was asked of the solver, and what it answered."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Person


class YearPlan(models.Model):
    """One row is one plan of one year; its exercises are the game days that name it.

    `settings` is what was asked for, `problem` and `answer` what the solver was given and said.
    A request waits from `requested_at` until `solved_at`; `claimed_at` is the lease of the worker
    that solves it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    class Outcome(models.TextChoices):
        NONE = "", "not solved yet"
        OPTIMAL = "optimal", "proven to be the best"
        FEASIBLE = "feasible", "good, not proven to be the best"
        INFEASIBLE = "infeasible", "cannot be done as asked"
        FAILED = "failed", "the planner failed"

    year = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    settings = models.JSONField(default=dict)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    requested_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    claim = models.CharField(max_length=36, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    progress = models.JSONField(default=dict, editable=False)
    solved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    objective = models.BigIntegerField(null=True, blank=True)
    bound = models.BigIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    answer = models.JSONField(
        default=dict,
        blank=True,
        help_text="Terms, reasons, unfilled, what would make it possible.",
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    history = HistoricalRecords(
        excluded_fields=["progress", "claimed_at", "claim", "attempts", "answer"]
    )

    class Meta:
        ordering = ["-year", "-id"]
        default_permissions = ("view",)
        permissions = [
            ("plan_yearplan", "Can plan a year's exercises"),
            ("publish_yearplan", "Can publish a year's exercises and invite people"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=~Q(status="withdrawn"), name="one_plan_a_year"
            )
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(requested_at__isnull=False, solved_at=None),
                name="year_plan_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"Exercises of {self.year}"
