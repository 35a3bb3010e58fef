"""The verbs of the library: stories taken in, imported, copied, retired; their parts, and drawing.

What is no longer told is retired: who played it is remembered. What is being played just now is
not changed under the players' feet.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from incidents.models import Person
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid, Reason, Refused
from training.models import ExerciseScenario, GameDay
from training.operations import story_documents, story_writing
from training.operations.secrets import readable_stories
from training.operations.shipped_stories import (
    ADD,
    Shipped,
    State,
    state_of_library,
    take_in_shipped,
)
from training.operations.story_drawing import draw_from, drawable
from training.operations.story_parts import (
    add_inject,
    add_objective,
    held,
    objections,
    restore_part,
    retire_part,
    revise_inject,
    revise_objective,
    set_modules,
)
from training.rules import stories as rules

__all__ = [
    "Shipped", "State", "add_inject", "add_objective", "against_retiring", "copy", "document",
    "draw_from", "drawable", "import_stories", "objections", "readable", "restore", "restore_part",
    "retire", "retire_part", "revise_inject", "revise_objective", "set_modules",
    "state_of_library", "take_in_shipped",
]  # fmt: skip

RETIRE = "training.retire_exercisescenario"
MOST_STORIES = 50
_AHEAD = (GameDay.Status.PROPOSED, GameDay.Status.PLANNED, GameDay.Status.RUNNING)


def readable(person: Person) -> QuerySet[ExerciseScenario]:
    """The stories this person may read: none they are to play, none drawn from what is hidden now."""
    return readable_stories(person)


def document(story: ExerciseScenario) -> dict[str, Any]:
    """The story as `import_stories` takes it; a constant number of queries."""
    return rules.document(story_documents.of(story))


@transaction.atomic
def import_stories(*, document: object, actor: Person, at: datetime) -> list[ExerciseScenario]:
    """New stories from one document: a story, or several below `stories:`. All or nothing.

    Invalid with everything that is wrong, by path (`stories.2.injects.3.minute`): fields unknown or
    ill-typed, numbers twice, roles, scenarios and facts nobody knows, `slug_taken`.
    """
    standing.permit_to(actor, ADD)
    problems: list[Reason] = []
    rows = []
    for path, said in _each(document):
        try:
            start = f"{path}." if path else ""
            story, wrong = rules.attempted(said, path)
            if wrong:  # what it names is looked up all the same: one refusal says everything
                named = story_writing.unsound(story, at=at, path=start)
                problems += [*wrong, *story_writing.taken(story, start), *named]
                continue
            with transaction.atomic():
                rows.append(story_writing.create(story, actor=actor, at=at, path=start))
        except Invalid as invalid:
            problems += invalid.reasons
    if problems:
        raise Invalid(*problems)
    for row in rows:
        records.audit("import_exercisescenario", row, actor=actor, at=at)
    return rows


@transaction.atomic
def copy(
    story: ExerciseScenario, *, title: str, slug: str, actor: Person, at: datetime
) -> ExerciseScenario:
    """Another story that says the same, to be made one's own. Refuses `story_hidden` to its players."""
    standing.permit_to(actor, ADD)
    if not readable(actor).filter(pk=story.pk).exists():
        message = "You are to play it, or may not see where it is from: copy another."
        raise Refused.because("story_hidden", message)
    title = words.required(title, "title", "Name the copy.", longest=120)
    told = replace(story_documents.of(story), title=title, slug=slug)
    told = rules.read(rules.document(told))
    row = story_writing.create(told, actor=actor, at=at, drawn_from=story.drawn_from)
    records.audit("copy_exercisescenario", row, actor=actor, at=at, source=story.slug)
    return row


@transaction.atomic
def retire(story: ExerciseScenario, *, actor: Person, at: datetime) -> ExerciseScenario:
    """No longer offered for planning. Refuses `already_retired`, and `game_days_ahead`."""
    standing.permit_to(actor, RETIRE)
    row = ExerciseScenario.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if reasons := against_retiring(row):
        raise Refused(*reasons)
    row.retired_at = at
    row.save()
    records.audit("retire_exercisescenario", row, actor=actor, at=at)
    return row


@transaction.atomic
def restore(story: ExerciseScenario, *, actor: Person, at: datetime) -> ExerciseScenario:
    """Offered for planning again. Refuses `not_retired`."""
    row = held(story, actor, RETIRE)
    if row.retired_at is None:
        raise Refused.because("not_retired", "It is not retired.")
    since, row.retired_at = row.retired_at, None
    row.save()
    records.audit("restore_exercisescenario", row, actor=actor, at=at, retired_at=since)
    return row


def against_retiring(story: ExerciseScenario) -> tuple[Reason, ...]:
    """Why it may not be retired now; empty if it may."""
    if story.retired_at is not None:
        return (Reason("already_retired", "It is retired already."),)
    ahead = list(story.game_days.filter(status__in=_AHEAD).order_by("starts_at")[:3])
    if ahead:
        called = ", ".join(f"“{day}”" for day in ahead)
        message = f"Game days are still to play it ({called}): let them pass, or cancel them."
        return (Reason("game_days_ahead", message),)
    return ()


def _each(document: object) -> Iterator[tuple[str, object]]:
    """Every story of a document with the path to it."""
    if not isinstance(document, Mapping) or "stories" not in document:
        yield "", document
        return
    rows = document["stories"]
    if not isinstance(rows, list) or not rows or len(rows) > MOST_STORIES or len(document) > 1:
        message = (
            f"Below `stories:` stands a list of 1 to {MOST_STORIES} stories, and nothing else."
        )
        raise Invalid.because("no_stories", message, "stories")
    for place, row in enumerate(rows, start=1):
        yield f"stories.{place}", row
