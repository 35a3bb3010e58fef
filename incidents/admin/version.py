"""The admin of a law in versions: read on a page of its own, never typed, moved by verbs."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Model, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.admin.base import GovernedAdmin
from incidents.admin.matrix_page import STANDING_TAGS
from incidents.models.governed import GovernedVersion


class VersionAdmin(GovernedAdmin):
    """What the versions of a matrix, a severity scheme, a law pack and a legal profile share.

    A subclass says which version is in force (`in_force`), its page (`page_template`) and what
    stands on it (`page_context`).
    """

    list_display = ["name", "stands", "maker", "checker", "effective_from"]
    list_filter = ["status"]
    list_select_related = ["maker", "checker"]
    search_fields = ["note"]
    page_template = ""

    def in_force(self, at: datetime) -> GovernedVersion | None:
        """The version that is law at this instant."""
        raise NotImplementedError

    def page_context(self, request: HttpRequest, row: Any, at: datetime) -> dict[str, Any]:
        """What the page of a version shows beside its title: at least the acts on offer."""
        return {"offers": self.offers(request, row)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each row knows which version is in force, so that a list asks it once."""
        law = self.in_force(timezone.now())
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.annotate(
            law=Value(law.pk if law else None, output_field=BigIntegerField(null=True))
        )

    @admin.display(description="Version", ordering="number")
    def name(self, row: GovernedVersion) -> str:
        """What it is called."""
        return str(row)

    @admin.display(description="Standing", ordering="status")
    def stands(self, row: Any) -> SafeString:
        """Draft, submitted, approved, in force, superseded or withdrawn."""
        standing = row.standing(timezone.now(), row if row.law == row.pk else None)
        return format_html(
            '<span class="tag {}">{}</span>', STANDING_TAGS.get(standing, ""), standing
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Drafted or imported, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read here; moved by verbs."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; an empty one says how to begin."""
        context = {"is_empty": not self.model.objects.exists(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The version to read, with the acts that may be done to it. It is never posted to."""
        row = self.readable(request, unquote(object_id))
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            **self.page_context(request, row, timezone.now()),
        }
        return TemplateResponse(request, self.page_template, context)

    def readable(self, request: HttpRequest, pk: str) -> Any:
        """The version with this key, for whoever may read it; 404 or 403 otherwise."""
        row = self.get_object(request, pk)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row
