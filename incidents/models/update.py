"""Updates: what is said about an incident, to whom, and when the next one is due."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING, Nudged
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement


class Update(models.Model):
    """One row is one message: drafted, approved by another person, published, then immutable."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        APPROVED = "approved"
        PUBLISHED = "published"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    text = models.TextField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    statement = models.ForeignKey(
        HoldingStatement, on_delete=models.PROTECT, null=True, blank=True, related_name="uses"
    )
    promised_next_at = models.DateTimeField(null=True, blank=True)
    drafted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-drafted_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="update_drafter_is_not_approver",
            ),
            models.CheckConstraint(
                condition=~Q(status="published")
                | Q(approved_by__isnull=False, published_at__isnull=False),
                name="update_published_was_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference} {self.audience} update"


class UpdateClock(Nudged):
    """One row: when the next update for one audience is due; `due_at` null = nothing is owed."""

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="update_clocks"
    )
    audience = models.CharField(max_length=10, choices=Audience.choices)
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["incident", "audience"], name="one_update_clock")
        ]
        indexes = [
            *Nudged.Meta.indexes,
            # Every past incident keeps its stopped clocks; the overview reads the running ones.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="update_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: next {self.audience} update"
