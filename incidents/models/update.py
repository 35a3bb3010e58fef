"""Updates: what is said about an incident, to whom, and when the next one is due."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.customer import Customer
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING, Nudged
from incidents.models.severity import Audience
from incidents.models.statement import HoldingStatement


class Update(models.Model):
    """One row is one message: drafted, approved by another person, published, then immutable.

    What was published is corrected by another that `corrects` it and says so. `services` are
    [{slug, name}] as they were called when it was published; `facts` are [{name, value}] as they
    were when it was drafted.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        RETURNED = "returned"
        APPROVED = "approved"
        PUBLISHED = "published"

    class Stage(models.TextChoices):
        """How far it has come, in the words of status pages."""

        INVESTIGATING = "investigating"
        IDENTIFIED = "identified"
        MONITORING = "monitoring"
        RESOLVED = "resolved"

    class Impact(models.TextChoices):
        """What the services named are like, in the words of status pages."""

        NONE = "none", "operational"
        DEGRADED = "degraded", "degraded performance"
        PARTIAL = "partial", "partial outage"
        MAJOR = "major", "major outage"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    text = models.TextField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    statement = models.ForeignKey(
        HoldingStatement, on_delete=models.PROTECT, null=True, blank=True, related_name="uses"
    )
    language = models.CharField(max_length=10, default="en")
    stage = models.CharField(max_length=13, choices=Stage.choices, default=Stage.INVESTIGATING)
    impact = models.CharField(max_length=8, choices=Impact.choices, default=Impact.DEGRADED)
    services = models.JSONField(default=list, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="updates",
        help_text="The one customer it speaks to; empty: all of its audience.",
    )  # fmt: skip
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    facts = models.JSONField(default=list, help_text="What it rests on.")
    findings = models.JSONField(
        default=list, help_text="What the wording check said when it was approved."
    )
    approval_note = models.TextField(
        blank=True, help_text="Why it was approved in spite of what stood against it."
    )
    return_reason = models.TextField(blank=True, help_text="Why it was sent back.")
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
        indexes = [
            models.Index(
                fields=["audience", "-published_at"],
                condition=Q(status="published"),
                name="update_published",
            ),
            models.Index(fields=["-drafted_at", "-id"], name="update_drafted"),
        ]
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


class UpdateDue(models.Model):
    """One row: an update was due then; answered in time, late, or never before resolution.

    Written once, when the update is published or the clock stops overdue: what adherence counts.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates_due")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    update = models.ForeignKey(
        Update, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["due_at", "id"]
        default_permissions = ("view",)
        verbose_name_plural = "updates due"
        indexes = [models.Index(fields=["due_at"], name="update_was_due")]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.audience} update due"


class VerifiedFact(models.Model):
    """One row: somebody verified that a fact of an incident has this value, and how they know.

    It counts while the fact keeps the value: a fact that is changed is not verified any more.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="verified_facts"
    )
    name = models.CharField(max_length=60, help_text="Of the vocabulary of facts.")
    value = models.JSONField(null=True)
    source = models.CharField(max_length=300, help_text="How it is known.")
    verified_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField()

    class Meta:
        ordering = ["incident", "name", "-verified_at", "-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.name}"


class StatementCopy(models.Model):
    """One row: somebody took the words of a holding statement, to say them to a customer."""

    statement = models.ForeignKey(
        HoldingStatement, on_delete=models.PROTECT, related_name="copies"
    )
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        default_permissions = ("view",)
        verbose_name_plural = "statement copies"

    def __str__(self) -> str:
        return str(self.statement)
