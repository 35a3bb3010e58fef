"""Roles of the matrix, who is qualified for them, and who is away."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from incidents.models.people import Person
from incidents.rules.roles import RoleKind


class RoleQuerySet(models.QuerySet["Role"]):
    """Sentences about roles."""

    def active(self) -> "RoleQuerySet":
        """Those that may get letters."""
        return self.filter(retired_at=None)


class Role(models.Model):
    """One row is one role of the matrix. Its slug is its key, so that constraints can name it."""

    slug = models.SlugField(primary_key=True, max_length=50)
    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=100, help_text="Order of the columns.")
    kind = models.CharField(
        max_length=12,
        choices=[(kind.value, kind.value.capitalize()) for kind in RoleKind],
        default=RoleKind.OTHER.value,
        help_text="What sort of work it does: command is kept apart from technical work and voice.",
    )
    reports_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        help_text="Whom its holder answers to while an incident runs.",
    )
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords()

    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        permissions = [("retire_role", "Can retire a role and bring it back")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reports_to=F("slug")), name="role_reports_to_another"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RoleExclusion(models.Model):
    """One row: one person never holds both roles in one incident; lifted, it no longer counts.

    The database itself holds it (incidents.models.triggers). `other` is "" for every other role.
    Beside these rows stands a floor nobody lifts: who commands does no technical work and does
    not speak (PagerDuty incident response, FEMA ICS).
    """

    role = models.SlugField(max_length=50)
    other = models.SlugField(max_length=50, blank=True)
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["role", "other", "id"]
        default_permissions = ("view",)
        permissions = [
            ("set_roleexclusion", "Can exclude roles from each other, and allow them")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["role", "other"],
                condition=Q(lifted_at=None),
                name="one_exclusion_a_pair",
            ),
            models.CheckConstraint(
                condition=~Q(role=F("other")), name="no_role_excludes_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} and {self.other or 'every other role'}"


class QualificationQuerySet(models.QuerySet["Qualification"]):
    """Sentences about qualifications."""

    def valid(self, on: date) -> "QualificationQuerySet":
        """Those that let a person hold the role on this day."""
        return self.filter(Q(expires_on=None) | Q(expires_on__gt=on), level="qualified")


class Qualification(models.Model):
    """One row says how far one person is with one role; earned in training, used at assignment."""

    class Level(models.TextChoices):
        LEARNING = "learning"
        QUALIFIED = "qualified"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="qualifications")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="qualifications")
    level = models.CharField(max_length=12, choices=Level.choices, default=Level.LEARNING)
    granted_on = models.DateField()
    granted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    expires_on = models.DateField(
        null=True, blank=True, help_text="First day on which it no longer counts."
    )
    reason = models.CharField(
        max_length=300,
        blank=True,
        help_text="Why, where what the role asks for was not all there.",
    )
    history = HistoricalRecords()

    objects = QualificationQuerySet.as_manager()

    class Meta:
        ordering = ["role", "person"]
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="one_qualification_a_role"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gt=F("granted_on")),
                name="qualification_expires_after_grant",
            ),
        ]
        permissions = [("grant_qualification", "Can grant a qualification")]

    def __str__(self) -> str:
        return f"{self.person}: {self.role} ({self.level})"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Sentences about absences."""

    def covering(self, at: datetime) -> "AbsenceQuerySet":
        """Absences that have begun and not ended at this instant."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class Absence(models.Model):
    """One row is one time away, half-open [starts_at, ends_at): no role is given meanwhile."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=120, blank=True)
    uid = models.CharField(
        max_length=255,
        blank=True,
        editable=False,
        help_text="Of the calendar entry it came from.",
    )
    history = HistoricalRecords()

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["person", "uid"], condition=~Q(uid=""), name="one_absence_an_entry"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} away until {self.ends_at:%-d %b %Y %H:%M}"
