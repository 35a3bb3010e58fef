"""What a person says to delegate, and to take a delegation back."""

from datetime import timedelta
from typing import cast

from django import forms
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm, person_field
from incidents.admin.incident_forms import of_incident
from incidents.models import Delegation, Role
from incidents.operations import delegation

_USUALLY = timedelta(hours=2)


class DelegateForm(VerbForm):
    """Which of my roles, for which act, to whom, until when, why."""

    role = forms.ModelChoiceField(
        queryset=Role.objects.none(), label="My role", help_text="You stay accountable for it."
    )
    act = forms.ChoiceField(
        required=False, label="For", help_text="One act, or every act this role decides here."
    )
    to = person_field(label="Who acts in your place")
    ends_at = InstantField(
        label="Until", help_text="At most 24 hours from now. In your time zone."
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept on the timeline; the delegate reads it.",
    )

    def prepare(self) -> None:
        """Only the roles this person holds here, and the acts these decide."""
        incident = of_incident(self.subject)
        mine = [
            one.role_id
            for one in incident.assignments.all()
            if one.person_id == self.actor.pk and one.ended_at is None
        ]
        role = cast(forms.ModelChoiceField[Role], self.fields["role"])
        role.queryset = Role.objects.filter(pk__in=mine)
        if len(set(mine)) == 1:
            self.initial["role"] = mine[0]
        acts = {act.code: act for slug in mine for act in delegation.acts_of(incident, slug)}
        choice = cast(forms.ChoiceField, self.fields["act"])
        choice.choices = [
            ("", "Every act of the role"),
            *((act.code, act.label) for act in acts.values()),
        ]
        self.initial["ends_at"] = (timezone.now() + _USUALLY).replace(second=0, microsecond=0)


class TakeBackForm(VerbForm):
    """Which one."""

    delegation = forms.ModelChoiceField(queryset=Delegation.objects.none())

    def prepare(self) -> None:
        """Only those that run and that this person may end."""
        incident = of_incident(self.subject)
        may_end = delegation.to_take_back(incident, self.actor, at=timezone.now())
        choice = cast(forms.ModelChoiceField[Delegation], self.fields["delegation"])
        choice.queryset = Delegation.objects.filter(pk__in=[one.pk for one in may_end])
        if len(may_end) == 1:
            self.initial["delegation"] = may_end[0].pk
