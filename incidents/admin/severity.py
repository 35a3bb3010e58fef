"""Severity schemes in the admin: drafted as one document, read level by level, moved by verbs."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from incidents.admin.base import Verb
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
from incidents.admin.version import VersionAdmin
from incidents.models import Person, SeverityScheme
from incidents.operations import scheme
from incidents.operations.law import scheme_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, row: SeverityScheme, person: Person) -> tuple[Reason, ...]:
    return scheme.objections(act, row, person, at=timezone.now())


@admin.register(SeverityScheme)
class SeveritySchemeAdmin(VersionAdmin):
    """Versions of the severity law: drafted, submitted, approved by another, superseded."""

    page_template = "admin/incidents/severityscheme/page.html"
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

    def in_force(self, at: datetime) -> SeverityScheme | None:
        """The scheme that is law."""
        return scheme_in_force(at)

    def page_context(self, request: HttpRequest, row: Any, at: datetime) -> dict[str, Any]:
        """One panel a level."""
        return {**super().page_context(request, row, at), **scheme_context(row, at)}

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

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The scheme as the document an import reads back."""
        row = self.readable(request, str(pk))
        kept = f'attachment; filename="severity-scheme-v{row.number}.yaml"'
        return HttpResponse(
            as_yaml(scheme.as_document(row)),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": kept},
        )

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Facts tried against this version, for whoever may read it."""
        return try_page(self, request, self.readable(request, str(pk)))

    def backtest_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Past incidents before this version, for whoever may read it."""
        return backtest_page(self, request, self.readable(request, str(pk)))
