"""The story's clock as the game day keeps it, and the instants its injects fall due by it."""

from datetime import datetime

from django.db.models import QuerySet

from training.models import Delivery, GameDay, Inject
from training.rules.story_clock import StoryClock

Pace, State = GameDay.Pace, Delivery.State


def clock_of(game_day: GameDay) -> StoryClock:
    """As it was kept last; at a pace by hand it never runs."""
    factor = game_day.pace_factor if game_day.pace == Pace.COMPRESSED else 1
    return StoryClock(game_day.story_seconds, game_day.story_set_at, factor)


def seconds(game_day: GameDay, at: datetime) -> int:
    """Whole seconds of the story that have passed at this instant."""
    return int(clock_of(game_day).now(at))


def keep(game_day: GameDay, clock: StoryClock) -> None:
    """Write the clock down and book by it what is held back. Row history leaves the clock out."""
    game_day.story_seconds, game_day.story_set_at = clock.seconds, clock.set_at
    GameDay.objects.filter(pk=game_day.pk).update(
        story_seconds=clock.seconds, story_set_at=clock.set_at
    )
    book(game_day)


def book(game_day: GameDay) -> None:
    """Give each inject that comes by the clock the instant it is due; two statements."""
    clock = clock_of(game_day)
    held = list(game_day.deliveries.filter(state=State.HELD).select_related("inject"))
    for row in held:
        row.due_at = clock.due_at(row.story_seconds) if comes_by_clock(row) else None
    Delivery.objects.bulk_update(held, ["due_at"])


def comes_by_clock(delivery: Delivery) -> bool:
    """Whether the clock releases it: no contingency, and nobody holds it back (with a note why)."""
    return delivery.inject.kind == Inject.Kind.SCHEDULED and not delivery.note


def waiting_gates(game_day: GameDay) -> QuerySet[Delivery]:
    """Released injects on which the players still owe a decision: the clock waits for it."""
    return game_day.deliveries.filter(
        state=State.RELEASED, inject__is_gate=True, passed_at=None
    ).order_by("released_at", "pk")
