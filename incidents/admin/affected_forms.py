"""What is asked to say which services an incident affects."""

from typing import cast

from django import forms
from django.db.models import Q

from incidents.admin.forms import VerbForm, services_field
from incidents.admin.incident_forms import of_incident
from incidents.models import Service


class ServicesForm(VerbForm):
    """All affected services together, beginning with those known."""

    services = services_field(
        label="Affected services",
        required=False,
        help_text="All of them: what you take out is not affected any more. The owners of those "
        "you add are told, and severity is computed anew.",
    )

    def prepare(self) -> None:
        """What is affected already may stay, even where it was retired meanwhile."""
        known = list(of_incident(self.subject).services.values_list("pk", flat=True))
        choice = cast(forms.ModelMultipleChoiceField[Service], self.fields["services"])
        choice.queryset = Service.objects.filter(Q(is_active=True) | Q(pk__in=known))
        self.initial["services"] = known
