"""A whole story written down: all its parts, or nothing; numbers keep their meaning for ever."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from simple_history.utils import bulk_create_with_history

from incidents.models import Incident, Person, Role, Scenario
from incidents.operations import roles
from incidents.rules.reasons import Invalid, Reason
from training.models import ExerciseScenario, Inject, Objective, ScenarioModule
from training.operations.story_documents import judge
from training.rules import stories

_FIELDS = (
    "slug", "title", "kind", "duration_minutes", "summary", "background", "twist", "organisation",
)  # fmt: skip
Facts = Mapping[str, Any]


def create(
    story: stories.Story,
    *,
    actor: Person,
    at: datetime,
    drawn_from: Incident | None = None,
    path: str = "",
) -> ExerciseScenario:
    """A new row of this story with all its parts, within the act that writes the audit line.

    Invalid by path: `slug_taken`, a role or scenario nobody knows, facts the law does not know.
    """
    if problems := [*taken(story, path), *unsound(story, at=at, path=path)]:
        raise Invalid(*problems)
    row = ExerciseScenario(drawn_from=drawn_from)
    _say(row, story)
    row.save()
    signed = {"default_user": actor, "default_date": at}
    modules = bulk_create_with_history(
        [
            ScenarioModule(exercise_scenario=row, position=place, title=title)
            for place, title in enumerate(story.modules, start=1)
        ],
        ScenarioModule,
        **signed,
    )
    goals = bulk_create_with_history(
        [_objective(Objective(exercise_scenario=row), each) for each in story.objectives],
        Objective,
        **signed,
    )
    injects = bulk_create_with_history(
        [_inject(Inject(exercise_scenario=row), each, list(modules)) for each in story.injects],
        Inject,
        **signed,
    )
    _link(story, {each.number: each for each in goals}, {one.number: one for one in injects})
    return row


def overwrite(row: ExerciseScenario, story: stories.Story, *, at: datetime) -> None:
    """Let the row say what the story says, part by number; what it leaves out is retired.

    Which scenario of ours it is linked to stays.
    """
    if problems := unsound(story, at=at):
        raise Invalid(*problems)
    _say(row, story, with_scenario=False)
    row.save()
    modules = list(row.modules.order_by("position"))
    for place, title in enumerate(story.modules, start=1):
        if place > len(modules):
            modules.append(ScenarioModule(exercise_scenario=row, position=place))
        modules[place - 1].title = title
        modules[place - 1].save()
    goals = {each.number: each for each in row.objectives.all()}
    for goal in story.objectives:
        kept = goals.setdefault(goal.number, Objective(exercise_scenario=row))
        _objective(kept, goal).save()
    injects = {each.number: each for each in row.injects.all()}
    for told in story.injects:
        held = injects.setdefault(told.number, Inject(exercise_scenario=row))
        _inject(held, told, modules).save()
    _retire_rest(goals, {each.number for each in story.objectives}, at)
    _retire_rest(injects, {each.number for each in story.injects}, at)
    _link(story, goals, injects)


def taken(story: stories.Story, path: str = "") -> Iterator[Reason]:
    """Whether another story has its slug; one query."""
    if story.slug and ExerciseScenario.objects.filter(slug=story.slug).exists():
        message = f"There is a story “{story.slug}” already: give this one another slug."
        yield Reason("slug_taken", message, f"{path}slug")


def unsound(story: stories.Story, *, at: datetime, path: str = "") -> list[Reason]:
    """Everything it names that nobody knows, by path; of a story read in part too."""
    named = {each.role for each in story.objectives} | {each.to for each in story.injects}
    roles.make(sorted(named - {""}))
    known = set(Role.objects.filter(slug__in=named).values_list("slug", flat=True)) | {""}
    problems = [*_strangers(story, known, path), *_bad_facts(story, at, path)]
    if story.scenario and not Scenario.objects.filter(slug=story.scenario).exists():
        message = f"There is no scenario {story.scenario}: add it, or leave it out."
        problems.append(Reason("scenario_unknown", message, f"{path}scenario"))
    return problems


def _strangers(story: stories.Story, known: Collection[str], path: str) -> Iterator[Reason]:
    for goal in story.objectives:
        if goal.role not in known:
            where = f"{path}objectives.{goal.number}.role"
            yield Reason("role_unknown", f"{where}: there is no role {goal.role}.", where)
    for inject in story.injects:
        if inject.to not in known:
            where = f"{path}injects.{inject.number}.to"
            yield Reason("role_unknown", f"{where}: there is no role {inject.to}.", where)


def _bad_facts(story: stories.Story, at: datetime, path: str) -> Iterator[Reason]:
    judged = judge(at)
    parts: list[tuple[str, Facts]] = [("facts", story.facts)]
    parts += [(f"injects.{each.number}.facts", each.facts) for each in story.injects]
    for where, facts in parts:
        if facts:
            for reason in judged(facts):
                place = f"{path}{where}"
                yield Reason(reason.code, f"{place}: {reason.message}", place)


def _say(row: ExerciseScenario, story: stories.Story, *, with_scenario: bool = True) -> None:
    for name in _FIELDS:
        setattr(row, name, getattr(story, name))
    if with_scenario:
        row.scenario = Scenario.objects.filter(slug=story.scenario).first()
    row.facts = dict(story.facts)
    row.questions, row.sources = list(story.questions), list(story.sources)
    row.chronicle = stories.document(story).get("chronicle", [])


def _objective(row: Objective, said: stories.Objective) -> Objective:
    for name in ("number", "capability", "text", "target"):
        setattr(row, name, getattr(said, name))
    row.activities, row.role_id, row.retired_at = list(said.activities), said.role or None, None
    return row


def _inject(row: Inject, said: stories.Inject, modules: list[ScenarioModule]) -> Inject:
    for name in (
        "number", "trigger", "title", "method", "sender", "text", "background",
        "expected_action", "observer_focus", "is_gate",
    ):  # fmt: skip
        setattr(row, name, getattr(said, name))
    row.kind = Inject.Kind.CONTINGENCY if said.is_contingency else Inject.Kind.SCHEDULED
    row.module = modules[said.module - 1] if said.module else None
    row.offset_minutes, row.to_role_id = said.minute, said.to or None
    row.facts, row.activities, row.retired_at = dict(said.facts), list(said.activities), None
    return row


def _retire_rest(
    rows: Mapping[int, Objective] | Mapping[int, Inject], kept: Collection[int], at: datetime
) -> None:
    for number, row in rows.items():
        if number not in kept and row.retired_at is None:
            row.retired_at = at
            row.save()


def _link(
    story: stories.Story, goals: Mapping[int, Objective], injects: Mapping[int, Inject]
) -> None:
    """Which injects support which objectives; two statements."""
    through = Inject.objectives.through
    through.objects.filter(inject__in=[one.pk for one in injects.values()]).delete()
    through.objects.bulk_create(
        through(inject_id=injects[each.number].pk, objective_id=goals[number].pk)
        for each in story.injects
        for number in each.objectives
    )
