"""Spreadsheets of the data map and of regulators, in and out: natural keys, all rows or none."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export import fields
from import_export.widgets import Widget

from incidents.admin.resources import CatalogueResource, Named, by_field
from incidents.admin.verified import forget_verified
from incidents.models import DataHolding, Regulator, Service
from incidents.models.people import validate_time_zone
from incidents.operations import data_map, regulators
from incidents.rules.data_map import read_codes, read_counts, read_places, said_counts


class Codes(Widget):
    """Codes with blanks between them."""

    def __init__(self, read: Any) -> None:
        super().__init__()
        self.read = read

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        """The codes, sorted, each once."""
        found: list[str] = self.read(str(value or ""))
        return found

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """As it reads."""
        return " ".join(value or ())


class Counts(Widget):
    """Counts by place: DE: 12000; US-CA: 300."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dict[str, int]:
        """The counts; refuses what is none."""
        counts, wrong = read_counts(str(value or ""))
        if wrong:
            raise ValueError(" ".join(reason.message for reason in wrong))
        return counts

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """As it reads."""
        return said_counts(value or {}, "; ")


class HoldingResource(CatalogueResource):
    """The data map by service and title. Who verified what never comes in by a sheet."""

    service = fields.Field("service", "service", Named(Service, "slug"))
    data_categories = fields.Field("data_categories", "data_categories", Codes(read_codes))
    jurisdictions = fields.Field("jurisdictions", "jurisdictions", Codes(read_places))
    persons = fields.Field("persons", "persons", Counts())
    verified_on = fields.Field("verified_on", "verified_on", readonly=True)

    class Meta:
        model = DataHolding
        import_id_fields = ["service", "title"]
        fields = [
            "service", "title", "data_categories", "jurisdictions", "persons", "data_role",
            "protection", "note", "is_active", "verified_on",
        ]  # fmt: skip
        skip_unchanged = True

    def before_save_instance(
        self, instance: DataHolding, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """Only what the form would take is written."""
        if wrong := data_map.problems(instance, at=timezone.now()):
            raise ValidationError(by_field(wrong))
        forget_verified(instance)
        instance.full_clean(exclude=["data_categories", "jurisdictions", "persons"])


class RegulatorResource(CatalogueResource):
    """Regulators by recipient, jurisdiction and name."""

    verified_on = fields.Field("verified_on", "verified_on", readonly=True)

    class Meta:
        model = Regulator
        import_id_fields = ["recipient", "jurisdiction", "name"]
        fields = [
            "recipient", "jurisdiction", "name", "channel", "address", "phone", "timezone",
            "hours", "our_reference", "note", "is_active", "verified_on",
        ]  # fmt: skip
        skip_unchanged = True

    def before_save_instance(
        self, instance: Regulator, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """Only what the form would take is written."""
        if wrong := regulators.problems(instance, at=timezone.now()):
            raise ValidationError(by_field(wrong))
        try:
            validate_time_zone(instance.timezone)
        except ValidationError as refused:
            raise ValidationError({"timezone": refused.messages}) from refused
        forget_verified(instance)
        instance.full_clean()
