"""The forms of the year's plan."""

from datetime import date, time
from typing import Any

from django import forms
from django.utils import timezone

from incidents.admin.forms import InstantField, VerbForm, person_field
from incidents.models import Role
from incidents.models.calendar import today
from training.models import ExerciseScenario, GameDay, YearPlan
from training.operations import secrets
from training.operations.year_problem import OPEN
from training.rules.planning import Weights
from training.rules.planning_check import MOST_EXERCISES
from training.rules.year_settings import MOST_SECONDS, MUST, WEEKDAYS, WEIGHTS, Stretch

_HOURS = "By the organisation's clock, such as 10:00, 15:00. People elsewhere need both."
_FREEZES = "One stretch a line, such as 2027-11-20 to 2027-12-03: change freezes, holidays."
_WEIGHTS = (
    "Only what is to differ, one a line, such as fresh 30; the manual says what each means. As they "
    f"ship: {', '.join(f'{name} {worth}' for name, worth in WEIGHTS.items())}."
)


class MakeForm(VerbForm):
    """Which year, how many exercises, on which days and hours."""

    year = forms.IntegerField(min_value=2000, max_value=2100)
    exercises = forms.IntegerField(
        min_value=1, max_value=MOST_EXERCISES, initial=4,
        help_text="Four are one a quarter; standards ask for at least one a year.",
    )  # fmt: skip
    minutes = forms.IntegerField(
        min_value=1, max_value=480, initial=90, label="Minutes each exercise lasts"
    )
    most_parts = forms.IntegerField(
        min_value=1, initial=2, label="Parts one person has at most in the year"
    )
    weekdays = forms.TypedMultipleChoiceField(
        coerce=int, choices=list(enumerate(WEEKDAYS)), initial=[1, 2, 3],
        widget=forms.CheckboxSelectMultiple, label="Days of the week",
    )  # fmt: skip
    times = forms.CharField(initial="10:00, 15:00", label="Times of day", help_text=_HOURS)
    left_out = forms.CharField(
        required=False, label="Days to leave out", help_text=_FREEZES,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    must = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label="Roles without which none is held",
        help_text="Other roles are filled where somebody is free.",
    )  # fmt: skip
    without = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="Roles that are not played"
    )
    with_learners = forms.BooleanField(
        required=False, initial=True, label="Whoever learns a role stands beside who plays it"
    )
    weights = forms.CharField(
        required=False, label="What counts how much", help_text=_WEIGHTS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    seconds = forms.FloatField(
        min_value=1, max_value=MOST_SECONDS, initial=20, label="Seconds the planner may think"
    )

    def prepare(self) -> None:
        """The next year, and the roles there are."""
        self.initial["year"] = today(timezone.now()).year + 1
        roles = list(Role.objects.active())
        for name in ("must", "without"):
            field = self.fields[name]
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = [(role.slug, role.name) for role in roles]
        self.initial["must"] = [role.slug for role in roles if role.slug in MUST]

    def clean_times(self) -> tuple[time, ...]:
        """Times of day, separated by commas; with an offset none is taken, as the rule says."""
        return tuple(_read(time.fromisoformat, one) for one in self._words("times", ","))

    def clean_left_out(self) -> tuple[Stretch, ...]:
        """Stretches of days, one a line."""
        found = []
        for line in self._words("left_out", "\n"):
            first, _, last = line.partition(" to ")
            found.append(
                Stretch(
                    _read(date.fromisoformat, first), _read(date.fromisoformat, last or first)
                )
            )
        return tuple(found)

    def clean_weights(self) -> Weights:
        """One weight a line: its name and a number; those not named stay as they ship."""
        found = {}
        for line in self._words("weights", "\n"):
            name, _, worth = line.replace("=", " ").partition(" ")
            if name not in WEIGHTS or not worth.strip().isdecimal():
                message = (
                    f"“{line}” is no weight: write one of {', '.join(WEIGHTS)} and a number."
                )
                raise forms.ValidationError(message)
            found[name] = int(worth)
        return Weights(**found)

    def clean(self) -> dict[str, Any]:
        """As the operation takes it."""
        said = super().clean() or {}
        lists = ("must", "without", "weekdays")
        return {**said, **{name: tuple(said.get(name, ())) for name in lists}}

    def _words(self, name: str, by: str) -> list[str]:
        return [one.strip() for one in self.cleaned_data[name].split(by) if one.strip()]


class OfExercise(VerbForm):
    """Which exercise of the plan."""

    game_day = forms.ModelChoiceField(GameDay.objects.none(), label="Exercise")

    def prepare(self) -> None:
        """Only those still to come."""
        days = self.fields["game_day"]
        if isinstance(self.subject, YearPlan) and isinstance(days, forms.ModelChoiceField):
            rows = self.subject.game_days.filter(status__in=OPEN)
            days.queryset = rows.order_by("starts_at", "pk")


class MoveForm(OfExercise):
    """When it is held instead."""

    starts_at = InstantField(label="Date and time", help_text="In your time zone.")


class PutForm(OfExercise):
    """Who sits in which seat."""

    role = forms.ModelChoiceField(Role.objects.active())
    person = person_field()
    is_learner = forms.BooleanField(required=False, label="Beside who plays it, to learn it")


class TakeOutForm(OfExercise):
    """Who takes no part."""

    person = person_field()


class TellForm(OfExercise):
    """What it tells instead."""

    story = forms.ModelChoiceField(ExerciseScenario.objects.none())

    def prepare(self) -> None:
        """What the reader may read."""
        super().prepare()
        stories = self.fields["story"]
        if isinstance(stories, forms.ModelChoiceField):
            stories.queryset = secrets.readable_stories(self.actor).filter(retired_at=None)


class PinForm(OfExercise):
    """What is kept, or let go."""

    what = forms.CharField(
        help_text="“date”, “story”, “everything”, or a seat such as scribe or scribe+ for its learner."
    )


class WithdrawForm(VerbForm):
    """Why it counts no more."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


def _read(how: Any, text: str) -> Any:
    try:
        return how(text.strip())
    except ValueError as error:
        message = (
            f"“{text.strip()}” cannot be read: write times as 10:00 and days as 2027-11-20."
        )
        raise forms.ValidationError(message) from error
