"""Law packs in the admin: imported whole, read regime by regime, compared, moved by verbs."""

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
from incidents.admin.law_pack_compare import compare_page
from incidents.admin.law_pack_forms import (
    ApproveForm,
    ImportForm,
    ShippedForm,
    WithdrawForm,
    WriteForm,
)
from incidents.admin.law_pack_page import pack_context, shown_before_approval
from incidents.admin.matrix_page import STANDING_TAGS
from incidents.models import LawPack, Person
from incidents.operations import law_files, law_pack
from incidents.operations.law import law_pack_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, row: LawPack, person: Person) -> tuple[Reason, ...]:
    return law_pack.objections(act, row, person, at=timezone.now())


@admin.register(LawPack)
class LawPackAdmin(GovernedAdmin):
    """Versions of the duties to notify: drafted from a file, approved by another, superseded."""

    list_display = ["name", "title", "as_of", "stands", "maker", "checker", "effective_from"]
    list_filter = ["status"]
    list_select_related = ["maker", "checker"]
    search_fields = ["title", "note", "source"]
    list_before_template = "admin/incidents/lawpack/before_list.html"
    verbs = (
        Verb("draft_shipped", "Draft the shipped pack", law_pack.draft_shipped, ShippedForm,
             icon="gavel", permission="draft", on_list=True,
             done="The draft is made: read it, then submit it.",
             explain="The pack that ships with this product, as the next version. Nothing changes "
             "until another leader has approved it."),
        Verb("draft", "Import a pack", law_pack.draft, ImportForm,
             icon="upload_file", on_list=True,
             done="The draft is made: read it, then submit it.",
             explain="A whole pack, all or nothing. To add regimes of your own, take the YAML of a "
             "version, add them, and import it. Nothing changes until another leader approves."),
        Verb("write", "Replace the content", law_pack.write, WriteForm,
             icon="edit_document", permission="draft", done="The draft says what the file says.",
             explain="You become its maker: another leader must approve it.",
             objections=partial(_objections, "write")),
        Verb("submit", "Submit", law_pack.submit,
             icon="outgoing_mail", done="It is submitted: ask another leader to approve it.",
             explain="Hands it to another leader, who approves it or withdraws it.",
             objections=partial(_objections, "submit")),
        Verb("approve", "Approve", law_pack.approve, ApproveForm,
             icon="done_all", done="It is approved.", shows="admin/shown/law_pack.html",
             explain="Makes it the law from the instant you give, for every incident declared "
             "from then on. An incident already open keeps the pack it was declared under.",
             objections=partial(_objections, "approve")),
        Verb("withdraw", "Withdraw", law_pack.withdraw, WithdrawForm,
             icon="block", danger=True, done="It is withdrawn.",
             explain="It will never be law. The version, its history and your reason are kept.",
             objections=partial(_objections, "withdraw")),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LawPack]:
        """Without the documents, which are large; each row knows which version is in force."""
        law = law_pack_in_force(timezone.now())
        rows: QuerySet[LawPack] = super().get_queryset(request)
        return rows.defer("document").annotate(
            law=Value(law.pk if law else None, output_field=BigIntegerField(null=True))
        )

    @admin.display(description="Version", ordering="number")
    def name(self, row: LawPack) -> str:
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
            ("compare/", "compare", self.compare_view),
            ("<int:pk>/law-pack.yaml", "document", self.export_view),
        )
        mine = [
            path(route, self.admin_site.admin_view(view), name=f"incidents_lawpack_{name}")
            for route, name, view in pages
        ]
        return [*mine, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; where it is empty, what to do first."""
        context = {"is_empty": not LawPack.objects.exists(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Every regime, folded, with the acts that may be done to the pack. Never posted to."""
        row = self._readable(request, unquote(object_id))
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "offers": self.offers(request, row),
            **pack_context(row, timezone.now(), request.GET),
        }
        return TemplateResponse(request, "admin/incidents/lawpack/page.html", context)

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Before approving: what changes in law, and for whom."""
        if verb.shows and isinstance(subject, LawPack):
            return shown_before_approval(subject, timezone.now())
        return {}

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The pack as the file an import reads back."""
        row = self._readable(request, str(pk))
        kept = f'attachment; filename="law-pack-v{row.number}.yaml"'
        return HttpResponse(
            law_files.as_yaml(row),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": kept},
        )

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """What changed in law between any two versions."""
        return compare_page(self, request)

    def _readable(self, request: HttpRequest, pk: str) -> LawPack:
        row = self.get_object(request, pk)
        if not isinstance(row, LawPack):
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row
