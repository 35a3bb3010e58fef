"""Customers, what they use, and what their contracts promise to tell them by when."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.catalogue import Service
from incidents.models.people import Person


class Customer(models.Model):
    """One row is one customer with the services they use and whom we write to there."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)
    services = models.ManyToManyField(Service, related_name="customers", blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True, help_text="Empty: nobody is written to.")
    language = models.CharField(max_length=10, default="en")
    account_manager = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords(m2m_fields=[services])

    class Meta:
        ordering = ["name"]
        permissions = [
            ("import_customer", "Can import customers"),
            ("export_customer", "Can export customers"),
        ]

    def __str__(self) -> str:
        return self.name


class NoticeClause(models.Model):
    """One row is one promise of a contract: so many hours after an incident begins, this is told.

    Where it concerns personal data it holds once that may be exposed, whatever the level. Else it
    holds for incidents of the levels named (none: of any) that touch the services named (none:
    any service the customer uses).
    """

    class Start(models.TextChoices):
        """What starts its clock."""

        DETECTED = "detected", "detection"
        DECLARED = "declared", "declaration"
        AWARENESS = "awareness", "awareness of a breach of personal data"

    class Concern(models.TextChoices):
        """What it is about."""

        ANY = "any", "any incident"
        PERSONAL_DATA = "personal_data", "personal data that may be exposed"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="clauses")
    title = models.CharField(max_length=160)
    hours = models.PositiveSmallIntegerField(help_text="Hours to the notice.")
    concerns = models.CharField(max_length=13, choices=Concern.choices, default=Concern.ANY)
    starts = models.CharField(max_length=9, choices=Start.choices, default=Start.DETECTED)
    levels = models.JSONField(
        default=list, blank=True, help_text="Codes of severity levels; empty: any."
    )
    services = models.ManyToManyField(Service, related_name="+", blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True, help_text="Empty: the customer's own.")
    content = models.TextField(help_text="What the notice must say.")
    source = models.CharField(max_length=200, blank=True, help_text="Where it was agreed.")
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords(m2m_fields=[services])

    class Meta:
        ordering = ["customer", "hours", "title"]
        constraints = [
            models.CheckConstraint(condition=Q(hours__gte=1), name="notice_is_due_in_hours")
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.title}"
