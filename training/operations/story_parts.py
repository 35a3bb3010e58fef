"""The parts of a story, one act each: objectives, modules and injects written, retired, brought back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max

from incidents.models import Person, Role
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid, Reason, Refused
from training.models import ExerciseScenario, GameDay, Inject, Objective, ScenarioModule
from training.operations.story_documents import require_facts
from training.rules.stories import LONGEST, MOST_MINUTES, MOST_PARTS

CHANGE = "training.change_exercisescenario"
Part = Objective | Inject
P = TypeVar("P", bound=Part)


def objections(story: ExerciseScenario) -> tuple[Reason, ...]:
    """Why nobody may change this story now; empty if it may be changed."""
    if story.game_days.filter(status=GameDay.Status.RUNNING).exists():
        message = "It is being played just now: change it when the exercise is over."
        return (Reason("story_is_played", message),)
    return ()


@transaction.atomic
def add_objective(
    story: ExerciseScenario,
    *,
    capability: str,
    text: str,
    target: str = "",
    activities: Sequence[str] = (),
    role: Role | None = None,
    actor: Person,
    at: datetime,
) -> Objective:
    """The next objective of this story; its number stays its own. Refuses `story_is_played`."""
    story = held(story, actor)
    row = Objective(exercise_scenario=story, number=_next_number(story.objectives))
    return _say_objective(
        row,
        capability,
        text,
        target,
        activities,
        role,
        verb="add_objective",
        actor=actor,
        at=at,
    )


@transaction.atomic
def revise_objective(
    objective: Objective,
    *,
    capability: str,
    text: str,
    target: str = "",
    activities: Sequence[str] = (),
    role: Role | None = None,
    actor: Person,
    at: datetime,
) -> Objective:
    """Say it otherwise. Refuses `story_is_played`."""
    held(objective.exercise_scenario, actor)
    return _say_objective(
        objective, capability, text, target, activities, role,
        verb="revise_objective", actor=actor, at=at,
    )  # fmt: skip


@transaction.atomic
def add_inject(story: ExerciseScenario, *, actor: Person, at: datetime, **said: Any) -> Inject:
    """The next inject of this story, as `revise_inject` takes it; its number stays its own."""
    story = held(story, actor)
    row = Inject(exercise_scenario=story, number=_next_number(story.injects))
    return _say_inject(row, said, verb="add_inject", actor=actor, at=at)


@transaction.atomic
def revise_inject(inject: Inject, *, actor: Person, at: datetime, **said: Any) -> Inject:
    """Say it otherwise: the fields of an inject by name, `objectives` a list of rows.

    Invalid `text_missing`, `trigger_missing` of a contingency, `not_of_this_story` for another's
    objective or module, and facts the law does not know. Refuses `story_is_played`.
    """
    held(inject.exercise_scenario, actor)
    return _say_inject(inject, said, verb="revise_inject", actor=actor, at=at)


@transaction.atomic
def set_modules(
    story: ExerciseScenario, *, titles: Sequence[str], actor: Person, at: datetime
) -> ExerciseScenario:
    """The parts of the story in their order. Refuses `module_in_use` where one with injects would go."""
    story = held(story, actor)
    kept = [words.required(one, "titles", "Name each part.", longest=120) for one in titles]
    rows = list(story.modules.order_by("position"))
    if len(kept) > MOST_PARTS:
        message = f"A story has at most {MOST_PARTS} modules."
        raise Invalid.because("too_many_modules", message, "titles")
    for row in rows[len(kept) :]:
        if row.injects.exists():
            message = f"Injects belong to “{row}”: move them first, or keep it."
            raise Refused.because("module_in_use", message, "titles")
        row.delete()
    for place, title in enumerate(kept, start=1):
        row = rows[place - 1] if place <= len(rows) else ScenarioModule(
            exercise_scenario=story, position=place
        )  # fmt: skip
        if row.title != title:
            row.title = title
            row.save()
    records.audit("set_modules", story, actor=actor, at=at, modules=kept)
    return story


@transaction.atomic
def retire_part(part: Part, *, actor: Person, at: datetime) -> Part:
    """It is told no more; its number is given to no other. Refuses `already_retired`."""
    held(part.exercise_scenario, actor)
    if part.retired_at is not None:
        raise Refused.because("already_retired", f"{part} is retired already.")
    part.retired_at = at
    return _keep(part, f"retire_{_kind(part)}", actor, at)


@transaction.atomic
def restore_part(part: Part, *, actor: Person, at: datetime) -> Part:
    """It is told again, as it was. Refuses `not_retired`."""
    held(part.exercise_scenario, actor)
    if part.retired_at is None:
        raise Refused.because("not_retired", f"{part} is not retired.")
    part.retired_at = None
    return _keep(part, f"restore_{_kind(part)}", actor, at)


def held(story: ExerciseScenario, actor: Person, permission: str = CHANGE) -> ExerciseScenario:
    """The story locked for an act; NotPermitted, or Refused `story_is_played`."""
    standing.permit_to(actor, permission)
    row = ExerciseScenario.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if reasons := objections(row):
        raise Refused(*reasons)
    return row


def _say_objective(
    row: Objective, capability: str, text: str, target: str, activities: Sequence[str],
    role: Role | None, *, verb: str, actor: Person, at: datetime,
) -> Objective:  # fmt: skip
    ask = "Say which capability it belongs to, such as command."
    row.capability = words.required(capability, "capability", ask, longest=80)
    row.text = words.required(text, "text", "Say what is to be shown.", longest=LONGEST)
    row.target = words.optional(target, "target", longest=200)
    row.activities, row.role = list(activities), role
    return _keep(row, verb, actor, at)


def _say_inject(
    row: Inject, said: Mapping[str, Any], *, verb: str, actor: Person, at: datetime
) -> Inject:
    goals = list(said.get("objectives") or [])
    module = said.get("module")
    if any(one.exercise_scenario_id != row.exercise_scenario_id for one in goals) or (
        module is not None and module.exercise_scenario_id != row.exercise_scenario_id
    ):
        message = "This belongs to another story: choose one of this."
        raise Invalid.because("not_of_this_story", message, "objectives")
    row.text = words.required(said.get("text", ""), "text", "Write what the players are told.")
    row.kind = said.get("kind") or Inject.Kind.SCHEDULED
    if row.kind == Inject.Kind.CONTINGENCY:
        ask = "Say when it is to come: what the players did, or left undone."
        row.trigger = words.required(said.get("trigger", ""), "trigger", ask, longest=200)
    else:
        row.trigger = ""
    row.offset_minutes = _minute(said.get("offset_minutes", 0))
    row.method = said.get("method") or Inject.Method.CHAT
    for name, longest in (("title", 120), ("sender", 80), ("background", LONGEST),
                          ("expected_action", LONGEST), ("observer_focus", LONGEST)):  # fmt: skip
        setattr(row, name, words.optional(said.get(name, ""), name, longest=longest))
    row.facts = dict(said.get("facts") or {})
    require_facts(row.facts, at=at)
    row.module, row.to_role = module, said.get("to_role")
    row.is_gate = bool(said.get("is_gate"))
    row.activities = list(said.get("activities") or [])
    _keep(row, verb, actor, at)
    row.objectives.set(goals)
    return row


def _minute(value: int) -> int:
    if not 0 <= value <= MOST_MINUTES:
        message = f"A minute of the story lies between 0 and {MOST_MINUTES:,}."
        raise Invalid.because("minute_out_of_range", message, "offset_minutes")
    return value


def _keep(part: P, verb: str, actor: Person, at: datetime) -> P:
    part.save()
    story = part.exercise_scenario
    records.audit(verb, story, actor=actor, at=at, number=part.number)
    return part


def _kind(part: Part) -> str:
    return "objective" if isinstance(part, Objective) else "inject"


def _next_number(parts: Any) -> int:
    highest = parts.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1
