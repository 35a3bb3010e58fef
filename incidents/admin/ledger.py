"""The ledger as a page and as a file: every legal clock of every incident, and what became of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from incidents.admin.base import CappedPaginator, GovernedAdmin, acting
from incidents.admin.forms import date_field
from incidents.admin.matrix_export import XLSX, attachment, to_csv, to_xlsx
from incidents.operations import ledger
from incidents.operations.ledger import Rows
from incidents.rules.ledger import OUTCOMES, Asked
from incidents.rules.reasons import NotPermitted, Refused
from incidents.sheets import quoted

PER_PAGE = 50
DIGEST = "X-Checksum-SHA256"
PAGE = "admin:incidents_legalclock_ledger"
WRITERS: dict[str, tuple[Callable[[Rows], bytes], str]] = {
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (partial(to_xlsx, title="Ledger"), XLSX),
}


class LedgerForm(forms.Form):
    """Which part of the ledger. Everything may be left open."""

    since = date_field(required=False, label="Declared from")
    until = date_field(required=False, label="Declared until")
    regime = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    outcome = forms.ChoiceField(
        required=False, choices=list(OUTCOMES.items()), widget=UnfoldAdminSelectWidget
    )
    exercises = forms.BooleanField(
        required=False, label="Exercises too", widget=UnfoldBooleanWidget
    )

    def __init__(self, said: QueryDict, regimes: list[str]) -> None:
        super().__init__(said)
        choice = self.fields["regime"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [("", "any"), *((code, code) for code in regimes)]

    def asked(self) -> Asked:
        """What was asked for; a field that cannot be read asks for nothing, and says so."""
        self.full_clean()
        said = self.cleaned_data
        return Asked(
            since=said.get("since"),
            until=said.get("until"),
            regime=said.get("regime") or "",
            outcome=said.get("outcome") or "",
            with_exercises=bool(said.get("exercises")),
        )


def pages(admin: GovernedAdmin) -> list[URLPattern]:
    """The page and the file; they come before the rows, whose addresses would swallow them."""
    wrap = admin.admin_site.admin_view
    return [
        path("ledger/", wrap(partial(ledger_page, admin)), name="incidents_legalclock_ledger"),
        path(
            "ledger/export/",
            wrap(require_POST(export_view)),
            name="incidents_legalclock_ledger_export",
        ),
    ]


def ledger_page(admin: GovernedAdmin, request: HttpRequest) -> HttpResponse:
    """Fifty clocks, or fifty decisions with `show=decisions`; a GET, to be linked to."""
    reader = acting(request)
    if not ledger.may_see(reader):
        raise PermissionDenied
    at = timezone.now()
    form = LedgerForm(request.GET, ledger.regimes(reader))
    asked = form.asked()
    shows_decisions = request.GET.get("show") == "decisions"
    rows: Any = (
        ledger.decisions(asked, reader)
        if shows_decisions
        else ledger.clocks(asked, reader, at=at)
    )
    part = CappedPaginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    found = list(part.object_list)
    context = {
        **admin.admin_site.each_context(request),
        "title": "Legal ledger",
        "opts": admin.opts,
        "form": form,
        "media": admin.media + form.media,
        "part": part,
        "lines": [] if shows_decisions else ledger.lines(found, at=at),
        "decisions": ledger.decided(found) if shows_decisions else [],
        "shows_decisions": shows_decisions,
        "tabs": _tabs(request, shows_decisions=shows_decisions),
        "earlier": _link(request, p=part.previous_page_number()) if part.has_previous() else "",
        "later": _link(request, p=part.next_page_number()) if part.has_next() else "",
        "said": [(name, value) for name, value in request.GET.items() if name in form.fields],
        "is_asked": bool(request.GET.keys() & form.fields.keys()),
        "may_export": ledger.may_export(reader),
        "digest_header": DIGEST,
    }
    return TemplateResponse(request, "admin/law/ledger.html", context)


def export_view(request: HttpRequest) -> HttpResponse:
    """The ledger asked for as a file, its SHA-256 in a header and in the audit trail."""
    reader = acting(request)
    if not ledger.may_export(reader):
        raise PermissionDenied
    form = "xlsx" if request.POST.get("format") == "xlsx" else "csv"
    write, kind = WRITERS[form]
    which = LedgerForm(request.POST, ledger.regimes(reader))
    if not which.is_valid():
        messages.error(request, "Nothing was exported: correct what is asked for first.")
        return redirect(f"{reverse(PAGE)}?{_query(request)}")
    asked, at = which.asked(), timezone.now()
    try:
        done = ledger.export_ledger(
            asked, write=partial(_safe, write), form=form, actor=reader, at=at
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(reverse(PAGE))
    answer = attachment(done.content, kind, f"legal-ledger-{at:%Y-%m-%d}.{form}")
    answer[DIGEST] = done.sha256
    return answer


def _query(request: HttpRequest) -> str:
    said = request.POST.copy()
    for name in said.keys() - LedgerForm.base_fields.keys():
        del said[name]
    return said.urlencode()


def _safe(write: Callable[[Rows], bytes], rows: Rows) -> bytes:
    """Every cell as text that no spreadsheet runs."""
    return write([[quoted(cell) for cell in row] for row in rows])


def _tabs(request: HttpRequest, *, shows_decisions: bool) -> list[tuple[str, str, bool]]:
    """What it is called, where it is, whether it is shown."""
    return [
        ("Clocks and filings", _link(request, show="", p=""), not shows_decisions),
        ("Decisions", _link(request, show="decisions", p=""), shows_decisions),
    ]


def _link(request: HttpRequest, **said: object) -> str:
    query = request.GET.copy()
    for name, value in said.items():
        query[name] = str(value)
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}"
