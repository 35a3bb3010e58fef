"""What a person says to ask first, to answer, to tick off and to explain."""

from collections.abc import Iterable
from typing import cast

from django import forms
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm
from incidents.admin.incident_forms import of_incident
from incidents.models import Activity, Consultation, Incident
from incidents.operations import adherence, pinned
from incidents.rules import raci
from incidents.rules.acts import ACTS
from incidents.rules.adherence import Standing
from incidents.rules.phases import Phase
from incidents.rules.roles import NAMES


class ActivityField(forms.ModelChoiceField[Activity]):
    """A line of the incident's matrix, with the phase it stands in."""

    def label_from_instance(self, obj: Activity) -> str:
        """Phase first: the same name may stand in several."""
        return f"{obj.get_phase_display()}: {obj.name}"

    def offer(self, incident: Incident, lines: Iterable[raci.Activity]) -> None:
        """Only these lines may be chosen."""
        keys = [pinned.key_of(incident, each) for each in lines]
        self.queryset = Activity.objects.filter(pk__in=keys)


class ConsultForm(VerbForm):
    """Before which activity, what is asked, and in need why it does not wait."""

    activity = ActivityField(
        queryset=Activity.objects.none(),
        label="Before",
        help_text="Whom the matrix consults on it is asked: who holds the roles here, else who would be called.",
    )
    question = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you mean to do, and what you want to know of them.",
    )
    proceed_at_once = forms.CharField(
        required=False,
        label="Why it cannot wait",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Leave it empty, and the act waits for the answers. A reason lets it proceed now; it is kept as a departure from the matrix.",
    )

    def prepare(self) -> None:
        """Only lines that consult somebody; the one that waits in this phase first."""
        incident = of_incident(self.subject)
        lines = [each for each in pinned.activities(incident) if each.consulted]
        cast(ActivityField, self.fields["activity"]).offer(incident, lines)
        here = pinned.phase_of(incident)
        waiting = [one for one in lines if one.phase == here and one.proceed_after is not None]
        likely = waiting or (lines if len(lines) == 1 else [])
        if likely:
            self.initial["activity"] = pinned.key_of(incident, likely[0])
        self.consulting = [(each, _names(each.consulted)) for each in lines]


class ConsultationField(forms.ModelChoiceField[Consultation]):
    """A consultation by what it is about."""

    def label_from_instance(self, obj: Consultation) -> str:
        """The activity and who asks."""
        return f"{obj.activity.name}, asked by {obj.asked_by}"


class AdviseForm(VerbForm):
    """What somebody who was asked answers."""

    consultation = ConsultationField(queryset=Consultation.objects.none(), label="About")
    answer = forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}))

    def prepare(self) -> None:
        """Only what this person was asked and did not answer."""
        rows = Consultation.objects.filter(
            incident=of_incident(self.subject),
            advice__person=self.actor,
            advice__answered_at=None,
        )
        self.asked = list(rows.select_related("activity", "asked_by").distinct())
        choice = cast(ConsultationField, self.fields["consultation"])
        choice.queryset = Consultation.objects.filter(
            pk__in=[one.pk for one in self.asked]
        ).select_related("activity", "asked_by")
        if self.asked:
            self.initial["consultation"] = self.asked[0].pk


class PerformForm(VerbForm):
    """What was done, and when."""

    activity = ActivityField(
        queryset=Activity.objects.none(),
        help_text="Those no act of the product keeps by itself.",
    )
    happened_at = InstantField(
        required=False, label="When", help_text="Empty: now. In your time zone."
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def prepare(self) -> None:
        """Only what is not done yet."""
        incident = of_incident(self.subject)
        done = adherence.of(incident, timezone.now()).lines
        places = {one.activity.place for one in done if one.standing is Standing.DONE}
        lines = [
            each
            for each in pinned.activities(incident)
            if is_by_hand(each) and each.place not in places
        ]
        cast(ActivityField, self.fields["activity"]).offer(incident, lines)


class ExplainForm(VerbForm):
    """Why it was done otherwise, or not at all."""

    activity = ActivityField(queryset=Activity.objects.none())
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def prepare(self) -> None:
        """What owes an explanation, and what is not done yet and may never be."""
        incident = of_incident(self.subject)
        lines = adherence.of(incident, timezone.now()).lines
        owing = [
            one.activity
            for one in lines
            if one.is_unexplained or (one.standing is not Standing.DONE and one.omitted is None)
        ]
        cast(ActivityField, self.fields["activity"]).offer(incident, owing)


def is_by_hand(activity: raci.Activity) -> bool:
    """No verb keeps it, and it belongs to an incident."""
    act = ACTS.get(activity.act)
    return activity.phase != Phase.PREPARATION and not (act and act.verb)


def _names(roles: Iterable[str]) -> str:
    return ", ".join(NAMES.get(role, role.replace("_", " ").capitalize()) for role in roles)
