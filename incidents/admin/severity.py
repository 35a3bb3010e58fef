"""Severity schemes in the admin: drafted as one document, read level by level, moved by verbs."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Model, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.matrix_page import STANDING_TAGS
from incidents.admin.severity_backtest import backtest_page
from incidents.admin.severity_forms import (
    ApproveForm,
    DocumentForm,
    DraftForm,
    WithdrawForm,
    as_yaml,
)
from incidents.admin.severity_page import scheme_context
from incidents.admin.severity_try import try_page
from incidents.models import Person, SeverityScheme
from incidents.operations import scheme
from incidents.operations.law import scheme_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, row: SeverityScheme, person: Person) -> tuple[Reason, ...]:
    return scheme.objections(act, row, person, at=timezone.now())


@admin.register(SeverityScheme)
class SeveritySchemeAdmin(GovernedAdmin):
    """Versions of the severity law: drafted, submitted, approved by another, superseded."""

    list_display = ["name", "stands", "maker", "checker", "effective_from"]
    list_filter = ["status"]
    list_select_related = ["maker", "checker"]
    search_fields = ["note"]
    first_step = (
        "There is no severity scheme yet, so no incident can be declared. Draft the next version: "
        "it begins with four levels that you adapt. Submit it; another leader approves it."
    )
    verbs = (
        Verb("draft", "Draft the next version", scheme.draft, DraftForm,
             icon="edit_document", on_list=True, done="The draft is made: read it, then submit it.",
             explain="It begins with what is in force now, or with a scheme of four levels. "
             "Nothing changes until another leader has approved it."),
        Verb("write", "Edit the draft", scheme.write, DocumentForm,
             icon="edit", permission="draft", done="The draft says what you wrote.",
             explain="You become its maker: another leader must approve it.",
             objections=partial(_objections, "write")),
        Verb("submit", "Submit", scheme.submit,
             icon="outgoing_mail", done="It is submitted: ask another leader to approve it.",
             explain="Hands it to another leader, who approves it or withdraws it.",
             objections=partial(_objections, "submit")),
        Verb("approve", "Approve", scheme.approve, ApproveForm,
             icon="done_all", done="It is approved.",
             explain="Makes it the law from the instant you give, for every incident declared "
             "from then on. An approved version never changes.",
             objections=partial(_objections, "approve")),
        Verb("withdraw", "Withdraw", scheme.withdraw, WithdrawForm,
             icon="block", danger=True, done="It is withdrawn.",
             explain="It will never be law. The version, its history and your reason are kept.",
             objections=partial(_objections, "withdraw")),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeverityScheme]:
        """Each row knows which version is in force, so that a list asks it once."""
        law = scheme_in_force(timezone.now())
        rows: QuerySet[SeverityScheme] = super().get_queryset(request)
        return rows.annotate(
            law=Value(law.pk if law else None, output_field=BigIntegerField(null=True))
        )

    @admin.display(description="Version", ordering="number")
    def name(self, row: SeverityScheme) -> str:
        """What it is called."""
        return str(row)

    @admin.display(description="Standing", ordering="status")
    def stands(self, row: Any) -> str:
        """Draft, submitted, approved, in force, superseded or withdrawn."""
        standing = row.standing(timezone.now(), row if row.law == row.pk else None)
        return format_html(
            '<span class="tag {}">{}</span>', STANDING_TAGS.get(standing, ""), standing
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Drafted, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Read here; moved by verbs."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The pages of a version, before the verbs and the rows."""
        pages = (
            ("scheme.yaml", "document", self.export_view),
            ("try/", "try", self.try_view),
            ("back-test/", "backtest", self.backtest_view),
        )
        mine = [
            path(
                f"<int:pk>/{address}",
                self.admin_site.admin_view(view),
                name=f"incidents_severityscheme_{name}",
            )
            for address, name, view in pages
        ]
        return [*mine, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One panel a level, with the acts that may be done to the scheme. Never posted to."""
        row = self._readable(request, unquote(object_id))
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "offers": self.offers(request, row),
            **scheme_context(row, timezone.now()),
        }
        return TemplateResponse(request, "admin/incidents/severityscheme/page.html", context)

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The scheme as the document an import reads back."""
        row = self._readable(request, str(pk))
        kept = f'attachment; filename="severity-scheme-v{row.number}.yaml"'
        return HttpResponse(
            as_yaml(scheme.as_document(row)),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": kept},
        )

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Facts tried against this version, for whoever may read it."""
        return try_page(self, request, self._readable(request, str(pk)))

    def backtest_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Past incidents before this version, for whoever may read it."""
        return backtest_page(self, request, self._readable(request, str(pk)))

    def _readable(self, request: HttpRequest, pk: str) -> SeverityScheme:
        row = self.get_object(request, pk)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row
