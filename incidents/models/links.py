"""How incidents hang together: duplicates, splits, repeats, relatives."""

from django.db import models
from django.db.models import F, Q

from incidents.models.incident import Incident
from incidents.models.people import Person


class IncidentLink(models.Model):
    """One row says what one incident is to another: "INC-5 is a duplicate of INC-4"."""

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", "is a duplicate of"
        SPLIT = "split", "was split from"
        CAUSED = "caused", "was caused by"
        RELATED = "related", "is related to"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    other = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="linked_from")
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind", "other"], name="linked_once_in_a_way"
            ),
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(kind="duplicate"),
                name="duplicate_of_one",
            ),
            models.CheckConstraint(
                condition=~Q(incident=F("other")), name="no_incident_is_linked_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference} {self.get_kind_display()} {self.other.reference}"
