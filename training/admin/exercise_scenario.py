"""Stories to practise: the facts they begin with and what is fed to the players when."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from incidents.admin.base import GovernedAdmin
from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS, severity_facts
from incidents.rules.reasons import Invalid
from training.models import ExerciseScenario

_KNOWN = ", ".join(sorted(SEVERITY_FACTS.keys() - DERIVED_FACTS))


class ExerciseScenarioForm(forms.ModelForm[ExerciseScenario]):
    """A story whose facts can be evaluated and whose injects are in order."""

    class Meta:
        model = ExerciseScenario
        fields = ["slug", "title", "summary", "scenario", "facts"]
        help_texts = {
            "facts": f"What the exercise begins with, as JSON. Known facts: {_KNOWN}."
        }

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


@admin.register(ExerciseScenario)
class ExerciseScenarioAdmin(GovernedAdmin):
    """The library of exercises."""

    form = ExerciseScenarioForm
    list_display = ["title", "scenario"]
    list_select_related = ["scenario"]
    search_fields = ["title", "summary"]
    autocomplete_fields = ["scenario"]
    prepopulated_fields = {"slug": ["title"]}
    list_before_template = "admin/training/before_scenarios.html"

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, list[str]]:
        """The slug follows the title only while the row is new: links name it later."""
        return {} if obj else {"slug": ["title"]}
