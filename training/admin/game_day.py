"""Game days: planned here, run, and brought to their lessons."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from incidents.admin.base import GovernedAdmin, ReadOnlyInline, Verb, acting
from incidents.admin.forms import (
    InstantField,
    VerbForm,
    date_field,
    person_field,
    services_field,
)
from incidents.models import Incident, Person, Role
from incidents.models.calendar import today
from incidents.rules.reasons import Reason
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from training.admin import debrief
from training.admin.debrief import DebriefPages
from training.admin.practice_coverage import CoveragePage
from training.models import ExerciseScenario, GameDay, GameDayRole
from training.operations import completing
from training.operations import game_day as operations
from training.rules.after_action import REPORT_DUE

_NEEDED = (COMMANDER, COMMUNICATIONS)


class PlanForm(VerbForm):
    """What is practised, when, and who plays which role."""

    title = forms.CharField(max_length=120)
    exercise_scenario = forms.ModelChoiceField(ExerciseScenario.objects.all(), label="Scenario")
    starts_at = InstantField(label="Date and time", help_text="In your time zone.")
    services = services_field(
        required=False,
        help_text="What the story says is affected; severity is computed from it.",
    )

    def prepare(self) -> None:
        """One person a role; the other roles are filled on the day or left out."""
        self.roles = {role.slug: role for role in Role.objects.all()}
        for slug, role in self.roles.items():
            self.fields[slug] = person_field(label=role.name, required=slug in _NEEDED)

    def clean(self) -> dict[str, Any]:
        """Gather the people into one value."""
        said = super().clean() or {}
        cast = {slug: said.pop(slug) for slug in self.roles if slug in said}
        return {**said, "roles": {slug: person for slug, person in cast.items() if person}}


class ReassignForm(VerbForm):
    """Which part, and who plays it now."""

    role = forms.ModelChoiceField(Role.objects.all())
    person = person_field()


class CompleteForm(VerbForm):
    """What was learnt, straight after it."""

    lessons = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What went well, what did not, the three things to change. Its review begins here.",
    )
    report_owner = person_field(help_text="Who writes the after-action report.")
    report_due_on = date_field(help_text="The draft by day 30, so that nothing is forgotten.")

    def prepare(self) -> None:
        """Whoever organised it, in thirty days, unless said otherwise."""
        if isinstance(self.subject, GameDay):
            self.initial["report_owner"] = self.subject.organiser
        self.initial["report_due_on"] = today(timezone.now() + REPORT_DUE)


class CancelForm(VerbForm):
    """Why it does not take place."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


def _not_due(verb: str) -> Any:
    """The rule of one verb as its page asks it."""

    def objections(game_day: GameDay, _actor: Person) -> tuple[Reason, ...]:
        return operations.objections(verb, game_day)

    return objections


class RolesInline(ReadOnlyInline):
    """Who plays what."""

    model = GameDayRole
    fields = ["role", "person"]
    readonly_fields = fields
    verbose_name_plural = "who plays what"
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[GameDayRole]:
        """With the names that are shown."""
        rows: QuerySet[GameDayRole] = super().get_queryset(request)
        return rows.select_related("role", "person")


@admin.register(GameDay)
class GameDayAdmin(DebriefPages, CoveragePage, GovernedAdmin):
    """The year's exercises; every change is an act."""

    list_display = ["title", "starts_at", "quarter", "exercise_scenario", "commander", "status"]
    list_filter = ["status", "exercise_scenario"]
    list_select_related = ["exercise_scenario"]
    search_fields = ["title", "exercise_scenario__title", "roles__person__name"]
    date_hierarchy = "starts_at"
    list_before_template = "admin/training/before_game_days.html"
    inlines = [RolesInline]
    fields = [
        "title", "status", "starts_at", "quarter", "organiser", "exercise_scenario", "story",
        "services", "incident",
    ]  # fmt: skip
    readonly_fields = fields
    standing = {"plan": "add", "reassign": "change"}
    verbs = (
        Verb("plan", "Plan a game day", operations.plan, PlanForm, icon="event", on_list=True,
             explain="The players are told at once and reminded 14, 3 and 1 days before."),
        Verb("run", "Run it", operations.run, icon="play_arrow", objections=_not_due("run"),
             explain="Declares an incident of kind exercise with these people in their roles. "
             "It stays out of every metric."),
        Verb("complete", "Complete", completing.complete, CompleteForm, icon="task_alt",
             objections=_not_due("complete"),
             explain="Its lessons become a review in the same register as those of incidents."),
        Verb("reassign", "Recast a role", operations.reassign_role, ReassignForm, icon="sync_alt",
             objections=_not_due("reassign"), explain="Both people are told."),
        Verb("cancel", "Cancel", operations.cancel, CancelForm, icon="event_busy", danger=True,
             objections=_not_due("cancel"), explain="The players are told why."),
        *debrief.VERBS,
    )  # fmt: skip

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """Planning is adding and recasting is changing: no permission of their own."""
        action = self.standing.get(verb.name, verb.permission or verb.name)
        return request.user.has_perm(f"training.{action}_gameday")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A game day is planned, not typed."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """It changes through its verbs."""
        return False

    def get_fields(self, request: HttpRequest, obj: GameDay | None = None) -> list[str]:
        """Without the incident it became where that is private and the reader may not see it."""
        became = obj.incident_id if obj else None
        hidden = Incident.objects.hidden_from(acting(request))
        if became is None or not hidden.filter(pk=became).exists():
            return list(self.fields)
        return [name for name in self.fields if name != "incident"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GameDay]:
        """With the players, for the commander's name."""
        rows: QuerySet[GameDay] = super().get_queryset(request)
        return rows.prefetch_related("roles__person")

    @admin.display(description="commander")
    def commander(self, game_day: GameDay) -> str:
        """Who commands the exercise."""
        parts = game_day.roles.all()
        return next((str(part.person) for part in parts if part.role_id == COMMANDER), "nobody")

    @admin.display(description="story")
    def story(self, game_day: GameDay) -> str:
        """What the scenario is about."""
        return game_day.exercise_scenario.summary
