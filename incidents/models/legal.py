"""Legal clocks: what the law or our own policy wants answered, and by when."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING, Nudged


class LegalClock(Nudged):
    """One row is one running question of one incident, such as counsel within the first hour."""

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="legal_clocks"
    )
    kind = models.SlugField(max_length=60, help_text="counsel, or the regime and its stage.")
    basis = models.CharField(max_length=300, help_text="The fact and the rule that started it.")
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(blank=True)
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["incident", "kind"], name="one_legal_clock_a_kind")
        ]
        indexes = [
            *Nudged.Meta.indexes,
            models.Index(
                fields=["due_at"], condition=Q(answered_at=None), name="legal_open_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.kind}"
