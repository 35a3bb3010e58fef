"""Attestation: people who answer or do in a matrix say, each campaign anew, that they know and accept it."""

from typing import Any

from django.db import models
from django.db.models import Q

from incidents.models.matrix import MatrixVersion
from incidents.models.people import Person
from incidents.rules.reasons import Refused


class AttestationCampaign(models.Model):
    """One row is one round in which everybody accountable or responsible is asked (R28)."""

    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, related_name="campaigns"
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(help_text="The last day to answer.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-opened_at"]
        default_permissions = ("view",)
        permissions = [
            ("open_attestationcampaign", "Can open an attestation campaign"),
            ("close_attestationcampaign", "Can close an attestation campaign"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(closed_at=None), name="one_open_campaign"
            )
        ]

    def __str__(self) -> str:
        return f"Attestation of {self.version}, by {self.due_on:%Y-%m-%d}"


class Attestation(models.Model):
    """One row is what one person was asked in one campaign, and what they answered; never changed then."""

    class Answer(models.TextChoices):
        OPEN = "", "not answered"
        CONFIRMED = "confirmed"
        OBJECTED = "objected"

    campaign = models.ForeignKey(
        AttestationCampaign, on_delete=models.PROTECT, related_name="attestations"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attestations")
    asked = models.JSONField(
        default=list, help_text="What they answer for: [{role, activities: [...]}], as it was."
    )
    answer = models.CharField(
        max_length=9, choices=Answer.choices, default=Answer.OPEN, blank=True
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["campaign", "person__name"]
        default_permissions = ("view",)
        permissions = [("answer_attestation", "Can answer their own attestation")]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "person"], name="asked_once_a_campaign"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="attestation_is_answered_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.campaign}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse `answer_never_changes`: what was answered is evidence."""
        self._require_open()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse `answer_never_changes`."""
        self._require_open()
        return super().delete(*args, **kwargs)

    def _require_open(self) -> None:
        stored = type(self)._default_manager.filter(pk=self.pk)
        if self.pk and stored.exclude(answer=self.Answer.OPEN).exists():
            raise Refused.because(
                "answer_never_changes",
                "What was answered stays: answer anew in the next campaign.",
            )
