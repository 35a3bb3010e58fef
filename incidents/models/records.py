"""What is kept about acts: the audit chain, the outbox, heartbeats, numbers, nudges."""

from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from incidents.models.people import Person


class AuditEvent(models.Model):
    """One row is one act. Each hash covers the row and the hash before it; none is ever changed."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_events"
    )
    actor_name = models.CharField(max_length=150, help_text="The name as it was then.")
    verb = models.CharField(max_length=60, db_index=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.actor_name} {self.verb} {self.subject}"


class AuditHead(models.Model):
    """The one row that says where the chain ends; locking it puts acts in a line."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_audit_head")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash}"


class Counter(models.Model):
    """One row is one gap-free series of numbers; taken inside the transaction that uses it."""

    name = models.CharField(primary_key=True, max_length=40)
    value = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


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
    was withdrawn before its time. While a worker holds it, `next_attempt_at` is the end of its lease, so a dead worker's row comes back.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        DEAD = "dead"
        VOID = "void"

    class Priority(models.IntegerChoices):
        PAGE = 0
        NOTICE = 5
        DIGEST = 9

    dedupe_key = models.CharField(max_length=200, unique=True)
    kind = models.SlugField(max_length=50)
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NOTICE
    )
    recipient = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    role = models.CharField(max_length=50, blank=True, help_text="In which role they are told.")
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    body = models.TextField()
    link = models.CharField(max_length=300, blank=True, help_text="Path on this site.")
    topic = models.CharField(max_length=40, blank=True, help_text="Reference of the incident.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=36, blank=True, editable=False)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions = [("resend_outboxmessage", "Can send a dead message again")]
        indexes = [
            models.Index(
                fields=["priority", "next_attempt_at", "id"],
                condition=Q(status="pending"),
                name="outbox_due",
            ),
            models.Index(fields=["topic"], name="outbox_topic"),
        ]

    def __str__(self) -> str:
        return self.subject


class Heartbeat(models.Model):
    """One row is one part that must stay alive, and when it last said so."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"


class Nudged(models.Model):
    """A row that owes something by `due_at` and is nudged along a ladder until it is done.

    `next_nudge_at` is when the sweep must look again (null = nothing more is owed);
    `nudged_through` is the last step of the ladder that was composed. Both are bookkeeping of
    the sweep, left out of row history and the only columns written without it.
    """

    due_at = models.DateTimeField(null=True, blank=True)
    next_nudge_at = models.DateTimeField(null=True, blank=True, editable=False)
    nudged_through = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                fields=["next_nudge_at"],
                condition=Q(next_nudge_at__isnull=False),
                name="%(class)s_nudge_due",
            )
        ]


NUDGE_BOOKKEEPING = ["next_nudge_at", "nudged_through"]
