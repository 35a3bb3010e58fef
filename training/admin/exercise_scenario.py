"""The library of stories: taken in, imported, drawn from incidents, written; read as a guide.

Whoever is to play a story sees none of it before the exercise is over.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.documents import write_document
from incidents.models import Person
from incidents.rules.reasons import Reason, Refused
from training.admin import story_forms as said
from training.models import ExerciseScenario, Inject, Objective
from training.operations import secrets, stories, story_documents
from training.rules.exercise_checks import of_story


class ExerciseScenarioForm(forms.ModelForm[ExerciseScenario]):
    """A story whose facts can be said under the law."""

    class Meta:
        model = ExerciseScenario
        fields = [
            "slug", "title", "kind", "summary", "background", "scenario", "facts", "twist",
            "duration_minutes",
        ]  # fmt: skip
        help_texts = {"facts": "What the exercise begins with, as JSON by the names of facts."}

    def clean_facts(self) -> dict[str, Any]:
        """Only facts the law knows, said while the author is still here."""
        facts: dict[str, Any] = self.cleaned_data["facts"] or {}
        if reasons := story_documents.judge(timezone.now())(facts):
            raise forms.ValidationError([reason.message for reason in reasons])
        return facts


def import_one(*, document: object, actor: Person, at: datetime) -> ExerciseScenario:
    """The first of those imported, whose page comes next."""
    return stories.import_stories(document=document, actor=actor, at=at)[0]


def take_in(*, actor: Person, at: datetime) -> ExerciseScenario:
    """One of those taken in. Refuses `library_is_here` where there is nothing new."""
    taken = stories.take_in_shipped(actor=actor, at=at)
    if not taken:
        message = "Every shipped story is here already, as it ships or as you have changed it."
        raise Refused.because("library_is_here", message)
    return taken[0]


def draw(*, incident: Any, title: str, actor: Person, at: datetime) -> ExerciseScenario:
    """As the list offers it: there is no row yet."""
    return stories.draw_from(incident, title=title, actor=actor, at=at)


def _played(story: ExerciseScenario, _actor: Person) -> tuple[Reason, ...]:
    return stories.objections(story)


def _retirable(story: ExerciseScenario, _actor: Person) -> tuple[Reason, ...]:
    return stories.against_retiring(story)


def _restorable(story: ExerciseScenario, _actor: Person) -> tuple[Reason, ...]:
    return () if story.retired_at else (Reason("not_retired", "It is not retired."),)


@admin.register(ExerciseScenario)
class ExerciseScenarioAdmin(GovernedAdmin):
    """The library of exercises."""

    form = ExerciseScenarioForm
    list_display = ["title", "kind", "organisation", "length", "duration_minutes", "in_use"]
    list_filter = ["kind"]
    search_fields = ["title", "summary", "organisation"]
    autocomplete_fields = ["scenario"]
    list_before_template = "admin/training/before_scenarios.html"
    verbs = (
        Verb("take_in", "Take in the shipped library", take_in, icon="library_add", on_list=True,
             permission="add", done="The shipped stories are here.",
             explain="Ten stories told after public outages. What was changed here stays as it is."),
        Verb("import_story", "Import a story", import_one, said.ImportForm, icon="upload_file",
             on_list=True, permission="add", explain="All of it, or nothing: what is wrong is named by its path."),
        Verb("draw", "Draw from an incident", draw, said.DrawForm, icon="history", on_list=True,
             permission="add", explain="Its timeline becomes injects; names of people and customers are left out."),
        Verb("add_objective", "Add an objective", stories.add_objective, said.ObjectiveForm, icon="flag",
             permission="change", objections=_played),
        Verb("add_inject", "Add an inject", stories.add_inject, said.InjectForm, icon="bolt",
             permission="change", objections=_played),
        Verb("set_modules", "Name its parts", stories.set_modules, said.ModulesForm, icon="segment",
             permission="change", objections=_played),
        Verb("copy", "Copy", stories.copy, said.CopyForm, icon="content_copy", permission="add"),
        Verb("retire", "Retire", stories.retire, icon="archive", objections=_retirable,
             explain="It is offered for planning no more; what was played stays."),
        Verb("restore", "Bring back", stories.restore, icon="unarchive", permission="retire",
             objections=_restorable),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Before a row's own address, which would swallow them."""
        site = self.admin_site.admin_view
        return [
            path("<int:pk>/manual/", site(self.manual_view), name="training_exercisescenario_manual"),
            path("<int:pk>/story.yaml", site(self.file_view), name="training_exercisescenario_file"),
            *super().get_urls(),
        ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExerciseScenario]:
        """Without what the reader is to play."""
        rows: QuerySet[ExerciseScenario] = super().get_queryset(request)
        hidden = secrets.hidden_stories(acting(request)).values("pk")
        in_use = Count("injects", filter=Q(injects__retired_at=None))
        return rows.exclude(pk__in=hidden).annotate(inject_count=in_use)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The guide stands above the fields of a story that is there."""
        names = list(ExerciseScenarioForm.Meta.fields)
        return ["guide", *names] if obj else names

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The guide is for reading."""
        return ["guide"]

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, list[str]]:
        """The slug follows the title only while the row is new: links name it later."""
        return {} if obj else {"slug": ["title"]}

    @admin.display(description="injects", ordering="inject_count")
    def length(self, story: Any) -> int:
        """How many injects it has."""
        return int(story.inject_count)

    @admin.display(description="in use", boolean=True)
    def in_use(self, story: ExerciseScenario) -> bool:
        """Not retired."""
        return story.retired_at is None

    @admin.display(description="guide")
    def guide(self, story: ExerciseScenario) -> SafeString:
        """As a facilitator reads it: checks, objectives, injects by the minute, what really happened."""
        at = timezone.now()
        told = story_documents.of(story)
        context = {
            "story": story,
            "findings": of_story(told, story_documents.known(at)),
            "objectives": story.objectives.filter(retired_at=None).select_related("role"),
            "injects": story.injects.filter(retired_at=None)
            .select_related("module", "to_role")
            .prefetch_related("objectives"),
        }
        return render_to_string("admin/training/exercisescenario/guide.html", context)

    def manual_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The situation manual: what players may read beforehand, to be printed."""
        story = self._seen(request, pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Situation manual: {story}",
            "opts": self.opts,
            "story": story,
            "capabilities": story.objectives.filter(retired_at=None)
            .order_by("capability")
            .values_list("capability", flat=True)
            .distinct(),
            "modules": story.modules.all(),
        }
        return TemplateResponse(request, "admin/training/exercisescenario/manual.html", context)

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The story as YAML, which imports again."""
        story = self._seen(request, pk)
        answer = HttpResponse(
            write_document(stories.document(story)),
            content_type="application/yaml; charset=utf-8",
        )
        answer.headers["Content-Disposition"] = f'attachment; filename="{story.slug}.yaml"'
        return answer

    def _seen(self, request: HttpRequest, pk: int) -> ExerciseScenario:
        story = self.get_queryset(request).filter(pk=pk).first()
        if story is None or not self.has_view_permission(request, story):
            raise PermissionDenied
        return story


