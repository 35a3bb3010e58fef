"""RACI matrices: named laws, their versions, activities and letters."""

from django.db import models
from simple_history.models import HistoricalRecords

from incidents.models.governed import GovernedVersion, PartOfVersion, VersionQuerySet
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.rules.phases import Phase


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


class Activity(PartOfVersion):
    """One row is one activity of one phase in one version."""

    kind = MatrixVersion

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

    kind = MatrixVersion

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
