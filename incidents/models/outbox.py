"""The outbox: every promised message, what carries each channel, and what people reply."""

from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from incidents.models.people import Channel, Person


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    """Sentences about messages."""

    def due(self, at: datetime) -> "OutboxQuerySet":
        """What may be sent now: a page before a digest, the oldest first."""
        return self.filter(status="pending", next_attempt_at__lte=at).order_by(
            "priority", "next_attempt_at", "id"
        )


class OutboxMessage(models.Model):
    """One row is one promised message, composed in the transaction of its act.

    Composed exactly once (`dedupe_key`), sent at least once: claim, send, settle; void is what
    was withdrawn before its time. While a worker holds it, `next_attempt_at` is the end of its
    lease, so a dead worker's row comes back. What goes into a digest is held until the digest
    is composed, and gathered then: the digest is sent in its stead.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        DEAD = "dead"
        VOID = "void"
        HELD = "held"
        GATHERED = "gathered"

    class Priority(models.IntegerChoices):
        PAGE = 0
        NOTICE = 5
        DIGEST = 9

    class Means(models.TextChoices):
        LINK = "link", "the link in the message"
        REPLY = "reply", "a reply"
        ACT = "act", "an act in the incident"

    dedupe_key = models.CharField(max_length=200, unique=True)
    kind = models.SlugField(max_length=50)
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NOTICE
    )
    channel = models.CharField(max_length=9, choices=Channel.choices, default=Channel.EMAIL)
    recipient = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    role = models.CharField(max_length=50, blank=True, help_text="In which role they are told.")
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    body = models.TextField()
    link = models.CharField(max_length=300, blank=True, help_text="Path on this site.")
    topic = models.CharField(max_length=40, blank=True, help_text="Reference of the incident.")
    calendar = models.TextField(
        blank=True, help_text="An iCalendar object that goes with it where it goes by e-mail."
    )
    is_optional = models.BooleanField(
        default=False, help_text="Whether the recipient may unsubscribe from this kind."
    )
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=36, blank=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When it was to leave; lateness counts from here.")
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    # The way to the recipient: which of their ways this is, and what comes of silence.
    way = models.PositiveSmallIntegerField(
        default=0, help_text="Which of the recipient's ways this is: 0 the first."
    )
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by",
        help_text="The message that nobody acknowledged, or that could not be sent.",
    )  # fmt: skip
    fall_back_at = models.DateTimeField(
        null=True, blank=True, help_text="Unacknowledged by then, the next way is tried."
    )
    code = models.CharField(
        max_length=8, blank=True, help_text="What a reply must contain to acknowledge it."
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=5, choices=Means.choices, blank=True)
    digest = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts",
        help_text="The digest that says it.",
    )  # fmt: skip

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [
            ("resend_outboxmessage", "Can send a dead message again"),
            ("acknowledge_outboxmessage", "Can acknowledge a message to them"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "priority", "next_attempt_at", "id"],
                condition=Q(status="pending"),
                name="outbox_due",
            ),
            # Order is kept within a lane: recipient, topic and channel.
            models.Index(
                fields=["recipient", "topic", "channel", "id"],
                condition=Q(status="pending"),
                name="outbox_lane",
            ),
            # ... and of whom or what is no person: an address, topic and channel.
            models.Index(
                fields=["address", "topic", "channel", "id"],
                condition=Q(status="pending", recipient=None),
                name="outbox_place",
            ),
            # Where an address is to be forgotten, whatever became of the message.
            models.Index(
                fields=["address"],
                condition=Q(recipient=None),
                name="outbox_stranger",
            ),
            models.Index(
                fields=["next_attempt_at", "recipient"],
                condition=Q(status="held"),
                name="outbox_held",
            ),
            models.Index(
                fields=["fall_back_at"],
                condition=Q(fall_back_at__isnull=False),
                name="outbox_fall_back",
            ),
            models.Index(fields=["sent_at", "due_at"], name="outbox_sent"),
            models.Index(fields=["id"], condition=Q(status="dead"), name="outbox_dead"),
            models.Index(fields=["topic"], name="outbox_topic"),
        ]

    def __str__(self) -> str:
        return self.subject


class Outlet(models.Model):
    """One row is what carries one channel: how fast it may go, and whether it is left alone.

    Locking the row puts the claims of its channel in a line. `tokens` at `tokens_at` is how many
    messages might go at once then; they grow by `rate_per_minute`.
    """

    channel = models.CharField(primary_key=True, max_length=9, choices=Channel.choices)
    rate_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Messages a minute at most; empty: no limit."
    )
    tokens = models.FloatField(default=0, editable=False)
    tokens_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="How often in a row it could not be reached."
    )
    paused_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["channel"]
        default_permissions = ("view",)
        permissions = [("set_outlet", "Can limit how fast a channel sends")]

    def __str__(self) -> str:
        return self.get_channel_display()


class Reply(models.Model):
    """One row is one reply that came in by a channel, as it came; kept whatever it says."""

    class Outcome(models.TextChoices):
        ACKNOWLEDGED = "acknowledged"
        UNKNOWN = "unknown", "no message waits for this"
        UNREADABLE = "unreadable"

    channel = models.CharField(max_length=9, choices=Channel.choices)
    external_id = models.CharField(
        max_length=200, help_text="The provider's; each counts once."
    )
    received_at = models.DateTimeField(db_index=True)
    sender = models.CharField(max_length=254, blank=True)
    text = models.TextField(blank=True)
    payload = models.JSONField(
        default=dict, encoder=DjangoJSONEncoder, help_text="As it came in."
    )
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    problem = models.CharField(max_length=300, blank=True)
    message = models.ForeignKey(
        OutboxMessage, on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )

    class Meta:
        ordering = ["-received_at", "-id"]
        default_permissions = ("view",)
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="replied_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} of {self.sender or 'somebody'}"
