"""Holding statements: drafted and imported here, signed off, approved by another person, retired."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from incidents.admin import coverage, support
from incidents.admin.base import SheetAdmin, Verb, acting
from incidents.admin.resources import StatementResource
from incidents.admin.statement_filters import StandsFilter
from incidents.admin.statement_forms import (
    ApproveForm,
    ClearForm,
    RetireForm,
    ReviseForm,
    WriteForm,
)
from incidents.models import HoldingStatement, Person, StatementCopy, Update
from incidents.models.calendar import today
from incidents.models.private import seen_by
from incidents.operations import agreeing, library, pack, wording
from incidents.operations.statement import needs_approval_anew
from incidents.rules.reasons import Reason
from incidents.rules.wording import blanks, free_blanks, phrases

_Status = HoldingStatement.Status
_SHOWN_USES = 10
_TAGS = {_Status.DRAFT: "", _Status.APPROVED: "tag-green", _Status.RETIRED: "tag-amber"}


def _only(status: str, code: str, message: str) -> partial[tuple[Reason, ...]]:
    return partial(_unless, status, Reason(code, message))


def _unless(
    status: str, reason: Reason, subject: HoldingStatement, _actor: Person
) -> tuple[Reason, ...]:
    return () if subject.status == status else (reason,)


def _to_clear(subject: HoldingStatement, actor: Person) -> tuple[Reason, ...]:
    return agreeing.objections_to_clear(subject, actor, on=today(timezone.now()))


@admin.register(HoldingStatement)
class HoldingStatementAdmin(SheetAdmin):
    """Words approved in calm."""

    resource_classes = [StatementResource]
    list_display = [
        "title", "scenario", "severity", "audience", "purpose", "stands", "numbered", "expires_on",
        "used",
    ]  # fmt: skip
    list_filter = [StandsFilter, "status", "audience", "purpose", "scenario", "language"]
    list_select_related = ["scenario", "approver"]
    search_fields = ["title", "text"]
    first_step = (
        "No words are prepared yet. Draft or import words for each scenario and audience, or add "
        "the words that ship and change them; another person approves each. Under pressure only "
        "approved words are offered."
    )
    fields = [
        "title", "scenario", "severity", "audience", "purpose", "language", "words",
        "may_be_filled", "not_claimed", "stands", "version", "replaces", "maker", "cleared_by",
        "cleared_at", "approver", "approved_at", "effective_from", "review_on", "expires_on",
        "uses_shown",
    ]  # fmt: skip
    readonly_fields = fields
    list_before_template = "admin/statements/list.html"
    verbs = (
        Verb("draft", "Draft a statement", partial(library.write, None), WriteForm,
             icon="edit_note", on_list=True, permission="add",
             explain="Another person approves it before it may be used."),
        Verb("unpack", "Add the words that ship", pack.unpack, icon="inventory_2", on_list=True,
             permission="add", explain=pack.PROMISE),
        Verb("write", "Edit the draft", library.write, WriteForm, icon="edit",
             permission="change",
             objections=_only("draft", "not_a_draft", "These words were approved: revise them."),
             explain="Whoever writes a part of it can no longer approve it, and counsel signs it "
             "off again."),
        Verb("revise", "Draft the next version", library.revise, ReviseForm, icon="upgrade",
             permission="add",
             objections=_only("approved", "not_approved",
                              "Only approved words have a next version."),
             explain="These words stay in use until the next version is approved."),
        Verb("clear", "Sign off as legal counsel", agreeing.clear, ClearForm, icon="gavel",
             objections=_to_clear, shows="admin/shown/statement.html",
             explain="Keeps that counsel read these very words. Whoever changes them asks again."),
        Verb("approve", "Approve", agreeing.approve, ApproveForm, icon="done_all",
             objections=agreeing.objections_to_approve, shows="admin/shown/statement.html",
             explain="From now on these words may be used, until they expire. The version before "
             "is retired."),
        Verb("retire", "Retire", library.retire, RetireForm, icon="block", danger=True,
             explain="These words are no longer offered. Updates that used them stay."),
        *coverage.PLANS,
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Drafted by a verb."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Written by a verb."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The coverage map and what support may say, before the rows."""
        return [*coverage.pages(self), *support.pages(self), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[HoldingStatement]:
        """Each with how often it was used, in an update or by somebody who took its words."""
        rows: QuerySet[HoldingStatement] = super().get_queryset(request)
        return rows.annotate(uses_counted=_counted(Update) + _counted(StatementCopy))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> HoldingStatement | None:
        """With the updates that used it, as far as the reader may see their incidents."""
        found: HoldingStatement | None = super().get_object(request, object_id, from_field)
        if found is not None:
            uses = found.uses.select_related("incident").order_by("-drafted_at")
            found.seen_uses = seen_by(uses, acting(request))[:_SHOWN_USES]  # type: ignore[attr-defined]
        return found

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """What the wording checks say, where somebody is to agree."""
        if verb.name not in ("clear", "approve") or not isinstance(subject, HoldingStatement):
            return {}
        return {
            "words": _marked(subject.text),
            "remarks": wording.of_statement(subject, at=timezone.now()),
        }

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Model | None, result: Any
    ) -> HttpResponse:
        """Say how many words were added, where several were."""
        if isinstance(result, pack.Unpacked):
            verb = Verb(verb.name, verb.label, verb.call, done=str(result))
        return super().after_act(request, verb, subject, result)

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """A next version is a row of its own: on to it; of many drafts the map shows where."""
        if verb.name == "plan_row":
            return reverse(coverage.PAGE)
        return super().after_verb(verb, None if verb.name == "revise" else subject, result)

    @admin.display(description="Status", ordering="status")
    def stands(self, row: HoldingStatement) -> SafeString:
        """The status in its colour, and what keeps words from being used as they are."""
        tag = format_html(
            '<span class="tag {}">{}</span>',
            _TAGS[_Status(row.status)],
            row.get_status_display(),
        )
        why = _hindered(row)
        return format_html('{} <span class="tag tag-red">{}</span>', tag, why) if why else tag

    @admin.display(description="Version", ordering="version")
    def numbered(self, row: HoldingStatement) -> str:
        """Which version of these words it is."""
        return f"v{row.version}"

    @admin.display(description="Used", ordering="uses_counted")
    def used(self, row: HoldingStatement) -> int:
        """How often."""
        return int(getattr(row, "uses_counted", 0))

    @admin.display(description="Text")
    def words(self, row: HoldingStatement) -> SafeString:
        """The words, their blanks marked; what was planned says that nobody wrote it yet."""
        if not row.text:
            return format_html('<span class="faint">{}</span>', "No words yet: edit the draft.")
        return format_html('<div class="statement-words">{}</div>', _marked(row.text))

    @admin.display(description="Blanks")
    def may_be_filled(self, row: HoldingStatement) -> str | None:
        """What is filled in when it is used, and which of it needs a second person."""
        if not row.text:
            return None
        names, free = blanks(row.text), free_blanks(row.text)
        said = ", ".join(f"{{{name}}}" for name in names) or "None: it is used as it stands"
        return f"{said}. Free text: {', '.join(free)}." if free else f"{said}."

    @admin.display(description="Must not be claimed")
    def not_claimed(self, row: HoldingStatement) -> SafeString | None:
        """The phrases no update about the scenario may contain."""
        items = format_html_join("", "<li>{}</li>", ((one,) for one in phrases(row.forbidden)))
        return format_html("<ul>{}</ul>", items) if items else None

    @admin.display(description="Where it was used")
    def uses_shown(self, row: HoldingStatement) -> SafeString:
        """The latest updates that used it, and how often it was used in all."""
        items = format_html_join(
            "", '<li><a class="underline" href="{}">{}</a>, {}</li>',
            (
                (_page(use), use.incident.reference, use.get_status_display())
                for use in getattr(row, "seen_uses", ())
            ),
        )  # fmt: skip
        times = self.used(row)
        said = f"{times} {'time' if times == 1 else 'times'}"
        return format_html("{}<ul>{}</ul>", said, items) if items else format_html("{}", said)


def _counted(uses: type[Update] | type[StatementCopy]) -> Coalesce:
    """How many of these name the statement; counted on their own, since two joins multiply."""
    rows = uses._default_manager.filter(statement=OuterRef("pk")).order_by()
    counted = rows.values("statement").annotate(times=Count("pk")).values("times")
    return Coalesce(Subquery(counted), 0)


def _hindered(row: HoldingStatement) -> str:
    day = today(timezone.now())
    if row.status != _Status.APPROVED:
        return ""
    if row.expires_on and row.expires_on <= day:
        return "expired"
    if row.effective_from and row.effective_from > day:
        return "not yet"
    return "approver left" if needs_approval_anew(row) else ""


def _marked(text: str) -> SafeString:
    """The text, escaped, with its blanks as marks; a line break stays one by CSS."""
    parts = text.replace("{", "\0{").replace("}", "}\0").split("\0")
    return format_html_join(
        "", "{}", ((_mark(part) if part.startswith("{") else part,) for part in parts)
    )


def _mark(blank: str) -> SafeString:
    return format_html("<mark>{}</mark>", blank)


def _page(use: Update) -> str:
    return reverse("admin:incidents_incident_change", args=[use.incident_id])
