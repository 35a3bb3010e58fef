"""What a player of an exercise sees of it: their part, and what they were told so far."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from incidents.models import Person
from training.models import Delivery, GameDay
from training.operations import control, players


def context(
    game_day: GameDay, reader: Person, deliveries: Iterable[Delivery]
) -> dict[str, Any]:
    """The reader's parts and the injects that were released, the newest on top; nothing else.

    `stop` is where the reader says the stop word, empty where they may not or nothing runs.
    """
    came = [one for one in deliveries if one.state == Delivery.State.RELEASED]
    stop = reverse("admin:training_gameday_stop", args=[game_day.pk])
    return {
        "stop": "" if control.stopping(game_day, reader) else stop,
        "parts": list(game_day.roles.filter(person=reader).select_related("role")),
        "told": [
            {"key": one.pk, "at": one.released_at, "text": players.as_told(one.inject),
             "to": one.inject.to_role}
            for one in sorted(came, key=lambda one: (one.released_at, one.pk), reverse=True)
        ],
    }  # fmt: skip
