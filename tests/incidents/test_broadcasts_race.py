"""Two sweeps at once, each on a connection of its own: every subscriber is written to once.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import Broadcast, OutboxMessage
from incidents.operations import broadcasts
from tests.factories import NOW
from tests.incidents.scene import at_once
from tests.incidents.test_command_race import postgres
from tests.publishing import published, subscriber

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 10


def test_two_sweeps_at_once_write_to_everybody_once(monkeypatch) -> None:
    monkeypatch.setattr(broadcasts, "CHUNK", 3)
    for _ in range(10):
        subscriber()
    for _ in range(ROUNDS):
        update = published()
        broadcasts.ask(update, at=NOW)
        assert at_once(partial(broadcasts.sweep, NOW)) == ["done", "done"]
        broadcasts.sweep(NOW)  # what one held, the other left to it
        one = Broadcast.objects.get(update=update)
        written = OutboxMessage.objects.filter(
            dedupe_key__startswith=f"update:{update.pk}:sub:"
        )
        assert (one.composed, one.finished_at, written.count()) == (10, NOW, 10)
