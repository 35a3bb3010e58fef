"""Command in motion: hand-overs offered, commanders called, changes suggested."""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.catalogue import Service
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Role


class HandOver(models.Model):
    """One row: a commander offers command with a briefing; it moves once the other accepts.

    Until then the giver commands. An incident has one open offer at most.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        LAPSED = "lapsed", "lapsed: command moved otherwise, or the incident ended"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="hand_overs")
    giver = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    status = models.TextField(help_text="Where we stand.")
    decisions = models.TextField(blank=True, help_text="What was decided and holds.")
    next_update = models.TextField(blank=True, help_text="What must be said next, and when.")
    open_questions = models.TextField(blank=True, help_text="What nobody knows yet.")
    offered_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=9, choices=Outcome.choices, default=Outcome.OPEN, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-offered_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident"], condition=Q(outcome=""), name="one_open_hand_over"
            ),
            models.CheckConstraint(condition=~Q(giver=F("to")), name="hand_over_is_to_another"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None)
                | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="ended_hand_over_has_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.giver} to {self.to}"


class CommandCall(models.Model):
    """One row: a commander must answer by `due_at`, else the deputy takes over.

    Asked by the system when command is given, or by anybody here later on.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "waiting"
        ANSWERED = "answered"
        TAKEN_OVER = "taken_over", "the deputy took over"
        NOBODY = "nobody", "nobody could take over: leadership was told"
        ENDED = "ended", "command moved otherwise, or the incident ended"

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="calls")
    asked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=10, choices=Outcome.choices, default=Outcome.OPEN, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(outcome=""), name="one_open_command_call"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(outcome=""), name="command_call_due")
        ]

    def __str__(self) -> str:
        return f"{self.assignment.incident.reference}: {self.assignment.person}"


class Suggestion(models.Model):
    """One row: the rules would now give this role to somebody else; a person accepts it or not.

    `person` is null where nobody can be found: then it says only that the role needs somebody.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "open"
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"
        OBSOLETE = "obsolete", "no longer true"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="suggestions")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    instead_of = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.CharField(max_length=300, help_text="What changed.")
    reason = models.CharField(max_length=300, help_text="Why this person.")
    rejected = models.JSONField(default=list, help_text="Who was not chosen, each with why.")
    made_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=9, choices=Outcome.choices, default=Outcome.OPEN, blank=True
    )
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "role"],
                condition=Q(outcome="", service=None),
                name="one_open_suggestion_a_role",
            ),
            models.UniqueConstraint(
                fields=["incident", "role", "service"],
                condition=Q(outcome=""),
                name="one_open_suggestion_a_service",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.role}"
