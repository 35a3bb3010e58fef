"""The library of stories: taken in, imported, drawn from incidents, written; read as a guide.

Whoever is to play a story sees none of it before the exercise is over.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.models import Incident, Person
from incidents.rules.reasons import Reason, Refused
from training.admin import story_forms as said
from training.admin.story_page import StoryPages
from training.admin.story_parts import InjectAdmin, ObjectiveAdmin
from training.models import ExerciseScenario
from training.operations import stories

__all__ = ["ExerciseScenarioAdmin", "InjectAdmin", "ObjectiveAdmin"]

_SHIPPED = "admin/training/exercisescenario/shipped.html"


def take_in(*, actor: Person, at: datetime) -> list[ExerciseScenario]:
    """What came. Refuses `library_is_here` where there is nothing new."""
    taken = stories.take_in_shipped(actor=actor, at=at)
    if not taken:
        message = "Every shipped story is here already, as it ships or as you have changed it."
        raise Refused.because("library_is_here", message)
    return taken


def draw(*, incident: Incident, title: str, actor: Person, at: datetime) -> ExerciseScenario:
    """As the list offers it: there is no row yet."""
    return stories.draw_from(incident, title=title, actor=actor, at=at)


def _played(story: ExerciseScenario, _actor: Person) -> tuple[Reason, ...]:
    return stories.objections(story)


def _retirable(story: ExerciseScenario, _actor: Person) -> tuple[Reason, ...]:
    return stories.against_retiring(story)


def _restorable(story: ExerciseScenario, _actor: Person) -> tuple[Reason, ...]:
    return () if story.retired_at else (Reason("not_retired", "It is not retired."),)


class InUse(admin.SimpleListFilter):
    """Those offered for planning, or those that are not any more."""

    title, parameter_name = "in use", "in_use"

    def lookups(self, *_asked: Any) -> list[tuple[str, str]]:
        """The two."""
        return [("yes", "Yes"), ("no", "Retired")]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All of them where nothing is asked."""
        return (
            rows
            if self.value() is None
            else rows.filter(retired_at__isnull=self.value() == "yes")
        )


@admin.register(ExerciseScenario)
class ExerciseScenarioAdmin(StoryPages, GovernedAdmin):
    """The library of exercises."""

    form = said.StoryForm
    list_display = ["title", "kind", "told_after", "length", "duration_minutes", "in_use"]
    list_filter = [InUse, "kind"]
    search_fields = ["title", "summary", "organisation"]
    autocomplete_fields = ["scenario"]
    list_before_template = "admin/training/before_scenarios.html"
    verbs = (
        Verb("take_in", "Take in the shipped library", take_in, icon="library_add", on_list=True,
             permission="add", shows=_SHIPPED,
             explain="Ten stories told after public outages. What was changed here stays as it is."),
        Verb("draw", "Draw from an incident", draw, said.DrawForm, icon="history", on_list=True,
             permission="add", done="The story is drawn: read it, and make it yours.",
             explain="What came becomes injects, what was done then is expected; people become "
             "their roles, customers are not named."),
        Verb("import_story", "Import stories", stories.import_stories, said.ImportForm,
             icon="upload_file", on_list=True, permission="add",
             explain="All of it, or nothing: what is wrong is named by its path."),
        Verb("add_objective", "Add an objective", stories.add_objective, said.ObjectiveForm,
             icon="flag", permission="change", objections=_played),
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExerciseScenario]:
        """Without what the reader may not read."""
        rows: QuerySet[ExerciseScenario] = super().get_queryset(request)
        shown = stories.readable(acting(request)).order_by().values("pk")
        in_use = Count("injects", filter=Q(injects__retired_at=None))
        return rows.filter(pk__in=shown).annotate(inject_count=in_use)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, list[str]]:
        """The slug follows the title only while the row is new: links name it later."""
        return {} if obj else {"slug": ["title"]}

    def shown(self, verb: Verb, subject: Model | None) -> dict[str, Any]:
        """How each shipped story stands, before they are taken in."""
        return {"shipped": stories.state_of_library()} if verb.name == "take_in" else {}

    def after_act(
        self, request: HttpRequest, verb: Verb, subject: Model | None, result: Any
    ) -> HttpResponse:
        """Of several that came at once how many, on the list; a part in its place in the story."""
        if isinstance(result, list) and len(result) != 1:
            self.message_user(request, f"{len(result)} stories came in.", messages.SUCCESS)
            return redirect(reverse("admin:training_exercisescenario_changelist"))
        return super().after_act(
            request, verb, subject, result[0] if isinstance(result, list) else result
        )

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """A copy is what one goes on with; a new part stands in its place in the story."""
        if verb.name == "copy":
            return super().after_verb(verb, None, result)
        page = super().after_verb(verb, subject, result)
        if verb.name in ("add_objective", "add_inject"):
            return f"{page}#{result._meta.model_name}-{result.number}"
        return page

    @admin.display(description="told after", ordering="organisation")
    def told_after(self, story: ExerciseScenario) -> str:
        """Whose outage, or that it is from an incident of our own."""
        return story.organisation or ("an incident of our own" if story.drawn_from_id else "")

    @admin.display(description="injects", ordering="inject_count")
    def length(self, story: Any) -> int:
        """How many injects it has."""
        return int(story.inject_count)

    @admin.display(description="in use", boolean=True)
    def in_use(self, story: ExerciseScenario) -> bool:
        """Not retired."""
        return story.retired_at is None
