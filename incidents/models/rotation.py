"""Who is on duty when. Earned in a rotation, read when somebody is needed."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from incidents.models.people import Person
from incidents.models.roles import Role


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Sentences about shifts."""

    def covering(self, at: datetime) -> "ShiftQuerySet":
        """Begun and not over at this instant."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def within(self, starts_at: datetime, ends_at: datetime) -> "ShiftQuerySet":
        """Those that touch [starts_at, ends_at)."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class Shift(models.Model):
    """One row: in [starts_at, ends_at) this person is the one to be asked first for the role.

    Without a person it is a gap, and says why. `rota` is the slug of the rotation that made it.
    """

    rota = models.SlugField(max_length=50)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="shifts")
    band = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="shifts"
    )
    shadow = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="shadow_shifts"
    )
    reason = models.CharField(
        max_length=300, blank=True, help_text="Why this person, or nobody."
    )
    published_at = models.DateTimeField()
    history = HistoricalRecords()

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "rota", "id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "band", "starts_at"], name="one_shift_a_band_and_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(shadow=None) | ~Q(shadow=F("person")), name="nobody_shadows_oneself"
            ),
        ]
        indexes = [
            models.Index(fields=["role", "ends_at"], name="shift_of_role"),
            models.Index(fields=["person", "ends_at"], name="shift_of_person"),
            models.Index(fields=["rota", "starts_at"], name="shift_of_rota"),
        ]

    def __str__(self) -> str:
        # By the clock of whoever reads the page; outside of pages that is UTC.
        begins = timezone.localtime(self.starts_at)
        zone = timezone.get_current_timezone_name()
        return f"{self.person or 'nobody'}, {self.role}: {begins:%-d %b %Y %H:%M} ({zone})"
