"""Law in versions: draft, submitted, approved by another person, in force from an instant.

What was once approved, or took effect as an emergency, never changes, and neither do its rows. The guards here say so in words;
the database's triggers hold it where rows are written without `save()`.
"""

from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import F, Q

from incidents.models.people import Person
from incidents.rules.reasons import Refused

V = TypeVar("V", bound="GovernedVersion")


class VersionStatus(models.TextChoices):
    """Where a version stands. In force and superseded are not stored: they follow from time."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    EMERGENCY = "emergency"  # in force before anybody approved it; the approval is owed
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


LAW = (VersionStatus.APPROVED, VersionStatus.EMERGENCY)


class VersionQuerySet(models.QuerySet[V]):
    """Sentences about versions."""

    def in_force(self, at: datetime) -> V | None:
        """The law that took effect last at or before this instant: approved, or an emergency's."""
        return self.effective(at).first()

    def effective(self, at: datetime) -> Self:
        """What took effect at or before this instant, the last one first."""
        rows = self.filter(status__in=LAW, effective_from__lte=at)
        return rows.order_by("-effective_from", "-id")


class GovernedVersion(models.Model):
    """One row is one version of a law. Maker is never checker; an approved one never changes."""

    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=10, choices=VersionStatus.choices, default=VersionStatus.DRAFT
    )
    note = models.TextField(
        blank=True, help_text="Why this version: what changes and for whom."
    )
    maker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    warnings_reason = models.TextField(
        blank=True, help_text="Why it was submitted in spite of warnings."
    )
    checker = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    effective_from = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")),
                name="%(class)s_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | Q(
                    checker__isnull=False,
                    approved_at__isnull=False,
                    effective_from__isnull=False,
                ),
                name="%(class)s_approved_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status="emergency")
                | Q(
                    checker__isnull=True,
                    approved_at__isnull=True,
                    effective_from__isnull=False,
                ),
                name="%(class)s_emergency_is_unchecked",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-effective_from"],
                condition=Q(status__in=LAW),
                name="%(class)s_in_force",
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse `approved_never_changes`; being withdrawn is all an approved one may do.

        An emergency's may be approved or withdrawn besides.
        """
        stored = _enacted(type(self), self.pk).first()
        if stored is not None and not self._is_only_decided(stored):
            raise _never_changes()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse `approved_never_changes`."""
        if _enacted(type(self), self.pk).exists():
            raise _never_changes()
        return super().delete(*args, **kwargs)

    def _is_only_decided(self, stored: "GovernedVersion") -> bool:
        names = [field.attname for field in self._meta.concrete_fields]
        changed = {name for name in names if getattr(self, name) != getattr(stored, name)}
        if self.status == VersionStatus.WITHDRAWN:
            return changed == {"status"}
        approving = {"status", "checker_id", "approved_at"}
        return stored.status == VersionStatus.EMERGENCY and changed == approving

    def authors(self) -> frozenset[int]:
        """The keys of the people who answer for it being proposed: none of them checks it."""
        return frozenset({self.maker_id})

    @property
    def is_draft(self) -> bool:
        """Whether it may still be written."""
        return self.status == VersionStatus.DRAFT

    def standing(self, at: datetime, in_force: Self | None) -> str:
        """The status as people say it, given which version is in force at this instant."""
        if self.status not in LAW or self.effective_from is None:
            return self.status
        if in_force is not None and in_force.pk == self.pk:
            return "in force"
        return "approved" if self.effective_from > at else "superseded"

    @property
    def is_enacted(self) -> bool:
        """Whether it is, was or will be law, so that it can be read once and kept."""
        return self.effective_from is not None


class PartOfVersion(models.Model):
    """A row of a version: written while that is not yet approved, then never again."""

    kind: ClassVar[type[GovernedVersion]]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse `approved_never_changes`."""
        self._require_unapproved()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse `approved_never_changes`."""
        self._require_unapproved()
        return super().delete(*args, **kwargs)

    def law(self) -> int:
        """The key of the version it belongs to."""
        raise NotImplementedError

    def _require_unapproved(self) -> None:
        if _enacted(self.kind, self.law()).exists():
            raise _never_changes()


def _enacted(kind: type[GovernedVersion], key: int | None) -> models.QuerySet[GovernedVersion]:
    """The version of this key if it is law, or was before it was withdrawn."""
    return kind._default_manager.filter(pk=key, effective_from__isnull=False)


def _never_changes() -> Refused:
    return Refused.because(
        "approved_never_changes",
        "An approved version never changes: make the next version and have that approved.",
    )
