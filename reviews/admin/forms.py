"""What the verbs of reviews and action items ask."""

from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from incidents.admin.forms import VerbForm, date_field, person_field
from incidents.models import Incident
from reviews.models import ActionItem, CauseClass, ContributingFactor, Review
from reviews.operations.action_item import ENDS


class WriteForm(VerbForm):
    """The words of a review, beginning with what stands there."""

    summary = forms.CharField(
        widget=forms.Textarea,
        required=False,
        help_text="What happened, in a few sentences that somebody from another team understands.",
    )
    impact = forms.CharField(
        widget=forms.Textarea, required=False, help_text="Who could not do what, for how long."
    )
    went_well = forms.CharField(
        widget=forms.Textarea, required=False, help_text="What to keep doing."
    )
    cause_class = forms.ModelChoiceField(
        CauseClass.objects.all(), required=False, help_text="Repeats are counted by this class."
    )
    repeat_of = forms.ModelChoiceField(
        Incident.objects.real(),
        required=False,
        widget=AutocompleteSelect(Review._meta.get_field("repeat_of"), admin.site),
        help_text="The earlier incident this one repeats, where a person sees it.",
    )

    def prepare(self) -> None:
        """Begin with the draft as it is."""
        for name in self.fields:
            self.initial[name] = getattr(self.subject, name)
        choice = cast("forms.ModelChoiceField[Incident]", self.fields["repeat_of"])
        choice.queryset = Incident.objects.real().visible_to(self.actor)


class FactorForm(VerbForm):
    """One circumstance."""

    category = forms.ChoiceField(choices=ContributingFactor.Category.choices)
    text = forms.CharField(
        widget=forms.Textarea,
        label="What contributed",
        help_text="A circumstance and never a person: what made it possible, or made it worse.",
    )


class PublishForm(VerbForm):
    """Consent, and why there is nothing to do where there is nothing."""

    reason = forms.CharField(
        widget=forms.Textarea,
        required=False,
        label="Why no action item is needed",
        help_text="Only where the review has none.",
    )


class AddItemForm(VerbForm):
    """One thing to do."""

    title = forms.CharField(max_length=200, label="What is to be done")
    kind = forms.ChoiceField(choices=ActionItem.Kind.choices)
    owner = person_field(help_text="The one accountable person, who is told at once.")
    due_on = date_field(help_text="It is due when this day ends for its owner.")
    detail = forms.CharField(widget=forms.Textarea, required=False)
    element = forms.ChoiceField(
        choices=[("", "none"), *ActionItem.Element.choices],
        required=False,
        label="Capability element",
        help_text="Of an improvement that an exercise showed.",
    )


class FinishForm(VerbForm):
    """How it ended."""

    status = forms.ChoiceField(
        choices=[(end.value, end.label) for end in ENDS], label="How it ended"
    )
    outcome = forms.CharField(
        widget=forms.Textarea, label="What was done, or why it is not done"
    )


class RescheduleForm(VerbForm):
    """The new date."""

    due_on = date_field(label="New due date")
    reason = forms.CharField(widget=forms.Textarea, label="Why")


class ReassignForm(VerbForm):
    """The new owner."""

    owner = person_field(label="New owner")
    reason = forms.CharField(widget=forms.Textarea, label="Why")
