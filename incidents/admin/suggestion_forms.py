"""What a person says to accept a suggestion, or to dismiss it."""

from typing import cast

from django import forms

from incidents.admin.forms import VerbForm
from incidents.admin.incident_forms import of_incident
from incidents.models import Suggestion
from incidents.operations import suggestions


class SuggestionField(forms.ModelChoiceField[Suggestion]):
    """A suggestion by its role, its person and what changed."""

    def label_from_instance(self, obj: Suggestion) -> str:
        """Nobody is chosen who is not named."""
        service = f" for {obj.service}" if obj.service else ""
        return f"{obj.role}{service}: {obj.person or 'nobody can be found'} ({obj.why})"


class _OfSuggestion(VerbForm):
    """Which of those that wait here; one alone is chosen already."""

    suggestion = SuggestionField(queryset=Suggestion.objects.none())
    needs_person = False

    def prepare(self) -> None:
        """Only what waits here, and what the act can be done to."""
        rows = suggestions.waiting(of_incident(self.subject))
        self.shown = [one for one in rows if one.person or not self.needs_person]
        choice = cast(SuggestionField, self.fields["suggestion"])
        keys = [one.pk for one in self.shown]
        choice.queryset = Suggestion.objects.filter(pk__in=keys).select_related(
            "role", "person", "service"
        )
        if len(keys) == 1:
            self.initial.setdefault("suggestion", keys[0])


class AcceptForm(_OfSuggestion):
    """The person suggested takes the role; who held it is relieved."""

    needs_person = True


class DismissForm(_OfSuggestion):
    """Why the role is left as it is."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept beside the suggestion; it is not made again for the same cause.",
    )