class PartAdmin(GovernedAdmin):
    """A part of a story: revised and retired by acts, listed on the story's own page."""

    list_display = ["__str__", "exercise_scenario"]
    list_select_related = ["exercise_scenario"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Added on the story's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It changes through its verbs."""
        return False

    def may_ever(self, request: HttpRequest, verb: Verb) -> bool:
        """Who may change stories may change their parts."""
        return request.user.has_perm("training.change_exercisescenario")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without those of stories the reader is to play."""
        hidden = secrets.hidden_stories(acting(request)).values("pk")
        return super().get_queryset(request).exclude(exercise_scenario__in=hidden)


def _part(part: Objective | Inject, _actor: Person) -> tuple[Reason, ...]:
    return stories.objections(part.exercise_scenario)


_PART_VERBS = (
    Verb("retire_part", "Retire", stories.retire_part, icon="archive", objections=_part,
         explain="Its number is not given again."),
    Verb("restore_part", "Bring back", stories.restore_part, icon="unarchive", objections=_part),
)  # fmt: skip


@admin.register(Objective)
class ObjectiveAdmin(PartAdmin):
    """What a story is to show."""

    search_fields = ["text", "capability", "exercise_scenario__title"]
    fields = [
        "exercise_scenario",
        "number",
        "capability",
        "text",
        "target",
        "role",
        "activities",
    ]
    verbs = (
        Verb("revise", "Say it otherwise", stories.revise_objective, said.ObjectiveForm, icon="edit",
             objections=_part),
        *_PART_VERBS,
    )  # fmt: skip


@admin.register(Inject)
class InjectAdmin(PartAdmin):
    """What is fed to the players."""

    search_fields = ["title", "text", "exercise_scenario__title"]
    fields = [
        "exercise_scenario", "number", "offset_minutes", "kind", "trigger", "title", "method",
        "sender", "to_role", "module", "text", "expected_action", "observer_focus", "background",
        "is_gate", "facts", "activities", "objectives",
    ]  # fmt: skip
    verbs = (
        Verb("revise", "Say it otherwise", stories.revise_inject, said.InjectForm, icon="edit",
             objections=_part),
        *_PART_VERBS,
    )  # fmt: skip
