"""What evaluators saw and rated, what everybody said after it, and what was exercised."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models import Person
from training.models.game_day import GameDay
from training.models.scenario import Inject, Objective


class Rating(models.TextChoices):
    """HSEEP's four: FEMA Exercise Evaluation Guides."""

    PERFORMED = "P", "performed without challenges"
    SOME = "S", "performed with some challenges"
    MAJOR = "M", "performed with major challenges"
    UNABLE = "U", "unable to be performed"


class Observation(models.Model):
    """One row is what one evaluator saw; fixed once the game day is completed."""

    class Kind(models.TextChoices):
        STRENGTH = "strength"
        IMPROVE = "improve", "area for improvement"
        NEUTRAL = "neutral"

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="observations")
    observer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NEUTRAL)
    text = models.TextField()
    rating = models.CharField(max_length=1, choices=Rating.choices, blank=True)
    story_seconds = models.PositiveIntegerField(help_text="On the story's clock.")
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    injects = models.ManyToManyField(Inject, related_name="+", blank=True)
    objectives = models.ManyToManyField(Objective, related_name="observations", blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["game_day", "observed_at", "id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text[:80]


class ObjectiveRating(models.Model):
    """One row is what one evaluator makes of one objective, with the reason."""

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="ratings")
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="ratings")
    rating = models.CharField(max_length=1, choices=Rating.choices)
    reason = models.TextField()
    rated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    rated_at = models.DateTimeField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["game_day", "objective__number", "rated_at"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["game_day", "objective", "rated_by"], name="one_rating_an_evaluator"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rating_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.objective}: {self.rating}"


class HotWashNote(models.Model):
    """One row is one thing said straight after it."""

    class Kind(models.TextChoices):
        STRENGTH = "strength"
        GAP = "gap"
        PRIORITY = "priority", "one of the first three to change"

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="hot_wash")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField()
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["game_day", "kind", "id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text[:80]


class Feedback(models.Model):
    """One row is one participant's feedback form: how ready they feel, before and after, 1 to 5."""

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="feedback")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ready_before = models.PositiveSmallIntegerField()
    ready_after = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["game_day", "id"]
        default_permissions = ("view",)
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(
                fields=["game_day", "person"], name="one_feedback_a_person"
            ),
            models.CheckConstraint(
                condition=Q(ready_before__range=(1, 5), ready_after__range=(1, 5)),
                name="readiness_from_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} about {self.game_day}"


class Exercised(models.Model):
    """One row: this part of the law was exercised in this game day, by what people did there.

    `key` is "activity:role" of a cell, a statement's slug, a duty's "regime", a service's slug.
    """

    class Kind(models.TextChoices):
        CELL = "cell", "cell of the matrix"
        STATEMENT = "statement", "holding statement"
        DUTY = "duty", "branch of the legal decision tree"
        SERVICE = "service"

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="exercised")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    key = models.CharField(max_length=150)
    exercised_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "key", "-exercised_at"]
        default_permissions = ("view",)
        verbose_name_plural = "exercised"
        constraints = [
            models.UniqueConstraint(
                fields=["game_day", "kind", "key"], name="exercised_once_a_day"
            )
        ]
        indexes = [models.Index(fields=["kind", "key", "-exercised_at"], name="exercised_last")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"
