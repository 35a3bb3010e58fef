"""Spreadsheets of customers in and out: by slug, with the services they use; all rows or none."""

from typing import Any

from import_export import fields
from import_export.widgets import ManyToManyWidget

from incidents.admin.resources import CatalogueResource, Named
from incidents.models import Customer, Person, Service


class Several(ManyToManyWidget):
    """Rows of another table by their natural keys; each that is not there is named."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Those rows; none for an empty cell."""
        wanted = {each.strip() for each in str(value or "").split(self.separator)} - {""}
        found = self.model.objects.filter(**{f"{self.field}__in": wanted})
        known = set(found.values_list(self.field, flat=True))
        if missing := sorted(wanted - known):
            what = self.model._meta.verbose_name
            raise ValueError(
                f"There is no {what} “{'”, “'.join(missing)}”: give its {self.field} as an export "
                f"shows it, several with “{self.separator}” between them."
            )
        return found


class CustomerResource(CatalogueResource):
    """Customers by slug. What their contracts promise is typed: a clause is read word by word."""

    services = fields.Field("services", "services", Several(Service, " ", "slug"))
    account_manager = fields.Field(
        "account_manager", "account_manager", Named(Person, "username")
    )

    class Meta:
        model = Customer
        import_id_fields = ["slug"]
        fields = [
            "slug", "name", "services", "contact_name", "contact_email", "language",
            "account_manager", "is_active",
        ]  # fmt: skip
        clean_model_instances = True
        skip_unchanged = True
