"""What a person must say to merge, relate or split incidents."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect

from incidents.admin.forms import VerbForm
from incidents.admin.incident_forms import ReasonForm, of_incident
from incidents.models import Incident, IncidentLink, Service
from incidents.operations import linking, merging


class MergeForm(ReasonForm):
    """The open incident that goes on."""

    into = forms.ModelChoiceField(
        Incident.objects.none(),
        label="The incident that goes on",
        help_text="It takes over services, alerts and what is known; this one ends.",
    )
    field_order = ["into", "reason"]

    def prepare(self) -> None:
        """Those of the same kind that are open and that this person may see."""
        incident = of_incident(self.subject)
        others = Incident.objects.open().visible_to(self.actor).exclude(pk=incident.pk)
        choice = cast(forms.ModelChoiceField[Incident], self.fields["into"])
        choice.queryset = others.filter(kind=incident.kind)


class RelateForm(ReasonForm):
    """Another incident, of today or of the past, found by typing."""

    to = forms.ModelChoiceField(
        Incident.objects.none(),
        label="The other incident",
        widget=AutocompleteSelect(IncidentLink._meta.get_field("other"), admin.site),
    )
    kind = forms.ChoiceField(
        label="This one",
        choices=[(each.value, f"{each.label} it") for each in linking.RELATIONS],
    )
    field_order = ["to", "kind", "reason"]

    def prepare(self) -> None:
        """Those this person may see."""
        choice = cast(forms.ModelChoiceField[Incident], self.fields["to"])
        choice.queryset = Incident.objects.visible_to(self.actor)


class SplitForm(VerbForm):
    """What goes, and what the new incident is called."""

    title = forms.CharField(max_length=200, label="What is wrong with the part that goes")
    services = forms.ModelMultipleChoiceField(
        Service.objects.none(),
        label="Services that go",
        widget=forms.CheckboxSelectMultiple,
        help_text="At least one stays.",
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def prepare(self) -> None:
        """Those this incident affects."""
        choice = cast(forms.ModelMultipleChoiceField[Service], self.fields["services"])
        choice.queryset = of_incident(self.subject).services.all()


DESIGN: dict[str, tuple[Any, Any, str]] = {
    "merge": (merging.merge, MergeForm, "merge"),
    "split": (merging.split, SplitForm, "call_split"),
    "relate": (linking.relate, RelateForm, "link"),
}
