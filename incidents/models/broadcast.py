"""What a published update still has to reach: the many by e-mail, the status page, its contracts."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.customer import NoticeClause
from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING, Nudged
from incidents.models.update import Update


class Broadcast(models.Model):
    """One row: a published update is to be composed to many; a sweep does it, some at a time.

    `after` is the key of the last recipient composed to, so that a killed worker goes on from there.
    """

    class To(models.TextChoices):
        SUBSCRIBERS = "subscribers"
        CUSTOMERS = "customers"

    update = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="broadcasts")
    to = models.CharField(max_length=11, choices=To.choices)
    asked_at = models.DateTimeField()
    after = models.BigIntegerField(default=0)
    composed = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["update", "to"], name="one_broadcast_a_crowd")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(finished_at=None), name="broadcast_open")
        ]

    def __str__(self) -> str:
        return f"{self.update} to {self.to}"


class StatusPage(models.Model):
    """The one row that says whether the written status page is up to date: `written` = `asked`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    asked = models.BigIntegerField(default=0)
    written = models.BigIntegerField(default=-1, help_text="-1: never.")
    written_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_status_page")]

    def __str__(self) -> str:
        return "Status page"


class NoticeClock(Nudged):
    """One row: what one clause of a contract wants told about one incident, and by when."""

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="notice_clocks"
    )
    clause = models.ForeignKey(NoticeClause, on_delete=models.PROTECT, related_name="clocks")
    started_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    update = models.ForeignKey(
        Update, on_delete=models.PROTECT, null=True, blank=True, related_name="notices",
        help_text="The update that gave it.",
    )  # fmt: skip
    how = models.TextField(blank=True, help_text="How it was given, or why it is not owed.")
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "clause"], name="one_notice_clock_a_clause"
            )
        ]
        indexes = [
            *Nudged.Meta.indexes,
            models.Index(
                fields=["due_at"],
                condition=Q(given_at=None, due_at__isnull=False),
                name="notice_open_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.clause}"
