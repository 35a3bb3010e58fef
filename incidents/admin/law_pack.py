"""Law packs in the admin: imported whole, read regime by regime, compared, moved by verbs."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from incidents.admin.base import Verb
from incidents.admin.law_pack_compare import compare_page
from incidents.admin.law_pack_forms import (
    ApproveForm,
    ImportForm,
    ShippedForm,
    WithdrawForm,
    WriteForm,
)
from incidents.admin.law_pack_page import pack_context, shown_before_approval
from incidents.admin.version import VersionAdmin
from incidents.models import LawPack, Person
from incidents.operations import law_files, law_pack
from incidents.operations.law import law_pack_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, row: LawPack, person: Person) -> tuple[Reason, ...]:
    return law_pack.objections(act, row, person, at=timezone.now())


@admin.register(LawPack)
class LawPackAdmin(VersionAdmin):
    """Versions of the duties to notify: drafted from a file, approved by another, superseded."""

    list_display = ["name", "title", "as_of", "stands", "maker", "checker", "effective_from"]
    search_fields = ["title", "note", "source"]
    page_template = "admin/incidents/lawpack/page.html"
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

    def in_force(self, at: datetime) -> LawPack | None:
        """The pack that is law."""
        return law_pack_in_force(at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LawPack]:
        """Without the documents, which are large."""
        return super().get_queryset(request).defer("document")

    def page_context(self, request: HttpRequest, row: Any, at: datetime) -> dict[str, Any]:
        """Every regime, folded."""
        shown = pack_context(row, at, request.GET)
        return {**super().page_context(request, row, at), **shown}

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

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Before approving: what changes in law, and for whom."""
        if verb.shows and isinstance(subject, LawPack):
            return shown_before_approval(subject, timezone.now())
        return {}

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The pack as the file an import reads back."""
        row = self.readable(request, str(pk))
        kept = f'attachment; filename="law-pack-v{row.number}.yaml"'
        return HttpResponse(
            law_files.as_yaml(row),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": kept},
        )

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """What changed in law between any two versions."""
        return compare_page(self, request)
