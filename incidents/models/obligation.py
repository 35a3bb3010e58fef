"""What is owed outside of incidents and reviews: one row a thing, an owner and an instant."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from incidents.models.nudging import NudgePolicy
from incidents.models.people import Person
from incidents.models.records import Nudged


class ObligationQuerySet(models.QuerySet["Obligation"]):
    """Sentences about what is owed."""

    def open(self) -> "ObligationQuerySet":
        """Those not settled yet."""
        return self.filter(settled_at=None)

    def about(self, row: models.Model) -> "ObligationQuerySet":
        """What is owed about this row."""
        return self.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk))

    def settle(self, *, at: datetime) -> int:
        """Nothing of these is owed any more, from `at` on; one statement."""
        return self.open().update(settled_at=at, next_nudge_at=None)


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

    objects = ObligationQuerySet.as_manager()

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
