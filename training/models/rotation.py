"""Rotations: who serves in which hours of the day, and the changes people agree on.

The shifts themselves are incidents' own: assignment reads them.
"""

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models import Person, Role, Shift
from incidents.models.people import validate_time_zone


class Rota(models.Model):
    """One row is one rotation of one role over the people qualified for it."""

    slug = models.SlugField(primary_key=True, max_length=50)
    name = models.CharField(max_length=80, unique=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="rotas")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="First day without it.")
    run_days = models.PositiveSmallIntegerField(
        default=7, help_text="So many days in a row one person serves."
    )
    ahead_days = models.PositiveSmallIntegerField(
        default=56, help_text="So far ahead shifts are published."
    )
    gap_days = models.PositiveSmallIntegerField(
        default=28, help_text="So long before a shift that nobody has, leadership hears of it."
    )
    rest_hours = models.PositiveSmallIntegerField(
        default=11, help_text="Between two shifts (Directive 2003/88/EC, Art. 3: eleven hours)."
    )
    most_percent = models.PositiveSmallIntegerField(
        default=40, help_text="Of all hours the busiest person serves at most so many per cent."
    )
    night_percent = models.PositiveSmallIntegerField(
        default=150, help_text="What an hour at night or at the weekend counts, in per cent."
    )
    with_shadows = models.BooleanField(
        default=True, help_text="Whether people learning the role shadow its shifts."
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = "rotation"
        ordering = ["name"]
        permissions = [
            ("publish_rota", "Can publish the shifts of a rotation"),
            ("override_rota", "Can put somebody else on a shift"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(run_days__gt=0, ahead_days__gt=0, most_percent__gt=0),
                name="rota_has_lengths",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="rota_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RotaBand(models.Model):
    """One row is one stretch of every day, in its own zone; the next day where it ends before."""

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="bands")
    label = models.CharField(max_length=40)
    begins = models.TimeField()
    ends = models.TimeField(help_text="Not after “begins” it is the next day.")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    history = HistoricalRecords()

    class Meta:
        ordering = ["rota", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["rota", "label"], name="one_band_a_label")
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.begins:%H:%M} to {self.ends:%H:%M} {self.time_zone}"


class RotaMember(models.Model):
    """One row: this person takes turns from then on; what they owe is counted from that day."""

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="rotas")
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True, help_text="First day without turns.")
    bands = models.ManyToManyField(
        RotaBand, blank=True, related_name="+", help_text="None: those in their waking hours."
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["rota", "person"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "person"],
                condition=Q(left_on=None),
                name="one_membership_a_person",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")),
                name="member_leaves_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.rota}"


class ShiftChange(models.Model):
    """One row: somebody gives a shift away, for another or for nothing; it counts once accepted."""

    class Status(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"
        OVERRIDE = "override", "put on by leadership"

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="changes")
    other = models.ForeignKey(
        Shift, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="What is taken in return; none: nothing.",
    )  # fmt: skip
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shift_offers")
    reason = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OFFERED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-asked_at", "-id"]
        default_permissions = ("view",)
        permissions = [("swap_shiftchange", "Can offer and accept shifts of their own")]
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(status="offered"), name="one_offer_a_shift"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shift} to {self.to} ({self.status})"
