"""What a person says to record a notice that a contract promises."""

from typing import cast

from django import forms
from django.utils import timezone

from incidents.admin.forms import VerbForm
from incidents.admin.incident_forms import of_incident
from incidents.models import NoticeClock
from incidents.operations import notices


class NoticeField(forms.ModelChoiceField[NoticeClock]):
    """A notice by its customer, the soonest first."""

    def label_from_instance(self, obj: NoticeClock) -> str:
        """Customer and clause; the incident is that of the page."""
        return str(obj.clause)


class GiveNoticeForm(VerbForm):
    """Which notice, and how it was given."""

    clock = NoticeField(queryset=NoticeClock.objects.none(), label="Notice to")
    how = forms.CharField(
        label="How it was given",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="By telephone, by their portal: when, by whom, what they answered. Or why no "
        "notice is owed.",
    )

    def prepare(self) -> None:
        """Only what is still owed here; what each must say is shown beside."""
        rows = notices.still_open(of_incident(self.subject).notice_clocks.all())
        choice = cast(NoticeField, self.fields["clock"])
        choice.queryset = rows
        self.now = timezone.now()
        self.shown = [(clock, *notices.contact(clock.clause)) for clock in rows]
        if len(self.shown) == 1:
            self.initial["clock"] = self.shown[0][0].pk
