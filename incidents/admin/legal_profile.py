"""Legal profiles in the admin: a form in plain words, the regimes that follow, moved by verbs."""

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from incidents.admin.base import Verb
from incidents.admin.legal_profile_forms import (
    ApproveForm,
    DraftForm,
    SwitchForm,
    WithdrawForm,
    WriteForm,
)
from incidents.admin.legal_profile_page import profile_context, shown_before_approval
from incidents.admin.version import VersionAdmin
from incidents.models import LegalProfile, Person
from incidents.operations import legal_profile
from incidents.operations.law import legal_profile_in_force
from incidents.rules.reasons import Reason


def _objections(act: str, row: LegalProfile, person: Person) -> tuple[Reason, ...]:
    return legal_profile.objections(act, row, person, at=timezone.now())


@admin.register(LegalProfile)
class LegalProfileAdmin(VersionAdmin):
    """Versions of what we are before the law: drafted, submitted, approved by another."""

    page_template = "admin/incidents/legalprofile/page.html"
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

    def in_force(self, at: datetime) -> LegalProfile | None:
        """The profile that is law."""
        return legal_profile_in_force(at)

    def page_context(self, request: HttpRequest, row: Any, at: datetime) -> dict[str, Any]:
        """What it says and what follows; a regime is switched from its line."""
        offered = super().page_context(request, row, at)
        may_switch = (each for each in offered["offers"] if each.verb.name == "switch")
        url = next((each.url for each in may_switch if not each.reasons), "")
        return {**offered, "switch_url": url, **profile_context(row, at)}

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """Before approving: which regimes come in or fall away."""
        if verb.shows and isinstance(subject, LegalProfile):
            return shown_before_approval(subject, timezone.now())
        return {}
