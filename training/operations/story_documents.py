"""A stored story as the plain value the rules know, and what may be said in one."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from incidents.models import Role
from incidents.operations import law, law_files
from incidents.rules import legal_facts
from incidents.rules.acts import ACTS
from incidents.rules.facts import SEVERITY_FACTS, severity_facts
from incidents.rules.legal_words import called
from incidents.rules.reasons import Invalid, Reason
from incidents.rules.said import in_words, names, unstorable
from training.models import ExerciseScenario, Inject, Objective
from training.rules import stories
from training.rules.exercise_checks import Judge, Known

_CONTINGENCY = Inject.Kind.CONTINGENCY


def with_parts(rows: QuerySet[ExerciseScenario]) -> QuerySet[ExerciseScenario]:
    """With all that `value` reads; four queries more, however many stories."""
    injects = Inject.objects.filter(retired_at=None).select_related("module")
    return rows.select_related("scenario").prefetch_related(
        Prefetch("objectives", Objective.objects.filter(retired_at=None)),
        Prefetch("injects", injects.prefetch_related("objectives")),
        "modules",
    )


def of(row: ExerciseScenario) -> stories.Story:
    """The story of one row, read anew."""
    return value(with_parts(ExerciseScenario.objects.filter(pk=row.pk)).get())


def value(row: ExerciseScenario) -> stories.Story:
    """The story of a row that came `with_parts`; what is retired is left out."""
    places = {module.pk: place for place, module in enumerate(row.modules.all(), start=1)}
    return stories.Story(
        slug=row.slug,
        title=row.title,
        kind=row.kind,
        duration_minutes=row.duration_minutes,
        summary=row.summary,
        background=row.background,
        scenario=row.scenario.slug if row.scenario else "",
        facts=row.facts,
        twist=row.twist,
        questions=tuple(row.questions),
        organisation=row.organisation,
        sources=tuple(row.sources),
        chronicle=tuple(_happening(each) for each in row.chronicle),
        objectives=tuple(
            _objective(each) for each in sorted(row.objectives.all(), key=_number)
        ),
        modules=tuple(module.title for module in row.modules.all()),
        injects=tuple(_inject(each, places) for each in sorted(row.injects.all(), key=_number)),
    )


def digest(story: stories.Story) -> str:
    """What tells two tellings apart; which scenario of ours it is linked to is no part of it."""
    said = stories.document(replace(story, scenario=""))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def known(at: datetime) -> Known:
    """What the checks must know beside a story, under the law in force; a few queries."""
    version = law.matrix_in_force(at)
    activities = None
    if version is not None:
        lines = law.pinned_grid(version.pk).activities
        activities = {name for each in lines for name in (each.key, each.act) if name}
    retired = Role.objects.filter(retired_at__isnull=False)
    return Known(activities, dict(retired.values_list("slug", "name")), judge(at))


def activity_names(at: datetime) -> dict[str, str]:
    """What a story may name and how it is called: the acts, then activities of the matrix in force."""
    version = law.matrix_in_force(at)
    lines = law.pinned_grid(version.pk).activities if version else ()
    acts = {act.code: act.label for act in ACTS.values()}
    return {**acts, **{each.key: each.name for each in lines if each.key}}


def facts_in_words(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Each fact as people read it, such as “customers affected: 1,200”."""
    return tuple(f"{called(name)}: {_in_words(each)}" for name, each in facts.items())


def judge(at: datetime) -> Judge:
    """Says what is wrong with facts under the law in force, else under the pack that ships."""
    pack = law.pack_in_force(at) or law_files.shipped_pack()
    may = names(pack)

    def judged(facts: Mapping[str, Any]) -> Sequence[Reason]:
        try:
            may.check(facts)
            severe = {name: facts[name] for name in facts if name not in pack.facts}
            both = {name: facts[name] for name in facts if name in SEVERITY_FACTS}
            severity_facts({**severe, **both}, {})
            lawful = {name: facts[name] for name in facts if name in pack.facts}
            legal_facts.total_facts(pack, lawful)
        except Invalid as invalid:
            return invalid.reasons
        return unstorable(facts)

    return judged


def require_facts(facts: Mapping[str, Any], *, at: datetime, path: str = "facts") -> None:
    """Return only if these facts can be said under the law; Invalid by path otherwise."""
    if reasons := judge(at)(facts):
        raise Invalid(*_under(reasons, path))


def _under(reasons: Iterable[Reason], path: str) -> Iterable[Reason]:
    for reason in reasons:
        rest = reason.field.removeprefix("facts")
        yield Reason(reason.code, reason.message, f"{path}{rest}" if rest else path)


def _in_words(fact: Any) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return f"{fact:,}" if isinstance(fact, int) else in_words(fact).replace("_", " ")


def _objective(row: Objective) -> stories.Objective:
    return stories.Objective(
        number=row.number,
        capability=row.capability,
        text=row.text,
        target=row.target,
        activities=tuple(row.activities),
        role=row.role_id or "",
    )


def _inject(row: Inject, places: Mapping[int, int]) -> stories.Inject:
    goals = [each.number for each in row.objectives.all() if each.retired_at is None]
    return stories.Inject(
        number=row.number,
        module=places.get(row.module_id or 0, 0),
        minute=row.offset_minutes,
        trigger=row.trigger if row.kind == _CONTINGENCY else "",
        title=row.title,
        method=row.method,
        sender=row.sender,
        to=row.to_role_id or "",
        text=row.text,
        background=row.background,
        expected_action=row.expected_action,
        observer_focus=row.observer_focus,
        is_gate=row.is_gate,
        facts=row.facts,
        activities=tuple(row.activities),
        objectives=tuple(sorted(goals)),
    )


def _happening(said: Mapping[str, str]) -> stories.Happening:
    known_fields = stories.Happening.__dataclass_fields__
    kept = {name: text for name, text in said.items() if name in known_fields}
    return stories.Happening(**{"at": "", "kind": "", "fact": "", **kept})


def _number(row: Objective | Inject) -> int:
    return row.number
