"""Holding statements: drafted and imported here, approved by another person, then retired."""

from functools import partial

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from incidents.admin.base import SheetAdmin, Verb
from incidents.admin.forms import VerbForm, date_field
from incidents.admin.resources import StatementResource
from incidents.models import Audience, HoldingStatement, Person, Scenario
from incidents.operations import statement
from incidents.rules.reasons import Reason
from incidents.rules.wording import ALLOWED_BLANKS

BLANKS = ", ".join(f"{{{name}}}" for name in ALLOWED_BLANKS)


class ApproveForm(VerbForm):
    """Until when the words may be used; `seen` is what the approver has read."""

    seen = forms.CharField(widget=forms.HiddenInput)
    expires_on = date_field(
        required=False, help_text="First day on which it may no longer be used."
    )
    emergency_reason = forms.CharField(
        required=False,
        help_text="Needed only while an incident of this scenario is open.",
    )

    def prepare(self) -> None:
        """Words changed while the page stood open are not approved unread."""
        if isinstance(self.subject, HoldingStatement):
            self.initial["seen"] = statement.fingerprint(self.subject)


class RetireForm(VerbForm):
    """Why the words may no longer be used."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class WriteForm(VerbForm):
    """The words, and for whom and when they are meant."""

    title = forms.CharField(max_length=120)
    scenario = forms.ModelChoiceField(
        Scenario.objects.all(), required=False, help_text="Empty: for any."
    )
    severity = forms.SlugField(
        max_length=20,
        required=False,
        help_text="Code of a level, such as sev1. Empty: for any.",
    )
    audience = forms.ChoiceField(choices=Audience.choices)
    language = forms.CharField(max_length=10, initial="en")
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"Blanks that may be filled: {BLANKS}.",
    )
    expires_on = date_field(
        required=False, help_text="First day on which it may no longer be used."
    )

    def prepare(self) -> None:
        """What stands there now."""
        if isinstance(self.subject, HoldingStatement):
            self.initial.update({name: getattr(self.subject, name) for name in self.fields})


def _not_a_draft(subject: HoldingStatement, _actor: Person) -> tuple[Reason, ...]:
    if subject.status == HoldingStatement.Status.DRAFT:
        return ()
    return (Reason("not_a_draft", "These words were approved: draft new ones instead."),)


@admin.register(HoldingStatement)
class HoldingStatementAdmin(SheetAdmin):
    """Words approved in calm."""

    resource_classes = [StatementResource]
    list_display = ["title", "scenario", "severity", "audience", "status", "expires_on"]
    list_filter = ["status", "audience", "scenario", "language"]
    list_select_related = ["scenario"]
    search_fields = ["title", "text"]
    first_step = (
        "No words are prepared yet. Draft or import words for each scenario and audience; another "
        "person approves it. Under pressure only approved words are offered."
    )
    fields = [
        "title", "scenario", "severity", "audience", "language", "text", "expires_on",
        "status", "maker", "approver", "approved_at",
    ]  # fmt: skip
    readonly_fields = fields
    verbs = (
        Verb("draft", "Draft a statement", partial(statement.write, None), WriteForm,
             icon="edit_note", on_list=True, permission="add",
             explain="Another person approves it before it may be used."),
        Verb("write", "Edit the draft", statement.write, WriteForm, icon="edit",
             permission="change", objections=_not_a_draft,
             explain="Whoever writes a part of it can no longer approve it."),
        Verb("approve", "Approve", statement.approve, ApproveForm, icon="done_all",
             explain="From now on these words may be used, until they expire.",
             shows="admin/shown/statement.html"),
        Verb("retire", "Retire", statement.retire, RetireForm, icon="block", danger=True,
             explain="These words are no longer offered. Updates that used them stay."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Drafted by a verb."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Written by a verb."""
        return False
