"""What a person must say for each verb of an incident."""

from typing import Any, cast

from django import forms
from django.db import models

from incidents.admin.forms import (
    InstantField,
    VerbForm,
    groups_field,
    person_field,
    services_field,
)
from incidents.models import Incident, Role, Scenario, Service
from incidents.operations import command
from incidents.rules.facts import DERIVED_FACTS, SEVERITY_FACTS, Fact, FactType
from incidents.rules.phases import State, next_state


def of_incident(subject: models.Model | None) -> Incident:
    """The subject as what it is: these forms belong to verbs of an incident."""
    if not isinstance(subject, Incident):
        raise TypeError("This form needs an incident.")
    return subject


def _field_of(fact: Fact) -> forms.Field:
    """A form field for one typed fact; left empty it is not given."""
    label = fact.name.replace("_", " ").capitalize()
    if fact.type is FactType.BOOL:
        return forms.BooleanField(label=label, required=False, help_text=fact.description)
    if fact.type is FactType.ENUM:
        choices = [
            ("", "not known yet"),
            *((one, one.replace("_", " ")) for one in fact.choices),
        ]
        return forms.ChoiceField(
            label=label, required=False, choices=choices, help_text=fact.description
        )
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=fact.minimum,
        max_value=fact.maximum,
        help_text=fact.description,
    )


class FactsForm(VerbForm):
    """Facts as fields; `cleaned_data["facts"]` holds only those somebody gave."""

    def prepare(self) -> None:
        """One field a fact a person can know; what the catalogue knows is not asked."""
        known = self.subject.facts if isinstance(self.subject, Incident) else {}
        for name, fact in SEVERITY_FACTS.items():
            if name not in DERIVED_FACTS:
                self.fields[name] = _field_of(fact)
                self.initial[name] = known.get(name)

    def clean(self) -> dict[str, Any]:
        """Gather the facts into one value."""
        said = super().clean() or {}
        facts = {name: said.pop(name) for name in SEVERITY_FACTS if name in said}
        known = self.subject.facts if isinstance(self.subject, Incident) else {}
        given = {
            name: value
            for name, value in facts.items()
            if value not in (None, "") and (value is not False or name in known)
        }
        return {**said, "facts": given}


class DeclareForm(FactsForm):
    """The fewest words that open an incident; everything else is computed."""

    title = forms.CharField(
        max_length=200,
        label="What is wrong",
        help_text="As a customer would say it: “Card payments fail”.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    services = services_field(
        label="Affected services",
        help_text="Their owners become domain owners; their tier and dependents count for severity.",
    )
    scenario = forms.ModelChoiceField(
        queryset=Scenario.objects.all(),
        required=False,
        help_text="If it is one we prepared for: its holding statements are offered.",
    )
    detected_at = InstantField(
        required=False, help_text="When it was first noticed. Empty: now. In your time zone."
    )
    is_private = forms.BooleanField(
        required=False,
        label="Private",
        help_text="Seen only by who takes part in it, and by the groups you name.",
    )
    seen_by = groups_field(help_text="Only for a private one.")


class AssignForm(VerbForm):
    """A role, a person and why; the page knows who commanded when it was opened."""

    role = forms.ModelChoiceField(queryset=Role.objects.all())
    person = person_field()
    service = forms.ModelChoiceField(
        queryset=Service.objects.none(),
        required=False,
        help_text="For a domain owner: of which affected service.",
    )
    reason = forms.CharField(
        max_length=300,
        required=False,
        help_text="Kept beside the name; needed for somebody who is not qualified.",
    )
    commander_seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Only services this incident affects have an owner in it."""
        choice = cast(forms.ModelChoiceField[Service], self.fields["service"])
        incident = of_incident(self.subject)
        choice.queryset = incident.services.all()
        self.initial["commander_seen"] = command.commander(incident)


class ClassifyForm(VerbForm):
    """The level, and a reason where it differs from the computed one."""

    level_code = forms.ChoiceField(label="Severity")
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text="Needed when it differs from the computed level. To decline a proposed level, "
        "choose the one it has and say why.",
    )

    def prepare(self) -> None:
        """The levels of the scheme pinned to this incident."""
        incident = of_incident(self.subject)
        levels = incident.severity_scheme.levels.all() if incident.severity_scheme else []
        choice = cast(forms.ChoiceField, self.fields["level_code"])
        choice.choices = [(level.code, level.name) for level in levels]
        if incident.level:
            self.initial["level_code"] = incident.level.code


class AdvanceForm(VerbForm):
    """Which phase; the page knows, so that two people pressing at once move it once."""

    to = forms.ChoiceField(widget=forms.HiddenInput, choices=[(one, one) for one in State])

    def prepare(self) -> None:
        """The phase that follows the one this person saw."""
        self.initial["to"] = next_state(State(of_incident(self.subject).state))


class InstantForm(VerbForm):
    """When it happened; a time out of order needs a reason."""

    happened_at = InstantField(
        required=False, label="When", help_text="Empty: now. In your time zone."
    )
    reason = forms.CharField(
        required=False, max_length=300, help_text="Needed only when the time is out of order."
    )


class ReasonForm(VerbForm):
    """Why."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class CloseForm(VerbForm):
    """The last word."""

    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Closing note",
        help_text="What was done, in two sentences: the review begins with it.",
    )


class NoteForm(VerbForm):
    """One line of the timeline."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    happened_at = InstantField(required=False, label="When", help_text="Empty: now.")
