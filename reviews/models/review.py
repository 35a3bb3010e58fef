"""The review a closed incident owes: what happened, what contributed, which class of cause."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Incident, Nudged, Person
from incidents.models.records import NUDGE_BOOKKEEPING


class CauseClass(models.Model):
    """One row is one class of root cause; repeats are counted per class."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "cause classes"

    def __str__(self) -> str:
        return self.name


class Review(Nudged):
    """One row is the blameless review of one incident or exercise, due by `due_at`."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="review")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="owned_reviews")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT)
    summary = models.TextField(blank=True)
    impact = models.TextField(blank=True)
    went_well = models.TextField(blank=True)
    cause_class = models.ForeignKey(
        CauseClass, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    repeat_of = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="repeats"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at", "id"]
        permissions = [("publish_review", "Can publish a review")]
        indexes = [
            *Nudged.Meta.indexes,
            models.Index(
                fields=["due_at"], condition=Q(status="draft"), name="review_draft_due"
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.incident.reference}"


class ContributingFactor(models.Model):
    """One row is one circumstance that contributed; factors are conditions, never persons."""

    class Category(models.TextChoices):
        TECHNICAL = "technical"
        PROCESS = "process"
        ORGANISATION = "organisation"
        COMMUNICATION = "communication"
        EXTERNAL = "external"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="factors")
    category = models.CharField(max_length=13, choices=Category.choices)
    text = models.TextField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["review", "id"]

    def __str__(self) -> str:
        return self.text[:80]
