"""Two sweeps at once, each on a connection of its own: every part is said in one digest.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import OutboxMessage
from incidents.operations import digest
from tests.deliveries import letter
from tests.factories import NOW, person
from tests.incidents.scene import at_once
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 10


def test_two_sweeps_at_once_gather_each_part_once() -> None:
    for _ in range(ROUNDS):
        people = [person() for _ in range(3)]
        parts = [
            letter(one, status=OutboxMessage.Status.HELD) for one in people for _ in range(4)
        ]
        assert at_once(partial(digest.sweep, NOW)) == ["done", "done"]
        digest.sweep(NOW)  # what one held, the other left to it; nothing more is left
        made = OutboxMessage.objects.filter(kind="digest", recipient__in=people)
        assert made.count() == 3
        rows = OutboxMessage.objects.filter(pk__in=[one.pk for one in parts])
        assert rows.filter(status="gathered", digest__in=made).count() == len(parts)
