"""The admin of governed models: verbs, row history that cannot write, spreadsheets.

Unfold, simple-history and import-export stay behind this module and `incidents.admin.verbs`.
"""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ImportExportModelAdmin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import TabularInline
from unfold.contrib.import_export.forms import SelectableFieldsExportForm

from incidents.admin.sheet_forms import FORMATS, SheetConfirmForm, SheetImportForm
from incidents.admin.verbs import Verb, VerbAdmin, acting
from incidents.operations.sheets import record_import

__all__ = ["CappedPaginator", "GovernedAdmin", "ReadOnlyInline", "SheetAdmin", "Verb", "acting"]

COUNT_CAP = 10_000


class CappedPaginator(Paginator[Any]):
    """Counts at most COUNT_CAP rows: a page of a list must not cost a scan of the table."""

    @cached_property
    def count(self) -> int:
        """The number of rows, or the cap where there are more."""
        rows = self.object_list
        if isinstance(rows, models.QuerySet):
            return rows.order_by()[:COUNT_CAP].count()
        return len(rows)


class GovernedAdmin(SimpleHistoryAdmin, VerbAdmin):
    """The admin of every governed model: no delete, history that cannot write, verbs that act."""

    list_per_page = 25
    show_full_result_count = False
    paginator = CappedPaginator
    history_list_per_page = 25

    def get_inlines(self, request: HttpRequest, obj: models.Model | None) -> Any:
        """What is shown beneath a row, a row still being added cannot have."""
        inlines = super().get_inlines(request, obj)
        return [one for one in inlines if obj or not issubclass(one, ReadOnlyInline)]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The past of a row the reader may see; the stock page shows that of any row it finds."""
        self._require_seen(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show a past version; the stock page would save it on POST, whatever the settings say."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        self._require_seen(request, object_id)
        return super().history_form_view(request, object_id, *args, **kwargs)

    def _require_seen(self, request: HttpRequest, object_id: str) -> None:
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404


class SheetAdmin(ImportExportModelAdmin, GovernedAdmin):
    """A governed model with spreadsheets in and out: CSV and XLSX, preview, all or nothing."""

    import_form_class = SheetImportForm
    confirm_form_class = SheetConfirmForm
    export_form_class = SelectableFieldsExportForm
    formats = FORMATS

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Every row and the audit line in one transaction; a preview is confirmed once."""
        try:
            with transaction.atomic():
                return super().process_import(request, **kwargs)
        except FileNotFoundError:
            return self._upload_again(request, "This preview was confirmed before or is gone.")

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """What became invalid since the preview refuses the whole file, not its row."""
        known: dict[str, Any] = super().get_import_data_kwargs(**kwargs)
        return {**known, "rollback_on_validation_errors": True}

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Record what came in, or say that nothing did."""
        if result.has_errors() or result.has_validation_errors():
            return self._upload_again(request, "Nothing was imported: some rows no longer fit.")
        record_import(
            self.model,
            file=request.POST["original_file_name"],
            counts={what: count for what, count in result.totals.items() if count},
            actor=acting(request),
            at=timezone.now(),
        )
        return super().process_result(result, request)

    def _upload_again(self, request: HttpRequest, why: str) -> HttpResponse:
        self.message_user(request, f"{why} Upload the file again.", messages.ERROR)
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import"))


class ReadOnlyInline(TabularInline):
    """Rows shown beneath their parent; they change only through verbs."""

    extra = 0
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the rows that its columns and titles name: one query, however many rows."""
        named = [field.name for field in self.opts.fields if field.many_to_one]
        return super().get_queryset(request).select_related(*named)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never through the form."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Never through the form."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> bool:
        """Never at all."""
        return False
