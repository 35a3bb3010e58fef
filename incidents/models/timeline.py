"""The timeline of an incident: what happened when, and where we know it from."""

from django.db import models

from incidents.models.incident import Incident
from incidents.models.people import Person


class TimelineEntry(models.Model):
    """One row is one thing that happened, when it happened, and where we know it from."""

    class Source(models.TextChoices):
        HUMAN = "human"
        ACT = "act"
        MONITORING = "monitoring"
        CHAT = "chat"
        DEPLOYMENT = "deployment"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.HUMAN)
    text = models.TextField()
    author = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        default_permissions = ("view",)
        verbose_name_plural = "timeline entries"
        indexes = [models.Index(fields=["incident", "at", "id"], name="timeline_in_order")]

    def __str__(self) -> str:
        return self.text[:80]
