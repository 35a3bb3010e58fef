"""Who hears what is published outside this site: places, and people who subscribed."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.catalogue import Service
from incidents.models.people import Channel
from incidents.models.severity import Audience


class Destination(models.Model):
    """One row is one place where an audience is spoken to: a mailing list, a chat room, a webhook.

    `address` is what the channel's setting puts in the place of {address}; of Statuspage the page.
    """

    name = models.CharField(max_length=120)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    channel = models.CharField(max_length=9, choices=Channel.choices, default=Channel.EMAIL)
    address = models.CharField(max_length=254)
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["audience", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "channel", "address"], name="one_destination_a_place"
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.ATLASSIAN) | Q(audience=Audience.PUBLIC),
                name="statuspage_is_public",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Sentences about subscribers."""

    def listening(self) -> "SubscriberQuerySet":
        """Those who confirmed and did not unsubscribe."""
        return self.filter(confirmed_at__isnull=False, unsubscribed_at=None)


class Subscriber(models.Model):
    """One row is one address that asked for public updates by e-mail; it counts once confirmed.

    Kept no longer than needed: whoever never confirms is forgotten. No row history: it is
    personal data, and what it says of itself are its instants.
    """

    email = models.EmailField(unique=True)
    services = models.ManyToManyField(
        Service, related_name="+", blank=True, help_text="Empty: of any service."
    )
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        # Not "view": who may see everything else need not see these addresses.
        default_permissions = ()
        permissions = [
            ("list_subscriber", "Can see who subscribed to public updates"),
            ("remove_subscriber", "Can remove a subscriber"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(confirmed_at__isnull=False, unsubscribed_at=None),
                name="subscriber_listening",
            ),
            models.Index(
                fields=["asked_at"],
                condition=Q(confirmed_at=None),
                name="subscriber_unconfirmed",
            ),
            models.Index(
                fields=["unsubscribed_at"],
                condition=Q(unsubscribed_at__isnull=False),
                name="subscriber_left",
            ),
        ]

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"
