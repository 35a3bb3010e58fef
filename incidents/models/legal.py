"""The law on an incident: what was said and by whom, the clocks, what was filed or decided not to be."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import NUDGE_BOOKKEEPING, Nudged
from incidents.rules import legal_words


class FactSaid(models.Model):
    """One row is one answer: a fact or the instant of a legal clock, who said so, and when.

    The latest of a name holds. `is_unknown`: asked, and nobody knows; the question stays open.
    Never changed, never deleted.
    """

    class Kind(models.TextChoices):
        FACT = "fact"
        CLOCK = "clock"

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="facts_said")
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.FACT)
    name = models.CharField(max_length=80)
    value = models.JSONField(null=True, help_text="A clock's is an ISO instant in UTC.")
    is_unknown = models.BooleanField(default=False)
    source = models.CharField(max_length=300, blank=True, help_text="How it is known.")
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["said_at", "id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["incident", "said_at"], name="fact_said_incident")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_unknown=False) | Q(value=None), name="unknown_has_no_value"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.name}"


class LegalClock(Nudged):
    """One row is one running duty of one incident: counsel within the hour, or a stage of a regime.

    `due_at` is the conservative instant, `permitted_until` the later one the law allows. Where the
    law has no number (`is_fixed` false) it is our own target, or null. Without `started_at` its
    event has not happened yet. Never deleted: it is met, late, stood down, or void because there
    was no incident; once settled it stands.
    """

    class Outcome(models.TextChoices):
        MET = "met"
        LATE = "late"
        STOOD_DOWN = "stood_down", "stood down"
        VOID = "void", "void: no incident"

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="legal_clocks"
    )
    kind = models.SlugField(max_length=130, help_text="counsel, or the regime and its stage.")
    regime = models.CharField(max_length=80, blank=True)
    stage = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=300, help_text="What is owed, in the pack's words.")
    recipients = models.JSONField(default=list, help_text="Whom to notify, as the pack codes.")
    confidence = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=500, help_text="The fact and the rule that started it.")
    clock = models.CharField(max_length=60, blank=True, help_text="The event it starts with.")
    is_assumed = models.BooleanField(
        default=False, help_text="Nobody said yet when its event was."
    )
    is_fixed = models.BooleanField(default=True, help_text="The law gives a number.")
    zone = models.CharField(max_length=64, default="UTC")
    started_at = models.DateTimeField(null=True, blank=True)
    permitted_until = models.DateTimeField(null=True, blank=True)
    doubted_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when its facts do not call for it any more."
    )
    doubt = models.TextField(blank=True, help_text="Which facts, in a sentence.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(blank=True)
    late_reason = models.TextField(blank=True)
    history = HistoricalRecords(excluded_fields=NUDGE_BOOKKEEPING)

    class Meta(Nudged.Meta):
        abstract = False
        ordering = ["due_at"]
        default_permissions = ("view",)
        permissions = [("export_legalclock", "Can export the ledger of legal clocks")]
        constraints = [
            models.UniqueConstraint(fields=["incident", "kind"], name="one_legal_clock_a_kind"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None)
                | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="legal_clock_is_settled_whole",
            ),
        ]
        indexes = [
            *Nudged.Meta.indexes,
            models.Index(
                fields=["due_at"], condition=Q(settled_at=None), name="legal_open_due"
            ),
            # The ledger: newest first, whatever became of them.
            models.Index(fields=["-started_at", "-id"], name="legal_ledger"),
            models.Index(fields=["regime", "-started_at", "-id"], name="legal_regime"),
            models.Index(fields=["due_at", "id"], name="legal_due"),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.kind}"

    @property
    def event(self) -> str:
        """What it starts with, within a sentence: "awareness", "the notice before"."""
        return legal_words.clock_called(self.clock) or "its event"

    @property
    def is_open(self) -> bool:
        """Nobody has met it or stood it down."""
        return self.settled_at is None


class Filing(models.Model):
    """One row is one submission of what a clock owed, with its evidence. Never changed.

    The first settles the clock; a later one is a supplement.
    """

    clock = models.ForeignKey(LegalClock, on_delete=models.PROTECT, related_name="filings")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=120, blank=True, help_text="Theirs, as received.")
    note = models.TextField(blank=True)
    late_reason = models.TextField(blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    file = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["sent_at", "id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.clock}, sent {self.sent_at:%Y-%m-%d %H:%M}"


class LegalDecision(models.Model):
    """One row is one decision of counsel: not to notify, to stand a clock down, or to keep one.

    The register GDPR art. 33(5) asks for. Never changed.
    """

    class Kind(models.TextChoices):
        NOT_TO_NOTIFY = "not_to_notify", "not to notify"
        STAND_DOWN = "stand_down", "stand down"
        KEEP = "keep", "keep"

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="legal_decisions"
    )
    kind = models.CharField(max_length=13, choices=Kind.choices)
    regime = models.CharField(max_length=80)
    stage = models.CharField(max_length=80, blank=True, help_text="Empty: the whole regime.")
    title = models.CharField(max_length=300)
    reason = models.TextField()
    facts = models.JSONField(default=dict, help_text="The facts as they were known then.")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["decided_at", "id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-decided_at", "-id"], name="legal_decision_register"),
            models.Index(fields=["regime", "-decided_at", "-id"], name="legal_decision_regime"),
        ]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.get_kind_display()} {self.regime}"


class LegalNote(models.Model):
    """One row is one privileged note: counsel, privacy and commander of the incident read it.

    No permission opens it, so it has none; the others see that there is one. Never changed.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="legal_notes")
    text = models.TextField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.incident.reference}: a privileged note"
