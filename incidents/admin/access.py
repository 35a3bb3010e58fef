"""Groups of rights, and the tokens by which programs act for people."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from incidents.admin.forms import VerbForm
from incidents.admin.verbs import Verb, VerbAdmin, acting
from incidents.models import ApiToken, Person
from incidents.operations import people

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(VerbAdmin, StockGroupAdmin):
    """The four groups and whatever a company adds; the four are kept as their table says."""


class IssueForm(VerbForm):
    """Which program it is for."""

    label = forms.CharField(
        max_length=80, help_text="Which program will use it, so that you know what to revoke."
    )


def issue(*, label: str, actor: Person, at: datetime) -> str:
    """A token of one's own."""
    return people.issue_token(actor, label=label, actor=actor, at=at)


@admin.register(ApiToken)
class ApiTokenAdmin(VerbAdmin):
    """Tokens by their label; the token itself is shown once and not stored."""

    list_display = ["person", "label", "created_at", "revoked_at"]
    list_select_related = ["person"]
    search_fields = ["person__name", "label"]
    fields = ["person", "label", "created_at", "revoked_at"]
    first_step = "No token yet. Issue one for each program that is to act for you."
    verbs = (
        Verb("issue", "Issue a token", issue, IssueForm, icon="key", on_list=True,
             permission="change",
             explain="A program with this token does what you may do. It is shown once."),
        Verb("revoke", "Revoke", people.revoke_token, icon="block", danger=True,
             permission="change", done="The token is revoked: it opens nothing any more.",
             explain="A program that still uses it is refused from now on."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Issued, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Revoked, not edited."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """A person sees their own; a superuser all."""
        rows: QuerySet[ApiToken] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(person=acting(request))

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Model | None, result: Any
    ) -> HttpResponse:
        """A new token is shown on the answer itself: no redirect could carry it unseen."""
        if verb.name != "issue":
            return super().after_act(request, verb, subject, result)
        context = {
            **self.admin_site.each_context(request),
            "title": "Your new token",
            "opts": self.opts,
            "token": result,
        }
        return TemplateResponse(request, "admin/incidents/apitoken/issued.html", context)
