"""A story on its pages: the guide of those who run it, the manual of those who play, the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from incidents.admin.base import acting
from incidents.documents import write_document
from incidents.models import Person
from training.models import ExerciseScenario, GameDayRole, Inject, Objective
from training.operations import secrets, stories, story_documents
from training.rules.exercise_checks import of_story

ICONS = {
    Inject.Method.ALERT: "notifications_active",
    Inject.Method.CALL: "call",
    Inject.Method.CHAT: "chat",
    Inject.Method.MAIL: "mail",
    Inject.Method.NEWS: "newspaper",
    Inject.Method.SCREEN: "monitoring",
    Inject.Method.TICKET: "confirmation_number",
}
# What the outage is dated by, the first there is.
_BEGINNINGS = ("trigger", "impact", "symptom")
_LONGEST_KEY = 19  # digits: more fit into no database


@dataclass(frozen=True, slots=True)
class Told:
    """One part of the story with what it names, in words; `url` where it is said otherwise."""

    row: Any
    activities: tuple[str, ...]
    facts: tuple[str, ...] = ()
    icon: str = ""
    goals: tuple[int, ...] = ()
    url: str = ""


class StoryPages(ModelAdmin):
    """Adds to the admin of stories the printable guide, the players' manual and the YAML."""

    change_form_outer_before_template = "admin/training/exercisescenario/before.html"

    def get_urls(self) -> list[URLPattern]:
        """Before a row's own address, which would swallow them."""
        pages = (
            ("guide", self.guide_view),
            ("manual", self.manual_view),
            ("file", self.file_view),
        )
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"training_exercisescenario_{name}",
            )
            for name, view in pages
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The story as a facilitator reads it, above the form that changes what all of it begins with."""
        story = self.get_object(request, unquote(object_id))
        told = guide(story, timezone.now(), acting(request)) if story else {}
        return super().change_view(
            request, object_id, form_url, {**told, **(extra_context or {})}
        )

    def guide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The facilitator's guide alone, to be printed: everything, so nothing for players."""
        story = self._readable(request, object_id)
        context = guide(story, timezone.now(), acting(request))
        return self._page(request, "guide", f"Facilitator's guide: {story}", story, context)

    def manual_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The situation manual, to be printed: also for those who play it, it gives nothing away."""
        story = ExerciseScenario.objects.filter(pk__in=_keys(object_id)).first()
        if story is None:
            raise Http404
        reader = acting(request)
        if not _plays(story, reader):
            story = self._readable(request, object_id)
        # Its name tells players what awaits them.
        is_hidden = secrets.hidden_stories(reader).filter(pk=story.pk).exists()
        goals = story.objectives.filter(retired_at=None)
        context = {
            "capabilities": dict.fromkeys(goals.values_list("capability", flat=True)),
            "modules": story.modules.all(),
            "original": None if is_hidden else story,
            "is_hidden": is_hidden,
        }
        title = "Situation manual" if is_hidden else f"Situation manual: {story}"
        return self._page(request, "manual", title, story, context)

    def file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The story as YAML, which imports again."""
        story = self._readable(request, object_id)
        text = write_document(stories.document(story), one_a_line=True)
        answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{story.slug}.yaml"'
        return answer

    def _readable(self, request: HttpRequest, object_id: str) -> ExerciseScenario:
        if not self.has_view_permission(request):
            raise PermissionDenied
        story = self.get_object(request, unquote(object_id))
        if not isinstance(story, ExerciseScenario):
            raise Http404
        return story

    def _page(
        self,
        request: HttpRequest,
        name: str,
        title: str,
        story: ExerciseScenario,
        context: Mapping[str, Any],
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "original": story,
            **context,
            "title": title,
            "opts": self.opts,
            "story": story,
        }
        template = f"admin/training/exercisescenario/{name}.html"
        return TemplateResponse(request, template, context)


def guide(story: ExerciseScenario, at: datetime, reader: Person) -> dict[str, Any]:
    """All that the guide shows; a constant number of queries, however many injects."""
    rows = story_documents.with_parts(ExerciseScenario.objects.filter(pk=story.pk))
    row = rows.prefetch_related("objectives__role", "injects__to_role").get()
    names = story_documents.activity_names(at)
    may_change = reader.has_perm("training.change_exercisescenario")
    may_change = may_change and not stories.objections(row)
    injects = [_told(each, names, may_change=may_change) for each in row.injects.all()]
    scheduled = [one for one in injects if one.row.kind == Inject.Kind.SCHEDULED]
    return {
        "story": row,
        "may_change": may_change,
        "findings": of_story(story_documents.value(row), story_documents.known(at)),
        "objectives": [
            _told(each, names, may_change=may_change) for each in row.objectives.all()
        ],
        "modules": [
            (module, [one for one in scheduled if one.row.module_id == getattr(module, "pk", None)])
            for module in [*row.modules.all(), None]
        ],
        "contingencies": [one for one in injects if one.row.kind == Inject.Kind.CONTINGENCY],
        "inject_count": len(injects),
        "known": story_documents.facts_in_words(row.facts),
        "told_after": _told_after(row),
        "chronicle": [{**each, "instant": _instant(each)} for each in row.chronicle],
    }  # fmt: skip


def _told(part: Objective | Inject, names: Mapping[str, str], *, may_change: bool) -> Told:
    kind = "inject" if isinstance(part, Inject) else "objective"
    url = reverse(
        f"admin:training_{kind}_{'revise' if may_change else 'change'}", args=[part.pk]
    )
    activities = tuple(names.get(one, one) for one in part.activities)
    if not isinstance(part, Inject):
        return Told(part, activities, url=url)
    goals = sorted(one.number for one in part.objectives.all() if one.retired_at is None)
    icon = ICONS.get(Inject.Method(part.method), "chat")
    return Told(
        part, activities, story_documents.facts_in_words(part.facts), icon, tuple(goals), url
    )


def _told_after(story: ExerciseScenario) -> datetime | None:
    """The day of the outage it is told after."""
    for kind in _BEGINNINGS:
        for each in story.chronicle:
            if each.get("kind") == kind:
                return _instant(each)
    return next(filter(None, map(_instant, story.chronicle)), None)


def _instant(happening: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(happening.get("at", "")))
    except ValueError:
        return None


def _plays(story: ExerciseScenario, person: Person) -> bool:
    return GameDayRole.objects.filter(game_day__exercise_scenario=story, person=person).exists()


def _keys(object_id: str) -> list[int]:
    """The key an address names; none where it is no number a database has."""
    text = str(unquote(object_id))
    return [int(text)] if text.isdecimal() and len(text) < _LONGEST_KEY else []
