"""Straight after an exercise: the hot wash, and how ready its participants feel now."""

from datetime import datetime

from django.db import transaction

from incidents.models import Incident, Person
from incidents.operations import records, words
from incidents.rules.phases import State
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from training.models import Feedback, GameDay, HotWashNote

SCALE = range(1, 6)

DURING = (GameDay.Status.RUNNING, GameDay.Status.COMPLETED)
_TOLD = (State.RESOLUTION, State.CLOSED)


@transaction.atomic
def note(
    game_day: GameDay, *, kind: str, text: str, actor: Person, at: datetime
) -> HotWashNote:
    """Keep one thing said in the hot wash: a strength, a gap, or one of the first three to change.

    Refuses `not_a_part` to who neither played nor helped, `wrong_state` before it runs,
    `report_published` once the report says what was learnt, and `unknown_kind`.
    """
    row = _open(game_day, actor)
    if kind not in HotWashNote.Kind.values:
        known = ", ".join(HotWashNote.Kind.values)
        raise Invalid.because("unknown_kind", f"Choose one of {known}.", "kind")
    said = words.required(text, "text", "Say what you saw or would change.", longest=1000)
    made = HotWashNote.objects.create(
        game_day=row, person=actor, kind=kind, text=said, said_at=at
    )
    records.audit("note_gameday", row, actor=actor, at=at, kind=kind, note=made.pk)
    return made


@transaction.atomic
def feedback(
    game_day: GameDay,
    *,
    ready_before: int,
    ready_after: int,
    comment: str = "",
    actor: Person,
    at: datetime,
) -> Feedback:
    """How ready this participant felt before and feels after, 1 to 5; said anew it replaces.

    Refuses what `note` refuses, and `out_of_scale`.
    """
    row = _open(game_day, actor)
    for field, number in (("ready_before", ready_before), ("ready_after", ready_after)):
        if number not in SCALE:
            raise Invalid.because("out_of_scale", "Choose a number from 1 to 5.", field)
    said = {
        "ready_before": ready_before,
        "ready_after": ready_after,
        "comment": words.optional(comment, "comment", longest=2000),
        "said_at": at,
    }
    made, is_new = Feedback.objects.update_or_create(game_day=row, person=actor, defaults=said)
    # How ready somebody feels is theirs to say: the line tells that it was said, not what.
    records.audit("feedback_gameday", row, actor=actor, at=at, is_new=is_new)
    return made


def takes_part(game_day: GameDay, person: Person) -> bool:
    """Plays, stands beside, runs, judges or organises it; at most two queries."""
    if game_day.organiser_id == person.pk:
        return True
    return (
        game_day.roles.filter(person=person).exists()
        or game_day.staff.filter(person=person).exists()
    )


def may_read(game_day: GameDay, person: Person) -> bool:
    """Who ran it may read its questions at any time, players once the story is told."""
    if game_day.status == GameDay.Status.COMPLETED:
        return True
    plays = game_day.roles.filter(person=person).exists()
    return not plays or is_told(game_day.incident)


def is_told(exercise: Incident | None) -> bool:
    """Whether the exercise is resolved: nothing that is asked now gives anything away."""
    return exercise is not None and exercise.state in _TOLD


def objections(game_day: GameDay, person: Person) -> tuple[Reason, ...]:
    """Why this person may add nothing now; empty where they may."""
    if game_day.status not in DURING:
        message = f"This game day is {game_day.status}: the hot wash comes once it has run."
        return (Reason("wrong_state", message),)
    if game_day.reported_at is not None:
        message = (
            "Its report is published: add an action item to its review for what came later."
        )
        return (Reason("report_published", message),)
    return tuple(filter(None, [outsider(game_day, person)]))


def outsider(game_day: GameDay, person: Person) -> Reason | None:
    """Why this person says nothing of it, ever; None for whoever took part, without a permission."""
    if takes_part(game_day, person):
        return None
    return Reason("not_a_part", "You took no part in it: ask somebody who did to say it.")


def _open(game_day: GameDay, actor: Person) -> GameDay:
    """The row as it is now, held, where this person may add to it."""
    row = GameDay.objects.select_for_update().get(pk=game_day.pk)
    reasons = objections(row, actor)
    if any(reason.code == "not_a_part" for reason in reasons):
        raise NotPermitted(*reasons)
    if reasons:
        raise Refused(*reasons)
    return row
