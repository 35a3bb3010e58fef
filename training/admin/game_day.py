"""Game days: planned here, run, and brought to their lessons."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

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
from training.admin import control, crew, debrief, evaluation
from training.admin.answers import ANSWER, AnswerPages
from training.admin.control import RunForm
from training.admin.control_page import PAGE_OF, ExercisePages, is_of_a_page, rooms
from training.admin.debrief import DebriefPages
from training.admin.practice_coverage import CoveragePage
from training.models import ExerciseScenario, GameDay, GameDayRole, GameDayStaff
from training.operations import answers, completing, exercise_readiness, secrets
from training.operations import game_day as operations
from training.rules.after_action import REPORT_DUE

_NEEDED = (COMMANDER, COMMUNICATIONS)
_AHEAD = (GameDay.Status.PROPOSED, GameDay.Status.PLANNED)


class PlanForm(VerbForm):
    """What is practised, when, and who plays which role."""

    title = forms.CharField(max_length=120)
    exercise_scenario = forms.ModelChoiceField(
        ExerciseScenario.objects.none(), label="Scenario"
    )
    starts_at = InstantField(label="Date and time", help_text="In your time zone.")
    services = services_field(
        required=False,
        help_text="What the story says is affected; severity is computed from it.",
    )

    def prepare(self) -> None:
        """Stories the planner may read; one person a role, the other roles are left out."""
        story = self.fields["exercise_scenario"]
        if isinstance(story, forms.ModelChoiceField):
            story.queryset = secrets.readable_stories(self.actor).filter(retired_at=None)
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
    fields = ["role", "person", "part", "answer"]
    readonly_fields = fields
    verbose_name_plural = "who plays what"
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[GameDayRole]:
        """With the names that are shown."""
        rows: QuerySet[GameDayRole] = super().get_queryset(request)
        return rows.select_related("role", "person")

    @admin.display(description="part")
    def part(self, row: GameDayRole) -> str:
        """In words: a cross for who plays would look like a fault."""
        return "stands beside" if row.is_shadow else "plays"


class StaffInline(ReadOnlyInline):
    """Who runs and judges it."""

    model = GameDayStaff
    fields = ["does", "person", "answer"]
    readonly_fields = fields
    verbose_name_plural = "who runs and judges it"
    hide_title = True

    @admin.display(description="duty")
    def does(self, row: GameDayStaff) -> str:
        """What they do in it, as a sentence begins."""
        return capfirst(row.get_duty_display())


@admin.register(GameDay)
class GameDayAdmin(ExercisePages, DebriefPages, CoveragePage, AnswerPages, GovernedAdmin):
    """The year's exercises; every change is an act."""

    list_display = ["title", "starts_at", "quarter", "scenario", "commander", "status"]
    # By its story no list is filtered or searched: players would find out by it what awaits them.
    list_filter = ["status"]
    list_select_related = ["exercise_scenario"]
    search_fields = ["title", "roles__person__name"]
    date_hierarchy = "starts_at"
    list_before_template = "admin/training/before_game_days.html"
    inlines = [RolesInline, StaffInline]
    change_form_outer_before_template = "admin/training/gameday/before.html"
    fields = [
        "title", "status", "starts_at", "quarter", "organiser", "scenario", "story",
        "pace", "pace_factor", "services", "incident", "ready",
    ]  # fmt: skip
    readonly_fields = fields
    standing = {"plan": "add", "reassign": "change"}
    verbs: ClassVar[tuple[Verb, ...]] = (
        Verb("plan", "Plan a game day", operations.plan, PlanForm, icon="event", on_list=True,
             explain="The players are told at once and reminded 14, 3 and 1 days before."),
        Verb("run", "Run it", operations.run, RunForm, icon="play_arrow", objections=_not_due("run"),
             explain="Declares an incident of kind exercise with these people in their roles. "
             "It stays out of every metric, and reaches nobody who takes no part."),
        Verb("complete", "Complete", completing.complete, CompleteForm, icon="task_alt",
             objections=_not_due("complete"),
             explain="Its lessons become a review in the same register as those of incidents."),
        Verb("reassign", "Recast a role", operations.reassign_role, ReassignForm, icon="sync_alt",
             objections=_not_due("reassign"), explain="Both people are told."),
        Verb("cancel", "Cancel", operations.cancel, CancelForm, icon="event_busy", danger=True,
             objections=_not_due("cancel"), explain="The players are told why."),
        *debrief.VERBS,
        *crew.VERBS,
        *control.VERBS,
        *evaluation.VERBS,
    )  # fmt: skip

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """Planning is adding, recasting changing; what stands on a page is whose the page is."""
        if verb is ANSWER:
            return answers.may_answer(acting(request))
        action = self.standing.get(verb.name, verb.permission or verb.name)
        return is_of_a_page(verb) or request.user.has_perm(f"training.{action}_gameday")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row, with the pages of its exercise that are the reader's."""
        row = self.get_object(request, unquote(object_id))
        found = rooms(row, acting(request)) if isinstance(row, GameDay) else []
        return super().change_view(
            request, object_id, form_url, {"rooms": found, **(extra_context or {})}
        )

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Model | None, result: Any
    ) -> HttpResponse:
        """Whoever names somebody reads at once that they cannot see it."""
        if warning := crew.unseeing(result):
            self.message_user(request, warning, messages.WARNING)
        return super().after_act(request, verb, subject, result)

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """Back to the page the act was done from; begun, to where it is steered or followed."""
        if isinstance(subject, GameDay) and (page := PAGE_OF.get(verb.name)):
            return reverse(f"admin:training_gameday_{page}", args=[subject.pk])
        return super().after_verb(verb, subject, result)

    def lookup_allowed(
        self, lookup: str, value: str, request: HttpRequest | None = None
    ) -> bool:
        """No address asks which game days have a certain story."""
        if lookup.startswith("exercise_scenario"):
            return False
        return super().lookup_allowed(lookup, value, request)

    def _require_seen(self, request: HttpRequest, object_id: str) -> None:
        """The past of the row names its story: for players there is none before it is over."""
        super()._require_seen(request, object_id)
        row = self.get_object(request, unquote(object_id))
        if isinstance(row, GameDay) and self._is_kept_from(row):
            raise PermissionDenied

    def _is_kept_from(self, row: GameDay) -> bool:
        """Whether its story is, by its marks; so is a row without any."""
        return getattr(row, "is_hidden", True) or getattr(row, "is_untold", True)

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
        left_out = set()
        if became is not None and hidden.filter(pk=became).exists():
            left_out.add("incident")
        if obj is None or self._is_kept_from(obj) or obj.status not in _AHEAD:
            # It is of the story's injects; none is left to come once it is over.
            left_out.add("ready")
        return [name for name in self.fields if name not in left_out]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GameDay]:
        """With the players, for the commander's name, and whether the reader is one of them."""
        rows: QuerySet[GameDay] = super().get_queryset(request)
        return secrets.marked(rows, acting(request)).prefetch_related("roles__person")

    @admin.display(description="commander")
    def commander(self, game_day: GameDay) -> str:
        """Who commands the exercise."""
        parts = game_day.roles.all()
        return next((str(part.person) for part in parts if part.role_id == COMMANDER), "nobody")

    @admin.display(description="scenario")
    def scenario(self, game_day: GameDay) -> str:
        """Which story it tells; to its players that they shall see."""
        if getattr(game_day, "is_hidden", True):
            return secrets.SURPRISE
        is_kept = self._is_kept_from(game_day)
        return secrets.PRIVATE if is_kept else str(game_day.exercise_scenario)

    @admin.display(description="ready to run?")
    def ready(self, game_day: GameDay) -> SafeString:
        """What stands against running it, the gravest first."""
        found = exercise_readiness.findings(game_day, at=timezone.now())
        return render_to_string(
            "admin/training/exercisescenario/findings.html", {"findings": found}
        )

    @admin.display(description="story")
    def story(self, game_day: GameDay) -> str:
        """What players may read of it beforehand, and where the rest of that stands."""
        story = game_day.exercise_scenario
        if getattr(game_day, "is_untold", True) and not getattr(game_day, "is_hidden", True):
            return secrets.PRIVATE
        manual = reverse("admin:training_exercisescenario_manual", args=[story.pk])
        return format_html(
            '{} <a class="text-primary-600 dark:text-primary-500 underline" href="{}">'
            "Situation manual</a>",
            story.summary,
            manual,
        )
