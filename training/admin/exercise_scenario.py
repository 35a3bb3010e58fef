"""Stories to practise: the facts they begin with and what is fed to the players when."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from incidents.admin.base import GovernedAdmin
from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS, severity_facts
from incidents.rules.reasons import Invalid
from training.admin.injects import Inject, parse, shown, written
from training.models import ExerciseScenario

_KNOWN = ", ".join(sorted(SEVERITY_FACTS.keys() - DERIVED_FACTS))


class ExerciseScenarioForm(forms.ModelForm[ExerciseScenario]):
    """A story whose facts can be evaluated and whose injects are in order."""

    injects = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text="One a line: the minute, a colon, the text. “15: The bank calls back”.",
    )

    class Meta:
        model = ExerciseScenario
        fields = ["slug", "title", "summary", "scenario", "facts", "injects"]
        help_texts = {
            "facts": f"What the exercise begins with, as JSON. Known facts: {_KNOWN}."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["injects"] = written(self.instance.injects)

    def clean_facts(self) -> dict[str, Any]:
        """Only facts that severity can be computed from, said while the author is still here."""
        facts: dict[str, Any] = self.cleaned_data["facts"] or {}
        try:
            severity_facts(facts, {})
        except Invalid as invalid:
            raise forms.ValidationError(
                [reason.message for reason in invalid.reasons]
            ) from None
        return facts

    def clean_injects(self) -> list[Inject]:
        """Lines into rows."""
        return parse(self.cleaned_data["injects"])


@admin.register(ExerciseScenario)
class ExerciseScenarioAdmin(GovernedAdmin):
    """The library of exercises."""

    form = ExerciseScenarioForm
    list_display = ["title", "scenario", "length"]
    list_select_related = ["scenario"]
    search_fields = ["title", "summary"]
    autocomplete_fields = ["scenario"]
    prepopulated_fields = {"slug": ["title"]}
    list_before_template = "admin/training/before_scenarios.html"

    @admin.display(description="injects")
    def length(self, story: ExerciseScenario) -> str:
        """How many injects over how many minutes."""
        if not story.injects:
            return "none yet"
        return f"{len(story.injects)} in {story.injects[-1]['minute']} min"

    @admin.display(description="injects")
    def readable_injects(self, story: ExerciseScenario) -> str:
        """For those who may only read."""
        return shown(story.injects)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Whoever may not write sees the injects as a table, not as their JSON."""
        names = ["title", "slug", "summary", "scenario", "facts"]
        may_write = self.has_change_permission(request, obj) if obj else True
        return [*names, "injects" if may_write else "readable_injects"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The table is for reading."""
        return ["readable_injects"]

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, list[str]]:
        """The slug follows the title only while the row is new: links name it later."""
        return {} if obj else {"slug": ["title"]}
