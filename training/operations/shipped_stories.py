"""The library that ships, taken in with one act: what is new comes, what is one's own stays."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from incidents.models import AuditEvent, Person
from incidents.operations import records, standing
from training import library
from training.models import ExerciseScenario
from training.operations import story_documents, story_writing
from training.rules.stories import Story

ADD = "training.add_exercisescenario"
TAKE_IN = "take_in_exercisescenario"


class State(StrEnum):
    """How a shipped story stands to what is in the library."""

    NEW = "new"
    SAME = "as it ships"
    NEWER = "newer as it ships"  # ours is as it shipped once
    OURS = "changed here"


@dataclass(frozen=True, slots=True)
class Shipped:
    """One shipped story, and the row it became, if it did."""

    story: Story
    state: State
    row: ExerciseScenario | None = None


def state_of_library() -> tuple[Shipped, ...]:
    """How each shipped story stands; a constant number of queries."""
    slugs = [story.slug for story in library.shipped()]
    rows = story_documents.with_parts(ExerciseScenario.objects.filter(slug__in=slugs))
    found = {row.slug: row for row in rows}
    taken = _taken_in([str(row.pk) for row in found.values()])
    return tuple(_stands(story, found.get(story.slug), taken) for story in library.shipped())


@transaction.atomic
def take_in_shipped(*, actor: Person, at: datetime) -> list[ExerciseScenario]:
    """Add the shipped stories that are new, renew those nobody has changed; which ones.

    All or nothing, and safe to repeat: what was changed here is never overwritten.
    """
    standing.permit_to(actor, ADD)
    taken = []
    for each in state_of_library():
        if each.state is State.NEW:
            row = story_writing.create(each.story, actor=actor, at=at)
        elif each.state is State.NEWER and each.row is not None:
            row = ExerciseScenario.objects.select_for_update(of=("self",)).get(pk=each.row.pk)
            story_writing.overwrite(row, each.story, at=at)
        else:
            continue
        digest = story_documents.digest(each.story)
        records.audit(TAKE_IN, row, actor=actor, at=at, state=each.state.name, digest=digest)
        taken.append(row)
    return taken


def _taken_in(keys: list[str]) -> dict[str, str]:
    """The digest of what was taken in last, by the key of its row."""
    lines = AuditEvent.objects.filter(
        verb=TAKE_IN, subject_type=ExerciseScenario._meta.label_lower, subject_id__in=keys
    )
    found = lines.order_by("sequence").values_list("subject_id", "detail")
    return {key: detail.get("digest", "") for key, detail in found}


def _stands(story: Story, row: ExerciseScenario | None, taken: dict[str, str]) -> Shipped:
    if row is None:
        return Shipped(story, State.NEW)
    ours = story_documents.digest(story_documents.value(row))
    if ours == story_documents.digest(story):
        return Shipped(story, State.SAME, row)
    was_shipped = ours == taken.get(str(row.pk))
    return Shipped(story, State.NEWER if was_shipped else State.OURS, row)
