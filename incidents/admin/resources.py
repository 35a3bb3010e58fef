"""Spreadsheets in and out of the catalogue: natural keys, all or nothing, formula-safe."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget
from tablib import Dataset

from incidents.models import Dependency, HoldingStatement, Person, Scenario, Service, Team
from incidents.sheets import formula_safe

MAX_ROWS = 5_000


class CatalogueResource(resources.ModelResource):
    """A sheet whose rows are found again by a natural key. One bad row refuses the whole file."""

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Refuse a sheet without its key columns, or longer than a person can review."""
        headers = dataset.headers or []
        missing = [name for name in self._meta.import_id_fields if name not in headers]
        if missing:
            raise ValidationError(
                f"The sheet has no column {', '.join(missing)}. Its first row must name the "
                "columns as an export does: export a few rows and use that file as the pattern."
            )
        if len(dataset) > MAX_ROWS:
            raise ValidationError(
                f"The sheet has {len(dataset)} rows; at most {MAX_ROWS} are read. Split the file."
            )

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a cell that a spreadsheet would run as a formula, and NUL characters."""
        for column, value in row.items():
            if isinstance(value, str) and (formula_safe(value) != value or "\x00" in value):
                raise ValidationError(
                    {column: f"“{value[:40]}” begins like a formula. Give it as plain text."}
                )


class TeamResource(CatalogueResource):
    """Teams by slug."""

    lead = fields.Field("lead", "lead", ForeignKeyWidget(Person, "username"))

    class Meta:
        model = Team
        import_id_fields = ["slug"]
        fields = ["slug", "name", "lead"]
        clean_model_instances = True
        skip_unchanged = True


class PersonResource(CatalogueResource):
    """People by user name. Rights and passwords never travel in a spreadsheet."""

    team = fields.Field("team", "team", ForeignKeyWidget(Team, "slug"))
    manager = fields.Field("manager", "manager", ForeignKeyWidget(Person, "username"))

    class Meta:
        model = Person
        import_id_fields = ["username"]
        fields = [
            "username", "name", "email", "team", "manager", "time_zone", "phone", "is_active",
        ]  # fmt: skip
        skip_unchanged = True

    def before_save_instance(
        self, instance: Person, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """A new person cannot sign in until somebody invites them."""
        if not instance.password:
            instance.set_unusable_password()
        instance.full_clean(exclude=["password"])


class ServiceResource(CatalogueResource):
    """Services by slug, with their owner by user name and team by slug."""

    owner = fields.Field("owner", "owner", ForeignKeyWidget(Person, "username"))
    team = fields.Field("team", "team", ForeignKeyWidget(Team, "slug"))

    class Meta:
        model = Service
        import_id_fields = ["slug"]
        fields = [
            "slug", "name", "tier", "is_revenue_generating", "handles_personal_data",
            "owner", "team", "description", "runbook_url", "is_active",
        ]  # fmt: skip
        clean_model_instances = True
        skip_unchanged = True


class DependencyResource(CatalogueResource):
    """Who needs whom, by service slugs."""

    upstream = fields.Field("upstream", "upstream", ForeignKeyWidget(Service, "slug"))
    downstream = fields.Field("downstream", "downstream", ForeignKeyWidget(Service, "slug"))

    class Meta:
        model = Dependency
        import_id_fields = ["upstream", "downstream"]
        fields = ["upstream", "downstream", "strength"]
        clean_model_instances = True
        skip_unchanged = True


class StatementResource(CatalogueResource):
    """Statement drafts by title and language: an import never reaches words already approved."""

    scenario = fields.Field("scenario", "scenario", ForeignKeyWidget(Scenario, "slug"))

    class Meta:
        model = HoldingStatement
        import_id_fields = ["title", "language"]
        fields = ["title", "scenario", "severity", "audience", "language", "text", "expires_on"]
        skip_unchanged = True

    def before_save_instance(
        self, instance: HoldingStatement, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """Only drafts are written; the importer is their maker."""
        if instance.status != HoldingStatement.Status.DRAFT:
            raise ValidationError(
                f"“{instance.title}” is {instance.status} and cannot be changed by an import. "
                "Give the new text another title and have it approved."
            )
        if instance.maker_id is None:
            instance.maker = kwargs["user"]
        instance.full_clean()
