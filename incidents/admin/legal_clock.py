"""Legal clocks: every duty of every incident, what became of it, and what was filed."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from incidents.admin import ledger, legal_running
from incidents.admin.base import GovernedAdmin, acting
from incidents.admin.seen import SeenWithIncident
from incidents.models import Filing, LegalClock
from incidents.models.private import seen_by
from incidents.operations import standing
from incidents.rules.verbs import VERBS

VIEW_FILING = "incidents.view_filing"
_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]+")
_LONGEST_NAME = 120


@admin.register(LegalClock)
class LegalClockAdmin(SeenWithIncident, GovernedAdmin):
    """Written by acts of incidents; a filing is recorded on the page of its incident."""

    list_display = ["duty", "where", "due_at", "standing", "settled_at", "settled_by"]
    list_filter = ["outcome", ("settled_at", admin.EmptyFieldListFilter), "confidence"]
    list_select_related = ["incident", "settled_by"]
    search_fields = ["incident__reference", "incident__title", "title", "basis"]
    ordering = [F("due_at").desc(nulls_last=True), "-id"]
    first_step = (
        "No clock ever ran. One starts when the facts of an incident ask for counsel or for a "
        "notice: approve a law pack and a legal profile first, then answer the questions under "
        "“Legal and privacy” of an incident."
    )
    first_links = (("Duties to notify", "lawpack"), ("What we are by law", "legalprofile"))
    list_before_template = "admin/law/clocks.html"
    change_form_before_template = "admin/incidents/legalclock/before.html"
    fields = [
        "where", "standing", "clock", "started_at", "due_at", "permitted_until", "zone",
        "settled_at", "settled_by", "answer", "late_reason",
    ]  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Started by what is known of an incident."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Settled by verbs of the incident."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The evidence comes before the row's own address, which would swallow it."""
        own: list[URLPattern] = [
            path(
                "<int:clock_id>/filing/<int:filing_id>/",
                self.admin_site.admin_view(self.filing_view),
                name="incidents_legalclock_filing",
            )
        ]
        return ledger.pages(self) + own + super().get_urls()

    @display(description="Duty", header=True)
    def duty(self, clock: LegalClock) -> list[str]:
        """What is owed, above the rule that says so; the facts stand on its page."""
        return [clock.title, clock.basis.partition(": ")[0] if clock.regime else clock.basis]

    @display(description="Incident", ordering="incident")
    def where(self, clock: LegalClock) -> SafeString:
        """Its incident's page of the law."""
        url = legal_running.url(clock.incident)
        return format_html('<a href="{}">{}</a>', url, clock.incident.reference)

    @display(description="Standing")
    def standing(self, clock: LegalClock) -> SafeString:
        """Met, late, stood down; while it is open, whether it is late, waits or is doubted."""
        tags = format_html("{}", _tag(*_standing(clock)))
        if clock.is_open and clock.doubted_at:
            tags += _tag("doubted", "tag-amber")
        if clock.confidence == "low":
            tags += _tag("low confidence", "tag-amber")
        return tags

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The duty with what was filed and what may be done; its verbs are the incident's."""
        clock = self.get_object(request, unquote(object_id))
        shown: dict[str, Any] = {}
        if isinstance(clock, LegalClock):
            may_open = request.user.has_perm(VIEW_FILING)
            filed = clock.filings.select_related("sent_by", "recorded_by").defer("file")
            shown = {
                "clock": clock,
                "filings": list(filed) if may_open else [],
                "acts": dict(self._acts(request, clock)),
                "law_url": legal_running.url(clock.incident),
            }
        return super().change_view(
            request, object_id, form_url, {**shown, **(extra_context or {})}
        )

    def _acts(self, request: HttpRequest, clock: LegalClock) -> Iterator[tuple[str, str]]:
        """The verbs of its incident open to the reader on it."""
        names = ("engage_counsel", "file_notice", "stand_down_clock", "keep_clock")
        urls = {
            name: reverse(f"admin:incidents_incident_{name}", args=[clock.incident_id])
            for name in names
            if request.user.has_perm(f"incidents.{VERBS[name].permission}")
            and not standing.objections(name, clock.incident, acting(request))
        }
        yield from legal_running.acts(clock, urls).items()

    def filing_view(self, request: HttpRequest, clock_id: int, filing_id: int) -> HttpResponse:
        """What was sent, as a file to keep: never shown in the page, whatever it says it is."""
        if not (self.has_view_permission(request) and request.user.has_perm(VIEW_FILING)):
            raise PermissionDenied
        rows = seen_by(Filing.objects.all(), acting(request), "clock__incident")
        filing = rows.filter(pk=filing_id, clock=clock_id).exclude(sha256="").first()
        if filing is None or filing.file is None:
            raise Http404
        answer = HttpResponse(bytes(filing.file), content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="{_file_name(filing)}"'
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
        answer["Cache-Control"] = "private, no-store"
        return answer


def _standing(clock: LegalClock) -> tuple[str, str]:
    if not clock.is_open:
        outcome = LegalClock.Outcome(clock.outcome)
        return str(outcome.label), legal_running.TAGS[outcome]
    if clock.due_at is None:
        return ("waits", "") if clock.is_fixed else ("without undue delay", "tag-amber")
    return ("late", "tag-red") if clock.due_at <= timezone.now() else ("runs", "tag-amber")


def _tag(word: str, look: str) -> SafeString:
    return format_html('<span class="tag {}">{}</span> ', look, word)


def _file_name(filing: Filing) -> str:
    """As it was called, without what a header or a file system could take for something else."""
    name = _UNSAFE.sub("_", filing.file_name).strip(". ")[-_LONGEST_NAME:]
    return name or f"filing-{filing.pk}"
