"""Two sweeps at once, each on a connection of its own: every message goes the next way once.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import OutboxMessage
from incidents.operations import fallback
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import MINUTE, again, at_once
from tests.incidents.test_command_race import postgres
from tests.ways import composed, way

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 20


def test_two_sweeps_at_once_make_one_message(settings) -> None:
    settings.CHANNELS = ("email", "slack")
    who = factories.person()
    way(who, "slack", "U1", wait=5)
    way(who, "email")
    for number in range(ROUNDS):
        message = composed(who, f"race:{who.pk}:{number}")
        assert at_once(partial(fallback.sweep, NOW + 5 * MINUTE)) == ["done", "done"]
        assert OutboxMessage.objects.filter(follows=message).count() == 1
        assert again(message).fall_back_at is None
