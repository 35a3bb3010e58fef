"""The acts that name who runs and judges a game day, and who stands beside a player."""

from django import forms

from incidents.admin.base import Verb
from incidents.admin.forms import VerbForm, person_field
from incidents.models import Person, Role
from incidents.rules.reasons import Reason
from training.models import GameDay, GameDayRole, GameDayStaff
from training.operations import crew


class StaffForm(VerbForm):
    """Which duty, and who."""

    duty = forms.ChoiceField(choices=GameDayStaff.Duty.choices)
    person = person_field(help_text="Nobody who plays: staff know the story.")


class BesideForm(VerbForm):
    """Beside whom, and who."""

    role = forms.ModelChoiceField(Role.objects.all())
    person = person_field()


class LetGoForm(VerbForm):
    """Who need not come."""

    person = person_field()


def _at_all(game_day: GameDay, _actor: Person) -> tuple[Reason, ...]:
    return crew.objections(game_day)


def _before(game_day: GameDay, _actor: Person) -> tuple[Reason, ...]:
    return crew.objections(game_day, may_run=False)


def unseeing(made: object) -> str:
    """What to say of who was given something to do on pages that are closed to them, or ""."""
    if not isinstance(made, GameDayStaff | GameDayRole):
        return ""
    if made.person.has_perm("training.view_gameday"):
        return ""
    return (
        f"{made.person} may not see game days yet and finds nothing behind the invitation: have "
        "leadership add them to a group such as responder, or name somebody else."
    )


VERBS = (
    Verb("name_staff", "Name staff", crew.name_staff, StaffForm, icon="badge",
         permission="change", objections=_at_all,
         explain="Facilitator, evaluators and whoever else helps; they are invited."),
    Verb("stand_beside", "Name a shadow", crew.stand_beside, BesideForm, icon="group_add",
         permission="change", objections=_before,
         explain="Who learns a role stands beside who plays it, and plays nothing."),
    Verb("let_go", "Let somebody go", crew.let_go, LetGoForm, icon="person_remove",
         permission="change", objections=_at_all,
         explain="Staff, or who stands beside a player. A player is recast."),
)  # fmt: skip
