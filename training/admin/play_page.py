"""What a player of an exercise sees of it: their part, and what they were told so far."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from incidents.models import Person
from training.models import Delivery, GameDay, GameDayRole
from training.operations import control, players


def context(
    game_day: GameDay, reader: Person, deliveries: Iterable[Delivery]
) -> dict[str, Any]:
    """The reader's parts and the injects that were released, the newest on top; nothing else.

    `stop` is where the reader says the stop word, empty where they may not or nothing runs.
    """
    came = [one for one in deliveries if one.state == Delivery.State.RELEASED]
    parts = list(game_day.roles.filter(person=reader).select_related("role"))
    stop = reverse("admin:training_gameday_stop", args=[game_day.pk])
    return {
        "stop": "" if control.stopping(game_day, reader) else stop,
        "parts": parts,
        "given_up": _given_up(game_day, reader, parts),
        "told": [
            {"key": one.pk, "at": one.released_at, "text": players.as_told(one.inject),
             "to": one.inject.to_role}
            for one in sorted(came, key=lambda one: (one.released_at, one.pk), reverse=True)
        ],
    }  # fmt: skip


def _given_up(
    game_day: GameDay, reader: Person, parts: Iterable[GameDayRole]
) -> list[GameDayRole]:
    """The parts this player holds no more in the open exercise, such as for a real incident."""
    exercise = game_day.incident
    if exercise is None or not exercise.is_open:
        return []
    held = set(exercise.assignments.open().filter(person=reader).values_list("role", flat=True))
    return [one for one in parts if not one.is_shadow and one.role_id not in held]
