"""How a person wants to be reached for what, and which reminders they do not want."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.people import Channel, Person


class ContactWay(models.Model):
    """One row is one way to reach a person for one purpose; the first there is, is tried first.

    Who has none for a purpose is reached by e-mail. An empty address is the person's own: the
    e-mail address, or the phone number for text messages and calls.
    """

    class Purpose(models.TextChoices):
        PAGE = "page", "pages: something burns"
        NOTICE = "notice", "notices and reminders"
        DIGEST = "digest", "digests"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ways")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    position = models.PositiveSmallIntegerField(default=0, help_text="0 is tried first.")
    channel = models.CharField(max_length=9, choices=Channel.choices)
    address = models.CharField(
        max_length=254, blank=True, help_text="Empty: the person's own e-mail or phone."
    )
    wait_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Unacknowledged for so long, the next way is tried; empty: never.",
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["person", "purpose", "position"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose", "position"], name="one_way_a_position"
            ),
            models.CheckConstraint(
                condition=Q(wait_minutes=None) | Q(wait_minutes__gte=1), name="way_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} by {self.get_channel_display()}"


class Muted(models.Model):
    """One row: this person unsubscribed from one kind of message that may be muted."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="muted")
    kind = models.SlugField(max_length=50)
    muted_at = models.DateTimeField()

    class Meta:
        ordering = ["person", "kind"]
        default_permissions = ("view",)
        verbose_name_plural = "muted"
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="muted_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind}"
