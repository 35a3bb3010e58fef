"""The register of classifications: every level an incident was given, beside the computed one."""

from django.db import models

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.severity import SeverityLevel


class Classification(models.Model):
    """One row: at this instant the incident had this level, while the criteria computed that one.

    The first is its declaration. `kept` says that a proposed level was declined with a reason.
    An incident is under-called where its level is lower than the computed one, over-called where
    it is higher.
    """

    class Kind(models.TextChoices):
        DECLARED = "declared"
        SET = "set"
        KEPT = "kept"

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="classifications"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    level = models.ForeignKey(SeverityLevel, on_delete=models.PROTECT, related_name="+")
    computed = models.ForeignKey(SeverityLevel, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["set_at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["incident", "set_at"], name="classified_in_order")]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.level}"
