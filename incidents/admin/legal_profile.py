"""Legal profiles in the admin: a form in plain words, the regimes that follow, moved by verbs."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Model, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.legal_profile_forms import (
    ApproveForm,
    DraftForm,
    SwitchForm,
    WithdrawForm,
    WriteForm,
)
from incidents.admin.legal_profile_page import profile_context, shown_before_approval
from incidents.admin.matrix_page import STANDING_TAGS
from incidents.models import LegalProfile, Person
from incidents.operations import legal_profile
from incidents.operations.law import legal_profile_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, row: LegalProfile, person: Person) -> tuple[Reason, ...]:
    return legal_profile.objections(act, row, person, at=timezone.now())


@admin.register(LegalProfile)
class LegalProfileAdmin(GovernedAdmin):
    """Versions of what we are before the law: drafted, submitted, approved by another."""

    list_display = ["name", "stands", "maker", "checker", "effective_from"]
    list_filter = ["status"]
    list_select_related = ["maker", "checker"]
    search_fields = ["note"]
    first_step = (
        "Nobody has said yet where we operate and as whom, so no duty to notify is ruled out and "
        "incidents start no legal clock but that of counsel. Put a law pack in force first, then "
        "draft a profile and submit it; another leader approves it."
    )
    first_links = (("Duties to notify", "lawpack"),)
    verbs = (
        Verb("draft", "Draft a profile", legal_profile.draft, DraftForm,
             icon="edit_document", on_list=True,
             done="The draft is made: see what could concern us, then submit it.",
             explain="It begins with what is in force now. What you leave open rules nothing out. "
             "Nothing changes until another leader has approved it."),
        Verb("write", "Edit the draft", legal_profile.write, WriteForm,
             icon="edit", permission="draft", done="The draft says what you wrote.",
             explain="You become its maker: another leader must approve it.",
             objections=partial(_objections, "write")),
        Verb("switch", "Switch a regime", legal_profile.switch, SwitchForm,
             icon="toggle_on", permission="draft", done="The draft says so, with your reason.",
             explain="By hand, where the facts do not tell: off with a reason, or on with one.",
             objections=partial(_objections, "write")),
        Verb("submit", "Submit", legal_profile.submit,
             icon="outgoing_mail", done="It is submitted: ask another leader to approve it.",
             explain="Hands it to another leader, who approves it or withdraws it.",
             objections=partial(_objections, "submit")),
        Verb("approve", "Approve", legal_profile.approve, ApproveForm,
             icon="done_all", done="It is approved.", shows="admin/shown/law_profile.html",
             explain="Makes it the law from the instant you give, for every incident declared "
             "from then on. An incident already open keeps the profile it was declared under.",
             objections=partial(_objections, "approve")),
        Verb("withdraw", "Withdraw", legal_profile.withdraw, WithdrawForm,
             icon="block", danger=True, done="It is withdrawn.",
             explain="It will never be law. The version, its history and your reason are kept.",
             objections=partial(_objections, "withdraw")),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LegalProfile]:
        """Each row knows which version is in force, so that a list asks it once."""
        law = legal_profile_in_force(timezone.now())
        rows: QuerySet[LegalProfile] = super().get_queryset(request)
        return rows.annotate(
            law=Value(law.pk if law else None, output_field=BigIntegerField(null=True))
        )

    @admin.display(description="Version", ordering="number")
    def name(self, row: LegalProfile) -> str:
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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What it says and what follows, with the acts that may be done. Never posted to."""
        row = self.get_object(request, unquote(object_id))
        if not isinstance(row, LegalProfile):
            raise Http404
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request, row):
            raise PermissionDenied
        offers = self.offers(request, row)
        may_switch = (each for each in offers if each.verb.name == "switch")
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "original": row,
            "offers": offers,
            "switch_url": next((each.url for each in may_switch if not each.reasons), ""),
            **profile_context(row, timezone.now()),
        }
        return TemplateResponse(request, "admin/incidents/legalprofile/page.html", context)

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Before approving: which regimes come in or fall away."""
        if verb.shows and isinstance(subject, LegalProfile):
            return shown_before_approval(subject, timezone.now())
        return {}
