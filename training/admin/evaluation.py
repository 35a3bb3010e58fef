"""The acts of evaluators: a note of what was seen, a rating against an objective."""

from typing import Any

from django import forms

from incidents.admin.base import Verb
from incidents.admin.forms import VerbForm
from incidents.models import Person
from incidents.rules.reasons import Reason
from training.models import Delivery, GameDay, Inject, Objective, Observation, Rating
from training.operations import observing
from training.rules.story_clock import parsed


class ObserveForm(VerbForm):
    """One thing seen, in few words; when and about what may be left as it is."""

    text = forms.CharField(
        label="What you saw",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who did what; the time is taken for you.",
    )
    kind = forms.ChoiceField(choices=Observation.Kind.choices, initial=Observation.Kind.NEUTRAL)
    rating = forms.ChoiceField(required=False, choices=[("", "no rating"), *Rating.choices])
    story_time = forms.CharField(
        required=False,
        max_length=9,
        label="The story's time",
        help_text="Empty: now. Else 12:30.",
    )
    objectives = forms.ModelMultipleChoiceField(
        Objective.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    injects = forms.ModelMultipleChoiceField(
        Inject.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        """The objectives of this story, and what its players were told by now."""
        if not isinstance(self.subject, GameDay):
            return
        objectives, injects = self.fields["objectives"], self.fields["injects"]
        if isinstance(objectives, forms.ModelMultipleChoiceField):
            objectives.queryset = objectives_of(self.subject)
        if isinstance(injects, forms.ModelMultipleChoiceField):
            released = Delivery.objects.filter(
                game_day=self.subject, state=Delivery.State.RELEASED
            )
            injects.queryset = Inject.objects.filter(deliveries__in=released).order_by("number")

    def clean_story_time(self) -> str:
        """A time as people write it."""
        said: str = self.cleaned_data["story_time"]
        if said and parsed(said) is None:
            raise forms.ValidationError("Write minutes, or 12:30, or 1:05:00.")
        return said

    def clean(self) -> dict[str, Any]:
        """In seconds of the story."""
        said = super().clean() or {}
        text = said.pop("story_time", "")
        return {**said, "story_seconds": parsed(text) if text else None}


class RateForm(VerbForm):
    """How one objective was met, and why."""

    objective = forms.ModelChoiceField(Objective.objects.none())
    rating = forms.ChoiceField(choices=Rating.choices)
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What was done, against the target. Never better than what was noted about it.",
    )

    def prepare(self) -> None:
        """Of this story."""
        field = self.fields["objective"]
        if isinstance(field, forms.ModelChoiceField) and isinstance(self.subject, GameDay):
            field.queryset = objectives_of(self.subject)


def objectives_of(game_day: GameDay) -> Any:
    """What this exercise is to show, by number."""
    rows = Objective.objects.filter(exercise_scenario=game_day.exercise_scenario_id)
    return rows.filter(retired_at=None).order_by("number")


def _judged(game_day: GameDay, actor: Person) -> tuple[Reason, ...]:
    return observing.objections(game_day, actor)


VERBS = (
    Verb("observe", "Note what you saw", observing.observe, ObserveForm, icon="edit_note",
         objections=_judged, elsewhere=True, done="Noted."),
    Verb("rate", "Rate an objective", observing.rate, RateForm, icon="grade",
         permission="observe", objections=_judged, elsewhere=True, done="Rated."),
)  # fmt: skip
NAMES = frozenset(verb.name for verb in VERBS)
