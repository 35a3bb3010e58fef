"""The broker's queues: their names, in the order a worker asks them, and how long they are."""

from collections.abc import Iterable, Iterator
from typing import Any

from kombu import Connection
from kombu.exceptions import ChannelError

URGENT = "urgent"  # pages, and the sweep that composes them
DEFAULT = "default"  # all other messages and sweeps
BULK = "bulk"  # what may wait: tidying up, whatever takes long
QUEUES = (URGENT, DEFAULT, BULK)


def length(channel: Any, queue: str) -> int:
    """How many tasks wait there; one that nobody has put anything on yet has none."""
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except ChannelError:
        return 0


def lengths(broker: Connection, queues: Iterable[str] = QUEUES) -> Iterator[tuple[str, int]]:
    """Each queue and how many tasks wait on it; whatever the broker raises, where it is away."""
    channel = broker.default_channel
    for queue in queues:
        yield queue, length(channel, queue)
