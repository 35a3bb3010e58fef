"""RACI matrices: named laws, their versions, activities and letters.

What was once approved never changes, and neither do its rows. The guards here say so in words;
the database's triggers hold it where rows are written without `save()`.
"""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from incidents.models.governed import GovernedVersion, VersionQuerySet, VersionStatus
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.rules.phases import Phase
from incidents.rules.reasons import Refused


class Matrix(models.Model):
    """One row is one responsibility matrix by name; what it says stands in its versions."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "matrices"

    def __str__(self) -> str:
        return self.name


class MatrixVersion(GovernedVersion):
    """One row is one version of one matrix. The law is the approved one that took effect last."""

    matrix = models.ForeignKey(Matrix, on_delete=models.PROTECT, related_name="versions")
    history = HistoricalRecords()

    objects = VersionQuerySet["MatrixVersion"].as_manager()

    class Meta(GovernedVersion.Meta):
        abstract = False
        ordering = ["matrix", "-number"]
        constraints = [
            *GovernedVersion.Meta.constraints,
            models.UniqueConstraint(fields=["matrix", "number"], name="one_number_a_matrix"),
        ]
        permissions = [
            ("submit_matrixversion", "Can submit a matrix version"),
            ("approve_matrixversion", "Can approve a matrix version"),
            ("withdraw_matrixversion", "Can withdraw a matrix version"),
            ("import_matrixversion", "Can import a matrix"),
            ("export_matrixversion", "Can export a matrix"),
        ]

    def __str__(self) -> str:
        return f"{self.matrix.name} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse `approved_never_changes`; being withdrawn is all an approved one may do."""
        stored = MatrixVersion.objects.filter(pk=self.pk, approved_at__isnull=False).first()
        if stored is not None and not self._is_only_withdrawn(stored):
            raise _never_changes()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse `approved_never_changes`."""
        _require_unapproved(self.pk)
        return super().delete(*args, **kwargs)

    def _is_only_withdrawn(self, stored: "MatrixVersion") -> bool:
        names = [field.attname for field in self._meta.concrete_fields]
        changed = {name for name in names if getattr(self, name) != getattr(stored, name)}
        return changed == {"status"} and self.status == VersionStatus.WITHDRAWN


def _never_changes() -> Refused:
    return Refused.because(
        "approved_never_changes",
        "An approved version never changes: import a new version and have that approved.",
    )


def _require_unapproved(version_id: int) -> None:
    """Refuse what an approved version holds, or held before it was withdrawn."""
    if MatrixVersion.objects.filter(pk=version_id, approved_at__isnull=False).exists():
        raise _never_changes()


class PartOfVersion(models.Model):
    """A row of a version: written while that is not yet approved, then never again."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuse `approved_never_changes`."""
        _require_unapproved(self.law())
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse `approved_never_changes`."""
        _require_unapproved(self.law())
        return super().delete(*args, **kwargs)

    def law(self) -> int:
        """The key of the version it belongs to."""
        raise NotImplementedError


class Activity(PartOfVersion):
    """One row is one activity of one phase in one version."""

    PHASES = [(phase.value, phase.value.capitalize()) for phase in Phase]

    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, related_name="activities"
    )
    phase = models.CharField(max_length=12, choices=PHASES)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["version", "position", "id"]
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "phase", "name"], name="one_activity_a_name_and_phase"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def law(self) -> int:
        """The key of its version."""
        return self.version_id


class Cell(PartOfVersion):
    """One row is the letters one role holds for one activity; no row means a blank cell."""

    LETTERS = [
        ("R", "R responsible"),
        ("A", "A accountable"),
        ("A/R", "A/R accountable and responsible"),
        ("C", "C consulted"),
        ("I", "I informed"),
    ]

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="cells")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="cells")
    letters = models.CharField(max_length=3, choices=LETTERS)
    history = HistoricalRecords()

    class Meta:
        ordering = ["activity", "role"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "role"], name="one_cell_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.letters}"

    def law(self) -> int:
        """The key of its version."""
        return self.activity.version_id


class MatrixUpload(models.Model):
    """One row is a spreadsheet somebody uploaded, kept until its names are mapped and it is used."""

    file_name = models.CharField(max_length=200)
    rows = models.JSONField()
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="uploads"
    )

    class Meta:
        ordering = ["-uploaded_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.file_name
