"""Nudge policies: of what, when, whom, how and until when people are reminded. Leadership's rows."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person


class NudgePolicy(models.Model):
    """One row is how people are reminded of one thing that is owed."""

    class What(models.TextChoices):
        UPDATE = "update", "an update that is owed"
        LEGAL_CLOCK = "legal_clock", "counsel within the hour"
        LEGAL_DUTY = "legal_duty", "a duty to notify"
        CUSTOMER_NOTICE = "customer_notice", "a notice that a contract promises"
        REVIEW = "review", "a review"
        ACTION_ITEM = "action_item", "an action item"
        EMERGENCY_CHANGE = "emergency_change", "an emergency change of the matrix"
        GAME_DAY = "game_day", "a game day"
        STATEMENT = "statement", "a holding statement"
        MATRIX = "matrix", "a matrix that nobody has reviewed"
        QUALIFICATION = "qualification", "a qualification that lapses"
        RUNBOOK = "runbook", "a runbook that nobody has checked"
        ATTESTATION = "attestation", "an attestation"
        SHIFT = "shift", "a shift that begins"
        ROTA_GAP = "rota_gap", "a shift that nobody has"
        INVITATION = "invitation", "an invitation that nobody answered"
        AFTER_ACTION = "after_action", "an after-action report"

    what = models.CharField(primary_key=True, max_length=20, choices=What.choices)
    is_active = models.BooleanField(default=True)
    as_digest = models.BooleanField(
        default=False,
        help_text="Into the day's digest of each person, not as mails of their own.",
    )
    is_optional = models.BooleanField(
        default=False, help_text="Whether a person may unsubscribe from these."
    )
    gives_up_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days after the due instant; empty: until it is done."
    )
    changed_at = models.DateTimeField(
        editable=False, help_text="Steps reached before this instant are let go."
    )
    changed_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    applied_at = models.DateTimeField(
        editable=False, help_text="Which change the open rows go by: the sweep's bookkeeping."
    )
    history = HistoricalRecords(excluded_fields=["applied_at"])

    class Meta:
        ordering = ["what"]
        default_permissions = ("view",)
        permissions = [("set_nudgepolicy", "Can set how people are reminded")]
        verbose_name_plural = "nudge policies"

    def __str__(self) -> str:
        return f"Nudges of {self.get_what_display()}"


class NudgeStep(models.Model):
    """One row is one step of a policy: so long before, at, or after the due instant."""

    policy = models.ForeignKey(NudgePolicy, on_delete=models.PROTECT, related_name="steps")
    name = models.SlugField(max_length=30, help_text="Part of what makes a nudge unique.")
    offset_minutes = models.IntegerField(help_text="Negative: before it is due; 0: at.")
    repeat_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="The last step only: again and again."
    )
    to = models.JSONField(
        default=list,
        help_text="owner, manager, leadership, or the slug of a role in the incident.",
    )
    priority = models.PositiveSmallIntegerField(
        choices=OutboxMessage.Priority.choices, default=OutboxMessage.Priority.NOTICE
    )
    channel = models.CharField(
        max_length=9, blank=True, help_text="Empty: as the person wants to be reached."
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["policy", "offset_minutes"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["policy", "name"], name="one_step_a_name"),
            models.UniqueConstraint(
                fields=["policy", "offset_minutes"], name="one_step_an_offset"
            ),
            models.CheckConstraint(
                condition=Q(repeat_minutes=None) | Q(repeat_minutes__gte=5),
                name="nudge_repeats_in_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.name}"
