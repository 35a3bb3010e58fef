"""What is kept about acts: the audit chain, heartbeats, numbers, nudges."""

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


class Heartbeat(models.Model):
    """One row is one part that must stay alive, and when it last said so.

    Processes are named `worker:…` and `beat:…`, with host and process.
    """

    name = models.CharField(primary_key=True, max_length=120)
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
