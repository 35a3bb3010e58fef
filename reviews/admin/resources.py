"""Action items in and out as a sheet: new rows are added by the operation, others only read."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from import_export.fields import Field
from import_export.widgets import DateWidget, ForeignKeyWidget
from tablib import Dataset

from incidents.admin.resources import CatalogueResource
from incidents.models import Person
from incidents.models.private import seen_by
from incidents.rules.reasons import Refused
from reviews.models import ActionItem, Review
from reviews.operations.action_item import add


class Named(ForeignKeyWidget):
    """A row of another table by its name in this sheet, refused in words where there is none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The row; an empty cell is refused, since every item has one."""
        try:
            found = super().clean(value, row, **kwargs)
        except self.model.DoesNotExist:
            found = None
        if found is None:
            what = self.model._meta.verbose_name
            raise ValueError(
                f"There is no {what} “{value or ''}”: give one that an export shows."
            )
        return found


class Day(DateWidget):
    """A date as ISO 8601 writes it, or as a workbook keeps it: midnight of that day."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date:
        """The day; 01/02/2027 is refused, since half of the world reads it otherwise."""
        if isinstance(value, datetime):
            return value.date()
        try:
            return date.fromisoformat(str(value or "").strip())
        except ValueError:
            message = f"“{value or ''}” is no day such as 2026-12-31."
            raise ValueError(message) from None


class ActionItemResource(CatalogueResource):
    """One row is one action item; an empty reference asks for a new one.

    What exists changes on its page, where a reason is asked: a changed row refuses the sheet.
    """

    review = Field("review", "review", Named(Review, "incident__reference"))
    owner = Field("owner", "owner", Named(Person, "username"))
    due_on = Field("due_on", "due_on", Day("%Y-%m-%d"))
    original_due_on = Field("original_due_on", "original_due_on", readonly=True)
    status = Field("status", "status", readonly=True)
    outcome = Field("outcome", "outcome", readonly=True)

    class Meta:
        model = ActionItem
        import_id_fields = ["reference"]
        fields = [
            "reference", "review", "title", "kind", "owner", "due_on", "detail",
            "original_due_on", "status", "outcome",
        ]  # fmt: skip
        skip_unchanged = True

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Whoever imports meets only the items he may see."""
        super().before_import(dataset, **kwargs)
        self.reader: Person | None = kwargs.get("user")

    def get_queryset(self) -> QuerySet[ActionItem]:
        """Those the importer may see; an export is given its own rows."""
        rows: QuerySet[ActionItem] = super().get_queryset()
        reader = getattr(self, "reader", None)
        return seen_by(rows, reader, "review__incident") if reader else rows

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """A workbook's empty cell is None where CSV has an empty text."""
        super().before_import_row(row, **kwargs)
        row.update({column: "" for column, value in row.items() if value is None})

    def save_instance(
        self, instance: ActionItem, is_create: bool, row: dict[str, Any], **kwargs: Any
    ) -> None:
        """Add the new item as the importer; its refusals are the row's errors."""
        if not is_create:
            raise ValidationError(
                f"{instance.reference} exists and reads otherwise: change it on its page, "
                "or leave the reference empty for a new item."
            )
        if instance.reference:
            raise ValidationError(
                {
                    "reference": f"There is no {instance.reference}: leave it empty for a new item."
                }
            )
        try:
            added = add(
                instance.review,
                title=instance.title,
                kind=instance.kind,
                owner=instance.owner,
                due_on=instance.due_on,
                detail=instance.detail,
                actor=kwargs["user"],
                at=timezone.now(),
            )
        except Refused as refused:
            raise ValidationError(
                {reason.field or "reference": reason.message for reason in refused.reasons}
            ) from refused
        instance.pk, instance.reference = added.pk, added.reference
