"""The acts by which an exercise is steered; their buttons stand on its control page."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from incidents.admin.base import Verb
from incidents.admin.forms import NoQuestions, VerbForm
from incidents.models import Person
from incidents.rules.reasons import Reason
from training.models import Delivery, GameDay
from training.operations import control, running, story
from training.operations.releasing import NOTE_LENGTH
from training.rules.story_clock import PACES, shown


class PaceForm(VerbForm):
    """How fast the story goes."""

    pace = forms.ChoiceField(choices=GameDay.Pace.choices)
    pace_factor = forms.IntegerField(
        min_value=PACES.start,
        max_value=PACES.stop - 1,
        label="Times as fast, where it is compressed",
        help_text="10: ten minutes of the story in one of yours.",
    )

    def prepare(self) -> None:
        """As it was planned, or goes now."""
        if isinstance(self.subject, GameDay):
            self.initial["pace"] = self.subject.pace
            self.initial["pace_factor"] = self.subject.pace_factor


class RunForm(PaceForm):
    """How fast the story goes from the beginning; what is left empty goes as it was planned."""

    def prepare(self) -> None:
        """Nothing need be said."""
        super().prepare()
        for field in self.fields.values():
            field.required = False

    def clean_pace_factor(self) -> int:
        """None is as planned, too."""
        return self.cleaned_data["pace_factor"] or 0


class InjectField(forms.ModelChoiceField[Delivery]):
    """An inject, named with its time in the story."""

    def label_from_instance(self, obj: Delivery) -> str:
        """Such as “T+05:00 2. Support is overrun”."""
        return f"{shown(obj.story_seconds)} {obj.inject}"


class InjectForm(VerbForm):
    """Which inject."""

    delivery = InjectField(Delivery.objects.none(), label="Inject")

    def prepare(self) -> None:
        """Those of this game day that it may be done to."""
        field = self.fields["delivery"]
        if isinstance(field, InjectField) and isinstance(self.subject, GameDay):
            field.queryset = self.among(self.subject)

    def among(self, game_day: GameDay) -> QuerySet[Delivery]:
        """What did not come yet."""
        rows = game_day.deliveries.exclude(state=Delivery.State.RELEASED)
        return rows.select_related("inject")


class AsideForm(InjectForm):
    """Which inject, and why it does not come."""

    reason = forms.CharField(max_length=NOTE_LENGTH)


class GateForm(InjectForm):
    """What the players decided."""

    decision = forms.CharField(max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 2}))

    def among(self, game_day: GameDay) -> QuerySet[Delivery]:
        """The gates the clock waits at."""
        return story.waiting_gates(game_day).select_related("inject")


class JumpForm(VerbForm):
    """To which time of the story."""

    to = forms.CharField(
        max_length=9,
        label="The story's time",
        help_text="Minutes, or 25:30, or 1:05:00. What is passed over comes at once.",
    )


class ShiftForm(VerbForm):
    """By how much."""

    minutes = forms.IntegerField(
        min_value=-600,
        max_value=600,
        help_text="Later by so many minutes; earlier if negative.",
    )


class StopForm(VerbForm):
    """Why it ends now."""

    reason = forms.CharField(
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Everybody in it is paged with these words.",
    )


def steered(game_day: GameDay, actor: Person) -> tuple[Reason, ...]:
    """Why this person does not steer it now, as the verb pages ask."""
    return control.steering(game_day, actor)


def stoppable(game_day: GameDay, actor: Person) -> tuple[Reason, ...]:
    """Why this person stops nothing here now."""
    return control.stopping(game_day, actor)


def _steer(
    name: str, label: str, call: Any, form: type[VerbForm] = NoQuestions, **more: Any
) -> Verb:
    return Verb(
        name,
        label,
        call,
        form,
        permission="control",
        objections=steered,
        elsewhere=True,
        **more,
    )


VERBS = (
    _steer("pause", "Pause", running.pause, icon="pause", done="The clock stands still."),
    _steer("resume", "Run on", running.resume, icon="play_arrow", done="The clock runs."),
    _steer("release", "Release now", running.release, InjectForm, icon="send",
           done="Released: the players have it.",
           explain="Whatever the clock says: out of order, or a contingency."),
    _steer("skip", "Skip", running.skip, AsideForm, icon="skip_next",
           explain="It does not come, unless it is brought back."),
    _steer("hold", "Hold back", running.hold, AsideForm, icon="front_hand",
           explain="The clock leaves it alone; release it by hand, or bring it back."),
    _steer("restore", "Bring back", running.restore, InjectForm, icon="undo",
           explain="It comes by the clock again; at once if its time has passed."),
    _steer("pass_gate", "They have decided", running.pass_gate, GateForm, icon="flag",
           done="The clock runs on."),
    _steer("jump", "Jump to", running.jump, JumpForm, icon="fast_forward"),
    _steer("shift", "Shift what follows", running.shift, ShiftForm, icon="more_time"),
    _steer("set_pace", "Another pace", running.set_pace, PaceForm, icon="speed"),
    Verb("stop", "Stop the exercise", running.stop, StopForm, icon="dangerous", danger=True,
         permission="view", objections=stoppable, elsewhere=True, done="The exercise is stopped.",
         explain="It ends at once and is cancelled, not completed. Everybody in it is paged."),
)  # fmt: skip
NAMES = frozenset(verb.name for verb in VERBS)
