"""What carries a channel: prepares a message, hands it over, and says how a failure is meant."""

from collections.abc import Callable
from typing import Any, Protocol, Self, runtime_checkable

from incidents.models import OutboxMessage


class AwayError(Exception):
    """The provider cannot be reached or lets nobody in: no message is to blame."""


class RefusedError(Exception):
    """This message is refused for good: asking again is pointless."""


class Carrier(Protocol):
    """One connection for many messages of one channel; as a context manager it hangs up.

    `prepare` is pure and may run ahead of `hand_over`. Both raise RefusedError
    for what will never go, AwayError where the provider is to blame, anything else for a failure
    that is worth another attempt.
    """

    @property
    def answers(self) -> bool:
        """False once it is clear that trying the next message is a waste of time."""

    def prepare(self, message: OutboxMessage) -> Any:
        """What `hand_over` needs, made of the row alone."""

    def hand_over(self, prepared: Any) -> None:
        """Return when the provider accepted it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def nothing() -> None:
    """What is done meanwhile where nothing is to be done."""


@runtime_checkable
class LooksAhead(Protocol):
    """A carrier that calls `meanwhile` while its provider works: time to prepare the next one.

    What is announced is handed over next, or not at all: until then the provider has nothing of it.
    """

    meanwhile: Callable[[], object]

    def announce(self, prepared: Any) -> None:
        """Say that this one comes next; never raises."""
