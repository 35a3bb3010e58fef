"""Who was called by an escalation step, how often, and whether they answered."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.people import Channel, Person
from incidents.models.roles import Role
from incidents.models.severity import SeverityLevel


class EscalationCallQuerySet(models.QuerySet["EscalationCall"]):
    """Sentences about calls."""

    def due(self, at: datetime) -> Self:
        """To be made, repeated or passed on now; the oldest first."""
        return self.filter(next_call_at__lte=at).order_by("next_call_at", "id")


class EscalationCall(models.Model):
    """One row: under one step of a level, one person is called until somebody answers.

    `step` names the role of the step, `line` who is asked: 0 the step's own role, 1 who comes
    next in line, and so on. `next_call_at` is when the sweep must act on it; null = it is over.
    Without a person nobody could be found, and the row says so.
    """

    class Ended(models.TextChoices):
        OPEN = "", "waiting"
        ANSWERED = "answered"
        PASSED_ON = "passed_on", "nobody answered: the next in line was called"
        EXHAUSTED = "exhausted", "nobody answered and nobody is next in line"
        TOLD = "told", "told once, as the step says"
        WITHDRAWN = "withdrawn", "the level changed or the incident ended"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="calls")
    level = models.ForeignKey(SeverityLevel, on_delete=models.PROTECT, related_name="+")
    step = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    line = models.PositiveSmallIntegerField(default=0)
    role = models.ForeignKey(
        Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="In which role they are called; none = as leadership.",
    )  # fmt: skip
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=9, choices=Channel.choices)
    due_at = models.DateTimeField(help_text="When the first call is to be made.")
    calls = models.PositiveSmallIntegerField(default=0, help_text="Made so far.")
    first_called_at = models.DateTimeField(null=True, blank=True)
    last_called_at = models.DateTimeField(null=True, blank=True)
    next_call_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(
        max_length=9, choices=Ended.choices, default=Ended.OPEN, blank=True
    )

    objects = EscalationCallQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "step", "line", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "level", "step", "line", "person"],
                name="called_once_in_a_line",
            ),
            models.UniqueConstraint(
                fields=["incident", "level", "step", "line"],
                condition=Q(person=None),
                name="nobody_found_once_in_a_line",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_call_at", "id"],
                condition=Q(next_call_at__isnull=False),
                name="call_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.person or 'nobody'}"
