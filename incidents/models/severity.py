"""Severity: levels with objective criteria, escalation steps and update cadences, in versions."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.governed import GovernedVersion, PartOfVersion, VersionQuerySet
from incidents.models.people import Channel
from incidents.models.roles import Role


class Audience(models.TextChoices):
    """Who an update speaks to."""

    INTERNAL = "internal"
    PUBLIC = "public"
    CUSTOMERS = "customers"
    EXECUTIVE = "executive"
    SUPPORT = "support"


class SeverityScheme(GovernedVersion):
    """One row is one version of all severity levels together."""

    history = HistoricalRecords()

    objects = VersionQuerySet["SeverityScheme"].as_manager()

    class Meta(GovernedVersion.Meta):
        abstract = False
        ordering = ["-number"]
        constraints = [
            *GovernedVersion.Meta.constraints,
            models.UniqueConstraint(fields=["number"], name="one_scheme_a_number"),
        ]
        permissions = [
            ("draft_severityscheme", "Can draft a severity scheme"),
            ("submit_severityscheme", "Can submit a severity scheme"),
            ("approve_severityscheme", "Can approve a severity scheme"),
            ("withdraw_severityscheme", "Can withdraw a severity scheme"),
        ]

    def __str__(self) -> str:
        return f"Severity scheme v{self.number}"


class SeverityLevel(PartOfVersion):
    """One row is one level of one scheme; rank 1 is the highest."""

    kind = SeverityScheme

    scheme = models.ForeignKey(SeverityScheme, on_delete=models.PROTECT, related_name="levels")
    code = models.SlugField(max_length=20)
    rank = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    review_due_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days from closing to a published review; none = not owed.",
    )
    public_update_required = models.BooleanField(
        default=False, help_text="Whether policy asks for a public update at this level."
    )
    command_answer_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Minutes a commander has to answer before the deputy takes over; none = for ever.",
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["scheme", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="one_level_a_code"),
            models.UniqueConstraint(fields=["scheme", "rank"], name="one_level_a_rank"),
        ]

    def __str__(self) -> str:
        return self.name

    def law(self) -> int:
        """The key of its scheme."""
        return self.scheme_id


class PartOfLevel(PartOfVersion):
    """A row of a level."""

    kind = SeverityScheme
    level: SeverityLevel

    class Meta:
        abstract = True

    def law(self) -> int:
        """The key of its level's scheme."""
        return self.level.scheme_id


class SeverityCriterion(PartOfLevel):
    """One row is one predicate over facts; any one that holds puts the incident at its level."""

    level = models.ForeignKey(SeverityLevel, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=160)
    predicate = models.JSONField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["level", "position", "id"]
        verbose_name_plural = "severity criteria"

    def __str__(self) -> str:
        return self.name


class EscalationStep(PartOfLevel):
    """One row: at this level, this role is called within so many minutes of declaration.

    Unanswered, the call is repeated `repeats` times, every `repeat_minutes`; then who is next in
    line is called: `next_role`, or leadership where none is named.
    """

    level = models.ForeignKey(
        SeverityLevel, on_delete=models.PROTECT, related_name="escalation"
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    within_minutes = models.PositiveSmallIntegerField(default=0)
    channel = models.CharField(max_length=9, choices=Channel.choices, default=Channel.EMAIL)
    repeat_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Between two calls; none = called once."
    )
    repeats = models.PositiveSmallIntegerField(
        default=0, help_text="How often an unanswered call is repeated before the next in line."
    )
    next_role = models.ForeignKey(
        Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["level", "within_minutes", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "role"], name="one_escalation_step_a_role"
            ),
            models.CheckConstraint(
                condition=Q(repeats=0) | Q(repeat_minutes__gte=1),
                name="repeated_calls_have_a_pace",
            ),
            models.CheckConstraint(
                condition=~Q(next_role=F("role")), name="next_in_line_is_another_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} within {self.within_minutes} min"


class UpdateCadence(PartOfLevel):
    """One row: how often one audience hears of an incident at one level, in minutes."""

    level = models.ForeignKey(SeverityLevel, on_delete=models.PROTECT, related_name="cadences")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    first_minutes = models.PositiveIntegerField(
        help_text="From declaration to the first update."
    )
    every_minutes = models.PositiveIntegerField(help_text="From one update to the next.")
    until_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Minutes from declaration after which the pace changes.",
    )
    then_every_minutes = models.PositiveIntegerField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["level", "audience"]
        constraints = [
            models.UniqueConstraint(
                fields=["level", "audience"], name="one_cadence_an_audience"
            )
        ]

    def __str__(self) -> str:
        return f"{self.audience}: every {self.every_minutes} min"
