"""Decisions of the commander, and what others propose to decide."""

from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.people import Person


class Topic(models.TextChoices):
    """What a decision is about: the first three are the commander's alone, others propose them."""

    RESOURCES = "resources", "resources"
    ESCALATION = "escalation", "escalation and its timing"
    OPERATIONS = "operations", "operational steps"
    OTHER = "other", "anything else"


class Proposal(models.Model):
    """One row is one thing somebody here proposes to decide; the commander decides or declines it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="proposals")
    topic = models.CharField(max_length=10, choices=Topic.choices, default=Topic.OPERATIONS)
    question = models.CharField(max_length=300)
    text = models.TextField(help_text="What is proposed, and why.")
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    declined_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["proposed_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(declined_at=None) | Q(declined_by__isnull=False),
                name="proposal_is_declined_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.question


class Decision(models.Model):
    """One row is one decision: question, inputs, answer, by which authority, when to look again.

    `inputs` are what those consulted said: [{"person": username, "role": slug, "said": text}].
    The database holds it as it was written (incidents.models.triggers); only `revisit_told_at` is
    set later, once, when the commander was told to look at it again.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    topic = models.CharField(max_length=10, choices=Topic.choices, default=Topic.OTHER)
    question = models.CharField(max_length=300)
    inputs = models.JSONField(default=list)
    decision = models.TextField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    authority = models.CharField(max_length=120)
    decided_at = models.DateTimeField()
    revisit_at = models.DateTimeField(null=True, blank=True)
    revisit_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="decision"
    )

    class Meta:
        ordering = ["decided_at", "id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["revisit_at"],
                condition=Q(revisit_at__isnull=False, revisit_told_at=None),
                name="decision_revisit_due",
            )
        ]

    def __str__(self) -> str:
        return self.question
