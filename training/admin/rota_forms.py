"""What is asked to make, change and publish a rotation."""

import zoneinfo
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminTimeWidget

from incidents.admin.forms import VerbForm, date_field, person_field
from incidents.models import Person, Role
from incidents.models.calendar import today
from incidents.rules.roles import COMMANDER
from training.models import Rota, RotaBand
from training.rules.rotation_checks import LIMITS, Settings
from training.rules.rotation_hours import Band

NUMBERS = {
    "run_days": ("Days in a row", "One person serves so many days, then the next one."),
    "ahead_days": ("Published ahead (days)", "To the end of a run."),
    "gap_days": ("Gaps told ahead (days)", "So long before a shift that nobody has, leadership hears."),
    "rest_hours": ("Rest between two turns (hours)", "Directive 2003/88/EC, Art. 3: eleven."),
    "most_percent": ("The busiest serves at most (%)", "Of the hours of twelve weeks. 40 takes three people."),
    "night_percent": ("A night or weekend hour counts (%)", "In the zone of who serves it."),
}  # fmt: skip


class SettingsForm(VerbForm):
    """How a rotation runs."""

    starts_on = date_field(label="First day", help_text="Runs are counted from it.")
    ends_on = date_field(label="First day without it", required=False)
    with_shadows = forms.BooleanField(
        required=False, initial=True, label="Learners stand beside",
        help_text="Who is learning the role shadows its shifts in turns.",
    )  # fmt: skip

    def prepare(self) -> None:
        """The numbers, as they are or as they ship."""
        shipped = Rota()
        for name, (label, help_text) in NUMBERS.items():
            least, greatest, _unit = LIMITS[name]
            self.fields[name] = forms.IntegerField(
                min_value=least, max_value=greatest, label=label, help_text=help_text,
                initial=getattr(shipped, name),
            )  # fmt: skip
        if isinstance(self.subject, Rota):
            for name in Settings.__dataclass_fields__:
                self.initial[name] = getattr(self.subject, name)


class BandForm(VerbForm):
    """One stretch of every day."""

    label = forms.CharField(
        max_length=40,
        label="Band",
        help_text="Such as Day, Night, Asia. Said again it is changed.",
    )
    begins = forms.TimeField(label="From", widget=UnfoldAdminTimeWidget)
    ends = forms.TimeField(
        label="To", widget=UnfoldAdminTimeWidget,
        help_text="Not after “from” it is the next day; the same time is around the clock.",
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label="By the clock of",
        choices=[(each, each) for each in sorted(zoneinfo.available_timezones())],
        initial="UTC",
    )


class CreateForm(SettingsForm):
    """A rotation with its first band; more bands on its page."""

    name = forms.CharField(max_length=80, help_text="Such as Incident command.")
    role = forms.ModelChoiceField(Role.objects.filter(retired_at=None))
    field_order = (
        "name",
        "role",
        "label",
        "begins",
        "ends",
        "time_zone",
        "starts_on",
        "ends_on",
    )

    def prepare(self) -> None:
        """Around the clock by the maker's own clock, unless said otherwise."""
        super().prepare()
        # A form's own copies: a field of the class is shared by everybody.
        self.fields.update(deepcopy(BandForm.base_fields))
        self.order_fields(self.field_order)
        self.initial["starts_on"] = _next_monday(today(timezone.now()))
        self.initial.update(
            label="All day", begins="09:00", ends="09:00", time_zone=self.actor.time_zone,
            role=COMMANDER,
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """As the operation takes it."""
        said = super().clean() or {}
        if self.errors:
            return said
        band = Band(
            said.pop("label").strip(), said.pop("begins"), said.pop("ends"),
            said.pop("time_zone"),
        )  # fmt: skip
        name, role = said.pop("name"), said.pop("role")
        return {"name": name, "role": role, "settings": Settings(**said), "bands": [band]}


class RemoveBandForm(VerbForm):
    """Which one."""

    band = forms.ModelChoiceField(RotaBand.objects.none())

    def prepare(self) -> None:
        """Its own."""
        _bands_of(self, "band")


class JoinForm(VerbForm):
    """Who takes turns, from when, and in which bands."""

    person = person_field(help_text="Qualified for the role on that day.")
    joined_on = date_field(label="From", help_text="What they owe is counted from that day.")
    bands = forms.ModelMultipleChoiceField(
        RotaBand.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None: those in their waking hours.",
    )  # fmt: skip

    def prepare(self) -> None:
        """Its own bands."""
        _bands_of(self, "bands")


class LeaveForm(VerbForm):
    """Who, and from when."""

    person = forms.ModelChoiceField(Person.objects.none())
    left_on = date_field(label="First day without turns")

    def prepare(self) -> None:
        """Its members."""
        if isinstance(self.subject, Rota):
            here = self.subject.members.filter(left_on=None).values("person")
            self.fields["person"].queryset = Person.objects.filter(pk__in=here)  # type: ignore[attr-defined]


def _next_monday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _bands_of(form: VerbForm, name: str) -> None:
    if isinstance(form.subject, Rota):
        form.fields[name].queryset = form.subject.bands.all()  # type: ignore[attr-defined]
