"""Two schedulers at once, each on a connection of its own: every inject comes once.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import AuditEvent, OutboxMessage
from tests.incidents.scene import at_once
from tests.incidents.test_command_race import postgres
from tests.training.exercise import MINUTE, START, under_way
from training.operations.running import release_due

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres


def test_two_ticks_at_once_release_each_inject_once() -> None:
    room = under_way()
    assert set(at_once(partial(release_due, START + 9 * MINUTE), times=4)) == {"done"}
    # What one tick held, the others left to it; a later one finds nothing more to do.
    assert release_due(START + 9 * MINUTE) == 0
    assert room.day.deliveries.filter(state="released").count() == 2
    lines = AuditEvent.objects.filter(verb="release_inject", subject_id=str(room.day.pk))
    assert sorted(one.detail["inject"] for one in lines) == [1, 2]
    told = OutboxMessage.objects.filter(kind="inject", topic=room.exercise.reference)
    assert told.count() == 3, "the first to both players, the second to one"
