"""What each role asks for, and what shows that somebody has it."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Incident, Person, Role
from training.models.game_day import GameDay


class Proof(models.TextChoices):
    """What a role can ask for, and what evidence can show. PagerDuty: seen, shadowed, then led."""

    TRAINING = "training", "training attended"
    SEEN = "seen", "incident taken part in"
    SHADOWED = "shadowed", "shadowed the role in an incident"
    REVERSE_SHADOWED = "reverse", "held the role, shadowed by a holder"
    HELD = "held", "held the role in an incident"
    PLAYED = "played", "played the role in an exercise"
    LED = "led", "led an exercise"


class RoleStandard(models.Model):
    """One row is what one role asks of those who hold it, and how many of them there should be."""

    role = models.OneToOneField(
        Role, on_delete=models.PROTECT, primary_key=True, related_name="standard"
    )
    valid_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=365,
        help_text="Days after which it must be granted anew; empty: it does not lapse.",
    )  # fmt: skip
    holders_wanted = models.PositiveSmallIntegerField(
        default=2, help_text="How many people should be qualified at any time."
    )
    note = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "what roles ask for"
        ordering = ["role__position"]

    def __str__(self) -> str:
        return f"What {self.role} asks for"


class Requirement(models.Model):
    """One row: so many proofs of one kind, not older than so many days."""

    standard = models.ForeignKey(
        RoleStandard, on_delete=models.PROTECT, related_name="requirements"
    )
    kind = models.CharField(max_length=8, choices=Proof.choices)
    title = models.CharField(
        max_length=120, blank=True, help_text="Which training; empty: any of the kind."
    )
    count = models.PositiveSmallIntegerField(default=1)
    within_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Only what is not older counts; empty: whatever its age.",
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["standard", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "kind", "title"], name="one_requirement_a_kind"
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="requirement_asks_for_some"),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.title or self.get_kind_display()}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Sentences about evidence."""

    def counting(self) -> "EvidenceQuerySet":
        """Not withdrawn."""
        return self.filter(withdrawn_at=None)


class Evidence(models.Model):
    """One row shows one thing a person did for one role; withdrawn it no longer counts.

    `recorded_by` is null where the product itself saw it: an incident closed, an exercise completed.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="evidence")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=8, choices=Proof.choices)
    title = models.CharField(max_length=200)
    happened_on = models.DateField()
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    game_day = models.ForeignKey(
        GameDay, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence"
    )
    link = models.URLField(blank=True, help_text="Where a certificate or a record lies.")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    history = HistoricalRecords()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-id"]
        verbose_name_plural = "evidence of competence"
        default_permissions = ("view",)
        permissions = [
            ("record_evidence", "Can record evidence about others"),
            ("withdraw_evidence", "Can withdraw evidence"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "kind", "incident"],
                condition=Q(withdrawn_at=None, incident__isnull=False),
                name="one_evidence_an_incident",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "kind", "game_day"],
                condition=Q(withdrawn_at=None, game_day__isnull=False),
                name="one_evidence_a_game_day",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "role", "-happened_on"], name="evidence_of_person")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.title}"
