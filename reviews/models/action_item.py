"""Action items: one accountable owner, a due date, a kind, nudged until done."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Nudged, Person
from incidents.models.records import NUDGE_BOOKKEEPING
from reviews.models.review import Review


class ActionItem(Nudged):
    """One row is one thing to do. `due_at` is the instant `due_on` is over for its owner.

    `original_due_on` never changes: completion on time is measured against it.
    """

    class Kind(models.TextChoices):
        PREVENT = "prevent", "prevent it"
        DETECT = "detect", "detect it sooner"
        MITIGATE = "mitigate", "limit the damage"
        RESPOND = "respond", "respond better"

    class Element(models.TextChoices):
        """The capability element an improvement is about (HSEEP, improvement plan)."""

        PLANNING = "planning"
        ORGANISATION = "organisation"
        EQUIPMENT = "equipment"
        TRAINING = "training"
        EXERCISE = "exercise"

    class Status(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"
        ACCEPTED_RISK = "accepted_risk", "risk accepted"

    reference = models.CharField(max_length=20, unique=True, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="action_items")
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    element = models.CharField(
        max_length=12, choices=Element.choices, blank=True,
        help_text="Of an improvement that an exercise showed.",
    )  # fmt: skip
    capability = models.CharField(
        max_length=80, blank=True, help_text="What of an exercise's objectives it improves."
    )
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="action_items")
    due_on = models.DateField()
    original_due_on = models.DateField(editable=False)
    status = models.CharField(max_length=13, choices=Status.choices, default=Status.OPEN)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="What was done, or why it is not.")
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at", "id"]
        permissions = [
            ("finish_actionitem", "Can finish an action item"),
            ("reschedule_actionitem", "Can reschedule an action item"),
            ("reassign_actionitem", "Can reassign an action item"),
            ("import_actionitem", "Can import action items"),
            ("export_actionitem", "Can export action items"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", finished_at=None)
                | (~Q(status="open") & Q(finished_at__isnull=False)),
                name="finished_item_has_an_instant",
            )
        ]
        indexes = [
            *Nudged.Meta.indexes,
            models.Index(fields=["due_at"], condition=Q(status="open"), name="item_open_due"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"
