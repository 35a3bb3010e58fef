"""Spreadsheets in and out of the catalogue: natural keys, all or nothing, formula-safe."""

import re
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from import_export import fields, resources
from import_export.widgets import ForeignKeyWidget
from tablib import Dataset

from incidents.models import Dependency, HoldingStatement, Person, Scenario, Service, Team
from incidents.operations import library
from incidents.rules.reasons import Reason
from incidents.rules.wording import check_dates, check_phrases, check_template, phrases
from incidents.sheets import formula_safe

_DRAFT = HoldingStatement.Status.DRAFT
# Begins like a formula, but holds no name that a spreadsheet could call.
_TELEPHONE = re.compile(r"\+[0-9][0-9 ()/.-]*")


class Named(ForeignKeyWidget):
    """A row of another table by its natural key, named in the refusal where there is none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The row; None for an empty cell."""
        try:
            return super().clean(value, row, **kwargs)
        except self.model.DoesNotExist:
            what = self.model._meta.verbose_name
            raise ValueError(
                f"There is no {what} “{value}”: give its {self.field} as an export shows it."
            ) from None


class CatalogueResource(resources.ModelResource):
    """A sheet whose rows are found again by a natural key. One bad row refuses the whole file."""

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Refuse a sheet without its key columns, or with two columns of one name."""
        headers = dataset.headers or []
        missing = [name for name in self._meta.import_id_fields if name not in headers]
        if missing:
            raise ValidationError(
                f"The sheet has no column {', '.join(missing)}. Its first row must name the "
                "columns as an export does: export a few rows and use that file as the pattern."
            )
        if twice := sorted({name for name in headers if name and headers.count(name) > 1}):
            raise ValidationError(f"Keep one column of each name: {', '.join(twice)}.")

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Refuse a cell that a spreadsheet would run; take off the quote an export put on it."""
        for column, cell in row.items():
            if _is_run(cell.strip()):
                raise ValidationError(
                    {column: f"“{cell[:40]}” begins like a formula. Give it as plain text."}
                )
            if cell.startswith("'") and formula_safe(cell[1:]) == cell:
                row[column] = cell[1:]

    def skip_row(self, instance: Any, original: Any, row: dict[str, Any], *args: Any) -> bool:
        """An empty row between others is skipped, as an unchanged one is."""
        return not any(row.values()) or super().skip_row(instance, original, row, *args)


def _is_run(text: str) -> bool:
    return formula_safe(text) != text and not _TELEPHONE.fullmatch(text)


class TeamResource(CatalogueResource):
    """Teams by slug."""

    lead = fields.Field("lead", "lead", Named(Person, "username"))

    class Meta:
        model = Team
        import_id_fields = ["slug"]
        fields = ["slug", "name", "lead"]
        clean_model_instances = True
        skip_unchanged = True


class PersonResource(CatalogueResource):
    """People by user name. Rights and passwords never travel in a spreadsheet."""

    team = fields.Field("team", "team", Named(Team, "slug"))
    manager = fields.Field("manager", "manager", Named(Person, "username"))

    class Meta:
        model = Person
        import_id_fields = ["username"]
        fields = [
            "username", "name", "email", "team", "manager", "time_zone", "phone", "works_from",
            "works_until", "works_weekends", "is_active",
        ]  # fmt: skip
        skip_unchanged = True

    def before_save_instance(
        self, instance: Person, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """A new person cannot sign in yet; a superuser's row is a superuser's to change."""
        if instance.is_superuser and not kwargs["user"].is_superuser:
            raise ValidationError(
                f"{instance.username} is a superuser: ask one to change this row, or leave it out."
            )
        if not instance.password:
            instance.set_unusable_password()
        instance.full_clean(exclude=["password"])


class ServiceResource(CatalogueResource):
    """Services by slug, with their owner by user name and team by slug."""

    owner = fields.Field("owner", "owner", Named(Person, "username"))
    team = fields.Field("team", "team", Named(Team, "slug"))

    class Meta:
        model = Service
        import_id_fields = ["slug"]
        fields = [
            "slug", "name", "tier", "is_revenue_generating", "handles_personal_data",
            "owner", "team", "description", "public_name", "runbook_url", "is_active",
        ]  # fmt: skip
        clean_model_instances = True
        skip_unchanged = True


class DependencyResource(CatalogueResource):
    """Who needs whom, by service slugs."""

    upstream = fields.Field("upstream", "upstream", Named(Service, "slug"))
    downstream = fields.Field("downstream", "downstream", Named(Service, "slug"))

    class Meta:
        model = Dependency
        import_id_fields = ["upstream", "downstream"]
        fields = ["upstream", "downstream", "strength"]
        clean_model_instances = True
        skip_unchanged = True


class StatementResource(CatalogueResource):
    """Statement drafts by title, audience and language: an import never reaches approved words.

    Of several versions it reaches the draft; without one it names the approved words it would not.
    """

    scenario = fields.Field("scenario", "scenario", Named(Scenario, "slug"))
    version = fields.Field("version", "version", readonly=True)

    class Meta:
        model = HoldingStatement
        import_id_fields = ["title", "audience", "language"]
        fields = [
            "title", "scenario", "severity", "audience", "language", "purpose", "text",
            "forbidden", "effective_from", "review_on", "expires_on", "version",
        ]  # fmt: skip
        skip_unchanged = True

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Any:
        """Of the versions of these words the one an import may mean: a draft, else the newest."""
        key = {name: row.get(name) for name in self._meta.import_id_fields}
        rows = self.get_queryset().filter(**key)
        found = sorted(rows, key=lambda one: (one.status == _DRAFT, one.version, one.pk))
        return found[-1] if found else None

    def before_save_instance(
        self, instance: HoldingStatement, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """Only drafts are written; whoever writes last is the maker, and cannot approve."""
        if instance.status != _DRAFT:
            raise ValidationError(
                f"“{instance.title}” is {instance.status} and cannot be changed by an import. "
                "Revise it, or give the new text another title and have it approved."
            )
        instance.purpose = instance.purpose or HoldingStatement.Purpose.FIRST
        problems = [
            *check_template(instance.text),
            *check_phrases(instance.forbidden),
            *check_dates(instance.effective_from, instance.review_on, instance.expires_on),
            *filter(None, [library.another_use(instance)]),
        ]
        if problems:
            raise ValidationError(by_field(problems))
        instance.forbidden = "\n".join(phrases(instance.forbidden))
        library.by(instance, kwargs["user"])
        instance.full_clean()


def by_field(problems: list[Reason]) -> dict[str, list[str]]:
    """The messages of these problems by the column each is about, as a sheet shows them."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field or NON_FIELD_ERRORS, []).append(problem.message)
    return found
