"""How an incident follows the matrix: who acts for whom, who was asked, what was done by whom."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.incident import Incident
from incidents.models.matrix import Activity
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.rules.acts import ACTS


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Sentences about delegations."""

    def running(self, at: datetime) -> Self:
        """Begun, not over, not taken back."""
        return self.filter(starts_at__lte=at, ends_at__gt=at, revoked_at=None)


class Delegation(models.Model):
    """One row: the holder of a role lets a named person act in his place in [starts_at, ends_at).

    The giver stays accountable (R21: work is delegated, accountability is not).
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="delegations")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(
        max_length=30,
        blank=True,
        choices=[(act.code, act.label) for act in ACTS.values()],
        help_text="The one act it is for; empty for every act of the role.",
    )
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="delegation_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(giver=F("to")), name="delegation_is_to_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} to {self.to}: {self.role}"


class Consultation(models.Model):
    """One row is one question, put before an act to those its activity consults.

    The act waits until everybody has answered or until `proceeds_at`, whichever comes first.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="consultations"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    question = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    proceeds_at = models.DateTimeField()
    at_once_because = models.TextField(
        blank=True, help_text="Why the act did not wait for the answers; empty = it waits."
    )

    class Meta:
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.activity}"


class Advice(models.Model):
    """One row is one person asked in a consultation, and what they answered."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="advice"
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["consultation", "id"]
        default_permissions = ("view",)
        verbose_name_plural = "advice"
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "role", "person"], name="asked_once_in_a_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"


class Performance(models.Model):
    """One row: an activity of the pinned matrix was done in an incident, by whom and in which role.

    `departures` are where that differs from the matrix: [{code, message}]; `reason` says why.
    """

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="performances"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(
        max_length=30, blank=True, help_text="The act; empty if ticked off."
    )
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(
        Role,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The role of the matrix they held or stood in for; none = they held no part in it.",
    )
    done_at = models.DateTimeField()
    note = models.TextField(blank=True)
    departures = models.JSONField(default=list)
    reason = models.TextField(blank=True, help_text="Why it departed from the matrix.")
    reason_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["done_at", "id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["incident", "activity"], name="performance_of_activity")
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.activity}"


class Omission(models.Model):
    """One row: an activity of the pinned matrix was not done in an incident, and why.

    Should it be done after all, the performance counts and this stays as what was said before.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="omissions")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    explained_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField()

    class Meta:
        ordering = ["explained_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "activity"], name="explained_once_why_not_done"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: not {self.activity}"
