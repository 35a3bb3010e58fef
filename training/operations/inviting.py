"""Asking people into a game day, and telling them of every change; each act one more in its calendar.

RFC 5546: a calendar heeds what has a higher SEQUENCE than what it knows, so each act has one.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from incidents.models import Person
from incidents.operations import composing
from incidents.operations.composing import Message
from training.models import Answer, GameDay, GameDayRole, GameDayStaff
from training.operations import invitations
from training.operations.invitations import Taking


def invite(
    game_day: GameDay, people: Collection[Person] | None = None, *, at: datetime
) -> None:
    """Ask these people to come, everybody with a part unless said; inside the act's transaction.

    Whoever of them has no part any more is told that they need not come.
    """
    _next(game_day)
    cast = _cast(game_day)
    asked = cast.keys() if people is None else people
    composing.compose((_asked(game_day, who, cast.get(who), at) for who in asked), at=at)


def moved(game_day: GameDay, was: datetime, *, at: datetime) -> None:
    """Ask everybody anew after it was moved from `was`: what they answered was to that date."""
    for part in _answered(game_day):
        part.answer, part.answered_at, part.answer_note = Answer.NONE, None, ""
        part.save(update_fields=["answer", "answered_at", "answer_note"])
    _next(game_day)
    told = [
        invitations.invitation(game_day, who, taking, at=at, was=was)
        for who, taking in _cast(game_day).items()
    ]
    composing.compose(told, at=at)


def call_off(game_day: GameDay, reason: str, *, at: datetime) -> None:
    """Tell everybody who did not decline that it does not take place, and why."""
    _next(game_day)
    told = [
        invitations.cancellation(game_day, who, taking, reason, at=at)
        for who, taking in _cast(game_day).items()
        if not taking.is_declined
    ]
    composing.compose(told, at=at)


def _asked(game_day: GameDay, who: Person, taking: Taking | None, at: datetime) -> Message:
    if taking is None:
        return invitations.release(game_day, who, at=at)
    return invitations.invitation(game_day, who, taking, at=at)


def _cast(game_day: GameDay) -> dict[Person, Taking]:
    """As it is now, whatever was brought along before the act; a constant number of queries."""
    row = GameDay.objects.prefetch_related(*invitations.CAST).get(pk=game_day.pk)
    return invitations.parts(row)


def _answered(game_day: GameDay) -> Iterable[GameDayRole | GameDayStaff]:
    yield from GameDayRole.objects.filter(game_day=game_day).exclude(answer=Answer.NONE)
    yield from GameDayStaff.objects.filter(game_day=game_day).exclude(answer=Answer.NONE)


def _next(game_day: GameDay) -> None:
    game_day.sequence += 1
    game_day.save(update_fields=["sequence"])
