"""What is owed outside of incidents and reviews: one row a thing, an owner and an instant."""

from django.db import models
from django.db.models import Q

from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.records import Nudged


class Obligation(Nudged):
    """One row: somebody owes something by `due_at`; found by comparing the catalogue with the law.

    `subject_type` and `subject_id` name the row it is about (`incidents.qualification`, 12). A
    derived record: what is settled in its source is settled here by the next look.
    """

    what = models.CharField(max_length=20, choices=NudgePolicy.What.choices)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    title = models.CharField(max_length=250)
    link = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["what", "subject_type", "subject_id"],
                condition=Q(settled_at=None),
                name="owed_once",
            )
        ]

    def __str__(self) -> str:
        return self.title
