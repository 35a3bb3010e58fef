"""Alerts: what monitoring or a person says, and whether it became an incident."""

from django.db import models
from django.db.models import Q

from incidents.models.catalogue import Service
from incidents.models.incident import Incident
from incidents.models.people import Person


class Alert(models.Model):
    """One row is one alert that proposes an incident; who accepts or dismisses it says so once.

    A dismissal is kept for ever with its reason: auditors ask for triage of what was no incident.
    `problems` are what could not be used of it: [{code, message}], such as an unknown service or
    a clock that runs ahead of ours.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"

    source = models.SlugField(max_length=40)
    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    services = models.ManyToManyField(Service, related_name="alerts", blank=True)
    facts = models.JSONField(default=dict)
    url = models.URLField(max_length=500, blank=True)
    detected_at = models.DateTimeField()
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    problems = models.JSONField(default=list)
    payload = models.JSONField(default=dict, help_text="As it came in.")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PROPOSED)
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        default_permissions = ("view",)
        permissions = [
            ("receive_alert", "Can hand in an alert"),
            ("accept_alert", "Can accept an alert"),
            ("dismiss_alert", "Can dismiss an alert"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="alerted_once"),
            models.CheckConstraint(
                condition=Q(status="proposed")
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="alert_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted") | Q(incident__isnull=False),
                name="accepted_alert_has_an_incident",
            ),
            models.CheckConstraint(
                condition=~Q(status="dismissed") | ~Q(reason=""),
                name="dismissed_alert_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(status="proposed"), name="alert_proposed"
            ),
            models.Index(fields=["-received_at", "-id"], name="alert_newest"),
            # What waits for somebody comes first: p sorts behind a and d.
            models.Index(fields=["-status", "-received_at", "-id"], name="alert_waiting_first"),
        ]

    def __str__(self) -> str:
        return self.title
