"""The admin of rows a program writes: people read them, and act on them by verbs at most."""

from django.db.models import Model
from django.http import HttpRequest

from incidents.admin.base import CappedPaginator
from incidents.admin.verbs import VerbAdmin


class ReadOnlyAdmin(VerbAdmin):
    """Lists and pages without a form."""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never through a form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never through a form."""
        return False
