"""What becomes of a matrix beside what it says: uploads, edits, emergencies, confirmations."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING, Nudged


class MatrixUpload(models.Model):
    """One row is a spreadsheet somebody uploaded, kept until its names are mapped and it is used."""

    file_name = models.CharField(max_length=200)
    rows = models.JSONField()
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="uploads"
    )

    class Meta:
        ordering = ["-uploaded_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.file_name


class MatrixRevision(models.Model):
    """One row is a draft as it stood after one edit, so that any edit can be undone. Never changed."""

    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField(help_text="The version's `revision` after the edit.")
    edited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    summary = models.CharField(max_length=200)
    content = models.JSONField(
        help_text="The whole draft, as `rules.matrix_document` writes it."
    )

    class Meta:
        ordering = ["version", "-number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="one_revision_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.version} revision {self.number}"


class EmergencyChange(Nudged):
    """One row is one version that took effect unapproved; `due_at` is when its approval is owed.

    Once decided nothing is owed: `due_at` stays, so that the report can say how late it was.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved"
        DECLINED = "declined"

    version = models.OneToOneField(
        MatrixVersion, on_delete=models.PROTECT, related_name="emergency"
    )
    reason = models.TextField(help_text="Why it could not wait.")
    enacted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    enacted_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    decision_note = models.TextField(blank=True)
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["-enacted_at"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("enacted_by")),
                name="emergency_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
                name="emergency_decision_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"Emergency change: {self.version}"


class MatrixConfirmation(models.Model):
    """One row: somebody looked at a version in force and found that it still is right (R27)."""

    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, related_name="confirmations"
    )
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-confirmed_at"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.version} confirmed by {self.confirmed_by}"


class CheckLimits(models.Model):
    """The one row of the organisation's thresholds: how many is too many, how old is too old."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    responsible = models.PositiveSmallIntegerField(
        default=3, help_text="R06: most roles responsible for one activity."
    )
    consulted = models.PositiveSmallIntegerField(
        default=4, help_text="R07: most roles consulted before one activity."
    )
    informed = models.PositiveSmallIntegerField(
        default=5, help_text="R08: most roles informed after one activity."
    )
    accountable_percent = models.PositiveSmallIntegerField(
        default=75,
        help_text="R11: most of all activities one role is accountable for, in percent.",
    )
    responsible_percent = models.PositiveSmallIntegerField(
        default=75,
        help_text="R12: most of all activities one role is responsible for, in percent.",
    )
    column_activities = models.PositiveSmallIntegerField(
        default=4, help_text="R11-R13: smaller matrices are not asked about their columns."
    )
    holders = models.PositiveSmallIntegerField(
        default=2, help_text="R16: people qualified for each accountable or responsible role."
    )
    span_least = models.PositiveSmallIntegerField(
        default=3, help_text="R20: fewest roles that report to the commander."
    )
    span_most = models.PositiveSmallIntegerField(
        default=7, help_text="R20: most roles that report to the commander."
    )
    review_days = models.PositiveSmallIntegerField(
        default=180, help_text="R27: days until a matrix in force is to be looked at again."
    )
    load_factor_percent = models.PositiveSmallIntegerField(
        default=150, help_text="R32: most load of one person, in percent of the median."
    )
    emergency_hours = models.PositiveSmallIntegerField(
        default=72, help_text="Hours within which an emergency change is approved or declined."
    )
    consult_minutes = models.PositiveSmallIntegerField(
        default=10,
        help_text="Minutes an act waits for those consulted, where the matrix says none.",
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = "thresholds of the checks"
        verbose_name_plural = "thresholds of the checks"
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_limits")]

    def __str__(self) -> str:
        return "Thresholds of the checks"
