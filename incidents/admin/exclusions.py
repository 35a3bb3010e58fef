"""Which roles exclude each other: the pairs leadership keeps, beside a floor nobody lifts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.forms import VerbForm
from incidents.admin.verbs import Offer
from incidents.models import Person, Role, RoleExclusion
from incidents.operations import exclusions
from incidents.operations.exclusions import REASON_LENGTH
from incidents.rules.candidates import name_of
from incidents.rules.reasons import Reason
from incidents.rules.roles import EVERY_OTHER

_EVERY = "Every other role"


class ExcludeForm(VerbForm):
    """Two roles, or one and every other, and why."""

    role = forms.ChoiceField()
    other = forms.ChoiceField(label="And", required=False)
    reason = forms.CharField(
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Shown to whoever is refused the second role.",
    )

    def prepare(self) -> None:
        """The roles of the catalogue."""
        roles = list(Role.objects.active().values_list("slug", "name"))
        for name, first in (("role", ("", "Choose a role")), ("other", (EVERY_OTHER, _EVERY))):
            self.fields[name].choices = [first, *roles]  # type: ignore[attr-defined]


class LiftForm(VerbForm):
    """Why both may be held by one person now."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


def _against_lifting(row: RoleExclusion, _person: Person) -> list[Reason]:
    return [] if row.lifted_at is None else [exclusions.LIFTED_ALREADY]


@admin.register(RoleExclusion)
class RoleExclusionAdmin(GovernedAdmin):
    """Excluded and lifted by leadership, each with a reason; a lifted pair stays to be read."""

    list_display = ["pair", "reason", "stands", "made_by", "made_at"]
    list_select_related = ["made_by", "lifted_by"]
    search_fields = ["role", "other", "reason"]
    fields = [
        "pair", "reason", "stands", "made_by", "made_at", "lifted_by", "lifted_at",
    ]  # fmt: skip
    list_before_template = "admin/incidents/roleexclusion/floor.html"
    first_step = (
        "No roles exclude each other beside the floor. Exclude command from every other role first: "
        "who commands does nothing else."
    )
    verbs = (
        Verb("exclude", "Exclude roles", exclusions.exclude, ExcludeForm, icon="block",
             on_list=True, permission="set", done="Nobody may hold both from now on.",
             explain="From now on nobody holds both in one incident: assignment passes them over, "
             "and the database refuses it whoever asks."),
        Verb("lift", "Lift", exclusions.lift, LiftForm, icon="lock_open", permission="set",
             objections=_against_lifting, done="One person may hold both again.",
             explain="From now on one person may hold both, as far as no other pair and not the "
             "floor forbids it."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Excluded, not added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Lifted, not edited."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, and what holds whatever it says."""
        floor = exclusions.of_the_floor().values_list("name", flat=True)
        return super().changelist_view(request, {"floor": floor, **(extra_context or {})})

    def offers(self, request: HttpRequest, obj: Model | None) -> list[Offer]:
        """Nothing is left to lift of what is lifted."""
        found = super().offers(request, obj)
        is_lifted = isinstance(obj, RoleExclusion) and obj.lifted_at is not None
        return [] if is_lifted else found

    @admin.display(description="Roles", ordering="role")
    def pair(self, row: RoleExclusion) -> str:
        """Both by the names people call them."""
        other = name_of(row.other) if row.other else _EVERY.lower()
        return f"{name_of(row.role)} and {other}"

    @admin.display(description="Standing", ordering="lifted_at")
    def stands(self, row: RoleExclusion) -> str:
        """In force, or lifted and by whom."""
        if row.lifted_at is None:
            return "in force"
        return format_html(
            '<span class="tag">{}</span>',
            f"lifted {row.lifted_at:%-d %b %Y} by {row.lifted_by}",
        )
