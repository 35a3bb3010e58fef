"""Holding statements: drafted and imported here, approved by another person, then retired."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from incidents.admin.base import SheetAdmin, Verb, acting
from incidents.admin.forms import VerbForm, date_field
from incidents.admin.resources import StatementResource
from incidents.models import HoldingStatement
from incidents.operations import statement
from incidents.rules.wording import check_template


class ApproveForm(VerbForm):
    """Until when the words may be used."""

    expires_on = date_field(
        required=False, help_text="First day on which it may no longer be used."
    )
    emergency_reason = forms.CharField(
        required=False,
        help_text="Needed only while an incident of this scenario is open.",
    )


class RetireForm(VerbForm):
    """Why the words may no longer be used."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class DraftForm(forms.ModelForm[HoldingStatement]):
    """A draft whose blanks are ones we can fill."""

    def clean_text(self) -> str:
        """Name every unknown blank while the author is still here."""
        text: str = self.cleaned_data["text"]
        problems = check_template(text)
        if problems:
            raise forms.ValidationError([problem.message for problem in problems])
        return text


@admin.register(HoldingStatement)
class HoldingStatementAdmin(SheetAdmin):
    """Words approved in calm."""

    form = DraftForm
    resource_classes = [StatementResource]
    list_display = ["title", "scenario", "severity", "audience", "status", "expires_on"]
    list_filter = ["status", "audience", "scenario", "language"]
    list_select_related = ["scenario"]
    search_fields = ["title", "text"]
    first_step = (
        "No words are prepared yet. Add or import a draft for each scenario and audience; another "
        "person approves it. Under pressure only approved words are offered."
    )
    autocomplete_fields = ["scenario"]
    fields = [
        "title", "scenario", "severity", "audience", "language", "text", "expires_on",
        "status", "maker", "approver", "approved_at",
    ]  # fmt: skip
    readonly_fields = ["status", "maker", "approver", "approved_at"]
    verbs = (
        Verb("approve", "Approve", statement.approve, ApproveForm, icon="done_all",
             explain="From now on these words may be used, until they expire.",
             shows="admin/shown/statement.html"),
        Verb("retire", "Retire", statement.retire, RetireForm, icon="block", danger=True,
             explain="These words are no longer offered. Updates that used them stay."),
    )  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only drafts are written."""
        is_draft = not isinstance(obj, HoldingStatement) or obj.status == "draft"
        return is_draft and super().has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: HoldingStatement, form: Any, change: bool
    ) -> None:
        """Whoever writes last is the maker, and can no longer be the approver."""
        obj.maker = acting(request)
        super().save_model(request, obj, form, change)
