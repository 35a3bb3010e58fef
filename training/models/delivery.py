"""What is fed to the players of one game day, and what becomes of it."""

from django.db import models
from django.db.models import Q

from incidents.models import Person
from training.models.game_day import GameDay
from training.models.scenario import Inject


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Sentences about deliveries."""

    def delivered(self) -> "DeliveryQuerySet":
        """What the players have got, in the order they got it."""
        return self.filter(state=Delivery.State.RELEASED).order_by("released_at", "id")


class Delivery(models.Model):
    """One row is one inject in one game day: held back, released to the players, or skipped.

    `story_seconds` is when the story's clock is to release it, `due_at` the instant that falls on
    while the clock runs; null while it stands still, waits at a gate, or the inject comes by hand.
    """

    class State(models.TextChoices):
        HELD = "held"
        RELEASED = "released"
        SKIPPED = "skipped"

    game_day = models.ForeignKey(GameDay, on_delete=models.PROTECT, related_name="deliveries")
    inject = models.ForeignKey(Inject, on_delete=models.PROTECT, related_name="deliveries")
    story_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    released_at = models.DateTimeField(null=True, blank=True)
    released_story_seconds = models.PositiveIntegerField(null=True, blank=True)
    released_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="None: the clock.",
    )  # fmt: skip
    note = models.CharField(
        max_length=300, blank=True, help_text="Why skipped, or what was decided."
    )
    passed_at = models.DateTimeField(
        null=True, blank=True, help_text="Of a gate: when the players had decided."
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["game_day", "story_seconds", "inject__number"]
        default_permissions = ("view",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["game_day", "inject"], name="delivered_once"),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(released_at__isnull=False),
                name="released_has_an_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state="held", due_at__isnull=False),
                name="delivery_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.game_day}: {self.inject}"
