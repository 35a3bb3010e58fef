"""Holding statements: words approved in calm, with the only blanks that may be filled."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.catalogue import Scenario
from incidents.models.people import Person
from incidents.models.severity import Audience


class StatementQuerySet(models.QuerySet["HoldingStatement"]):
    """Sentences about statements."""

    def usable(self, on: date) -> Self:
        """Approved, in effect and not expired on this date."""
        return self.filter(status="approved").filter(
            Q(effective_from=None) | Q(effective_from__lte=on),
            Q(expires_on=None) | Q(expires_on__gt=on),
        )


class HoldingStatement(models.Model):
    """One row is one text for a scenario, a severity ("" = any), an audience and a language.

    In several versions: one that `replaces` another retires it once it is approved.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        APPROVED = "approved"
        RETIRED = "retired"

    class Purpose(models.TextChoices):
        FIRST = "first", "first word"
        PROGRESS = "progress", "progress"
        NO_NEWS = "no_news", "no news"
        OVER = "over", "it is over"

    title = models.CharField(max_length=120)
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    severity = models.SlugField(max_length=20, blank=True, help_text="Level code; empty = any.")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    language = models.CharField(max_length=10, default="en")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.FIRST)
    text = models.TextField(help_text="Blanks in braces, such as {service}, {time} and {link}.")
    forbidden = models.TextField(
        blank=True,
        help_text="What must not be claimed of this scenario, one phrase a line.",
    )
    version = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    maker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    cleared_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who of legal counsel signed it off.",
    )
    cleared_at = models.DateTimeField(null=True, blank=True)
    approver = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    effective_from = models.DateField(
        null=True, blank=True, help_text="First day on which it may be used."
    )
    review_on = models.DateField(
        null=True, blank=True, help_text="By when somebody looks at it again."
    )
    expires_on = models.DateField(
        null=True, blank=True, help_text="First day on which it may no longer be used."
    )
    history = HistoricalRecords()

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["scenario", "severity", "audience", "title"]
        permissions = [
            ("clear_holdingstatement", "Can sign off a holding statement as legal counsel"),
            ("approve_holdingstatement", "Can approve a holding statement"),
            ("retire_holdingstatement", "Can retire a holding statement"),
            ("import_holdingstatement", "Can import statement drafts"),
            ("export_holdingstatement", "Can export statements"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("maker")),
                name="statement_maker_is_not_approver",
            ),
            models.CheckConstraint(
                condition=Q(cleared_by=None) | ~Q(cleared_by=F("maker")),
                name="statement_maker_does_not_clear",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | Q(approver__isnull=False, approved_at__isnull=False),
                name="statement_approved_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.title
