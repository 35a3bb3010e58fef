"""What each role asks for: read by everybody, set by one act."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from incidents.admin.base import GovernedAdmin, Verb
from incidents.admin.forms import VerbForm
from incidents.models import Person, Role
from training.models import Proof, RoleStandard
from training.operations import competence, role_standards
from training.rules.competence import SHIPPED, TRAINING, Asked, Standard

_COUNTED = tuple(proof for proof in Proof if proof != Proof.TRAINING)


class StandardForm(VerbForm):
    """How often of each, not older than how long; the trainings by their titles."""

    valid_days = forms.IntegerField(
        min_value=1, max_value=role_standards.MOST_DAYS, required=False,
        help_text="Days after which it must be granted anew; empty: it does not lapse.",
    )  # fmt: skip
    holders_wanted = forms.IntegerField(
        min_value=0, max_value=1000, help_text="How many people should hold it at any time."
    )
    trainings = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text="Titles of the trainings it asks for, one a line.",
    )  # fmt: skip
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)

    def prepare(self) -> None:
        """A count and an age for each kind of proof, beginning with what holds now."""
        for proof in _COUNTED:
            self.fields[f"{proof.value}_count"] = forms.IntegerField(
                min_value=0, max_value=100, required=False, label=f"{proof.label}: how often"
            )
            self.fields[f"{proof.value}_within"] = forms.IntegerField(
                min_value=1, max_value=role_standards.MOST_DAYS, required=False,
                label=f"{proof.label}: within days", help_text="Empty: whatever its age.",
            )  # fmt: skip
        now = self._now()
        if now is not None:
            self.initial.update(_said(now))

    def clean(self) -> dict[str, Any]:
        """One value of it all."""
        said = super().clean() or {}
        asked = [
            Asked(proof.value, count, said.get(f"{proof.value}_within"))
            for proof in _COUNTED
            if (count := said.get(f"{proof.value}_count"))
        ]
        titles = dict.fromkeys(line.strip() for line in said.get("trainings", "").splitlines())
        asked += [Asked(TRAINING, title=title[:120]) for title in titles if title]
        wanted = ("valid_days", "holders_wanted", "note", "role")
        kept: dict[str, Any] = {name: said[name] for name in wanted if name in said}
        return {**kept, "asked": asked}

    def _now(self) -> Standard | None:
        return (
            role_standards.of(self.subject.role)
            if isinstance(self.subject, RoleStandard)
            else None
        )


class NewForm(StandardForm):
    """The same for a role that has none of its own yet."""

    role = forms.ModelChoiceField(Role.objects.active())

    def prepare(self) -> None:
        """The role first."""
        super().prepare()
        self.order_fields(["role"])
        self.initial.update(_said(Standard(())))


def _said(standard: Standard) -> dict[str, Any]:
    found: dict[str, Any] = {
        "valid_days": standard.valid_days,
        "holders_wanted": standard.holders_wanted,
        "trainings": "\n".join(one.title for one in standard.asked if one.kind == TRAINING),
    }
    for one in standard.asked:
        if one.kind != TRAINING:
            found |= {f"{one.kind}_count": one.count, f"{one.kind}_within": one.within_days}
    return found


def revise(row: RoleStandard, *, actor: Person, at: datetime, **said: Any) -> RoleStandard:
    """Ask for something else from now on."""
    return role_standards.set_standard(row.role, actor=actor, at=at, **said)


def begin(*, role: Role, actor: Person, at: datetime, **said: Any) -> RoleStandard:
    """The first of its own."""
    return role_standards.set_standard(role, actor=actor, at=at, **said)


@admin.register(RoleStandard)
class RoleStandardAdmin(GovernedAdmin):
    """What roles ask for; a role without a row goes by what ships."""

    list_display = ["role", "asks", "valid_days", "holders_wanted"]
    list_select_related = ["role"]
    search_fields = ["role__name"]
    fields = ["role", "asks", "valid_days", "holders_wanted", "note"]
    readonly_fields = fields
    list_after_template = "admin/training/competence/shipped.html"
    first_step = (
        "No role has a standard of its own: "
        f"{len(SHIPPED)} go by what ships. Set one to ask for something else."
    )
    verbs = (
        Verb("set", "Set a role's standard", begin, NewForm, icon="rule", on_list=True,
             permission="add", explain="What was granted stays granted until it lapses."),
        Verb("revise", "Ask for something else", revise, StandardForm, icon="edit",
             permission="change", explain="What was granted stays granted until it lapses."),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Set, not typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Set, not typed."""
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what each asks for."""
        return super().get_queryset(request).prefetch_related("requirements")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Beneath them the roles that go by what ships, and those of which nobody said anything."""
        own = set(RoleStandard.objects.values_list("role", flat=True))
        others = [role for role in Role.objects.active() if role.slug not in own]
        context = {
            **(extra_context or {}),
            "shipped": [
                (role, competence.named(SHIPPED[role.slug].asked), SHIPPED[role.slug])
                for role in others
                if role.slug in SHIPPED
            ],
            "silent": [role for role in others if role.slug not in SHIPPED],
        }
        return super().changelist_view(request, context)

    @admin.display(description="asks for")
    def asks(self, row: RoleStandard) -> str:
        """In one line."""
        asked = [
            Asked(one.kind, one.count, one.within_days, one.title)
            for one in row.requirements.all()
        ]
        return competence.named(asked) or "nothing"
