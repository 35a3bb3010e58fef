"""RACI matrices: named laws, their versions, activities and letters."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from incidents.models.governed import GovernedVersion, PartOfVersion, VersionQuerySet
from incidents.models.roles import Role
from incidents.rules.acts import ACTS
from incidents.rules.phases import Phase
from incidents.rules.raci import VariationKind


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
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors"
    )
    revision = models.PositiveIntegerField(
        default=0,
        help_text="How often the draft was edited: who edits says which one they saw.",
    )
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
            ("draft_matrixversion", "Can draft and edit a matrix version"),
            ("withdraw_matrixversion", "Can withdraw a matrix version"),
            ("enact_matrixversion", "Can put an emergency change of a matrix in force"),
            ("confirm_matrixversion", "Can confirm that a matrix is still right"),
            ("import_matrixversion", "Can import a matrix"),
            ("export_matrixversion", "Can export a matrix"),
        ]

    def __str__(self) -> str:
        return f"{self.matrix.name} v{self.number}"

    def authors(self) -> frozenset[int]:
        """Its maker, whoever edited it, and who put it in force as an emergency; one query."""
        others = ("emergency__enacted_by", "revisions__edited_by")
        found = type(self).objects.filter(pk=self.pk).values_list(*others)
        return super().authors() | {key for keys in found for key in keys if key is not None}


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
    key = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="The same from version to version, also when it is renamed.",
    )
    act = models.CharField(
        max_length=30,
        blank=True,
        choices=[(act.code, act.label) for act in ACTS.values()],
        help_text="What people do in an incident that this line governs.",
    )
    proceed_after_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="How long the act waits for those consulted; none = it does not wait.",
    )
    within_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="From declaration until it is to be done; none = no target.",
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["version", "position", "id"]
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "phase", "name"], name="one_activity_a_name_and_phase"
            ),
            models.UniqueConstraint(
                fields=["version", "phase", "act"],
                condition=~Q(act=""),
                name="one_activity_an_act_and_phase",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def law(self) -> int:
        """The key of its version."""
        return self.version_id


class Column(PartOfVersion):
    """One row is one role of one version: where its column stands and what it is there for."""

    kind = MatrixVersion

    version = models.ForeignKey(MatrixVersion, on_delete=models.PROTECT, related_name="columns")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="columns")
    position = models.PositiveSmallIntegerField(default=0)
    description = models.TextField(blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["version", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "role"], name="one_column_a_role")
        ]

    def __str__(self) -> str:
        return str(self.role)

    def law(self) -> int:
        """The key of its version."""
        return self.version_id


class Variation(PartOfVersion):
    """One row is one case in which a version's letters differ: a severity, a tier, a scenario."""

    kind = MatrixVersion

    version = models.ForeignKey(
        MatrixVersion, on_delete=models.PROTECT, related_name="variations"
    )
    depends_on = models.CharField(
        max_length=8, choices=[(kind.value, kind.value) for kind in VariationKind]
    )
    value = models.CharField(
        max_length=50, help_text="A level's code, 1 to 4, a scenario's slug."
    )
    note = models.TextField(blank=True, help_text="Why it differs.")
    history = HistoricalRecords()

    class Meta:
        ordering = ["version", "depends_on", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "depends_on", "value"], name="one_variation_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.depends_on} {self.value}"

    def law(self) -> int:
        """The key of its version."""
        return self.version_id


class Cell(PartOfVersion):
    """One row is the letters one role holds for one activity; no row means a blank cell.

    Without a variation it is the base's; with one it is the difference, "-" taking a letter away.
    """

    kind = MatrixVersion

    NONE = "-"
    LETTERS = [
        ("R", "R responsible"),
        ("A", "A accountable"),
        ("A/R", "A/R accountable and responsible"),
        ("C", "C consulted"),
        ("I", "I informed"),
        (NONE, "no letter here"),
    ]

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="cells")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="cells")
    letters = models.CharField(max_length=3, choices=LETTERS)
    variation = models.ForeignKey(
        Variation, on_delete=models.PROTECT, null=True, blank=True, related_name="cells"
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ["activity", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "role"],
                condition=Q(variation=None),
                name="one_cell_a_role",
            ),
            models.UniqueConstraint(
                fields=["activity", "role", "variation"], name="one_cell_a_variation"
            ),
            models.CheckConstraint(
                condition=~Q(letters="-") | Q(variation__isnull=False),
                name="base_cell_has_letters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.letters}"

    def law(self) -> int:
        """The key of its version."""
        return self.activity.version_id
