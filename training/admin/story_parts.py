"""Objectives and injects in the admin: revised and retired by acts, read on the page of their story."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from incidents.admin.base import GovernedAdmin, Verb, acting
from incidents.models import Person
from incidents.rules.reasons import Reason
from training.admin import story_forms as said
from training.models import Inject, Objective
from training.operations import stories


class PartAdmin(GovernedAdmin):
    """A part of a story; every change of it is an act, and leads back to the story."""

    list_display = ["__str__", "exercise_scenario"]
    list_select_related = ["exercise_scenario"]
    search_fields = ["text", "exercise_scenario__title"]

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
        """Without those of stories the reader may not read."""
        shown = stories.readable(acting(request)).order_by().values("pk")
        return super().get_queryset(request).filter(exercise_scenario__in=shown)

    def after_verb(self, verb: Verb, subject: Model | None, result: Any) -> str:
        """To the place in the story where it stands."""
        if not isinstance(subject, Objective | Inject):
            return super().after_verb(verb, subject, result)
        story = subject.exercise_scenario_id
        page = reverse("admin:training_exercisescenario_change", args=[story])
        return f"{page}#{self.opts.model_name}-{subject.number}"


def _played(part: Objective | Inject, _actor: Person) -> tuple[Reason, ...]:
    return stories.objections(part.exercise_scenario)


def _retirable(part: Objective | Inject, _actor: Person) -> tuple[Reason, ...]:
    if part.retired_at is not None:
        return (Reason("already_retired", "It is retired already."),)
    return stories.objections(part.exercise_scenario)


def _restorable(part: Objective | Inject, _actor: Person) -> tuple[Reason, ...]:
    if part.retired_at is None:
        return (Reason("not_retired", "It is not retired."),)
    return stories.objections(part.exercise_scenario)


_PART_VERBS = (
    Verb("retire_part", "Retire", stories.retire_part, icon="archive", objections=_retirable,
         explain="It is told no more. Its number is not given again."),
    Verb("restore_part", "Bring back", stories.restore_part, icon="unarchive",
         objections=_restorable),
)  # fmt: skip


@admin.register(Objective)
class ObjectiveAdmin(PartAdmin):
    """What a story is to show."""

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
             objections=_played),
        *_PART_VERBS,
    )  # fmt: skip


@admin.register(Inject)
class InjectAdmin(PartAdmin):
    """What is fed to the players."""

    fields = [
        "exercise_scenario", "number", "offset_minutes", "kind", "trigger", "title", "method",
        "sender", "to_role", "module", "text", "expected_action", "observer_focus", "background",
        "is_gate", "facts", "activities", "objectives",
    ]  # fmt: skip
    verbs = (
        Verb("revise", "Say it otherwise", stories.revise_inject, said.InjectForm, icon="edit",
             objections=_played),
        *_PART_VERBS,
    )  # fmt: skip
