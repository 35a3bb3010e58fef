"""Two sweeps at once, each on a connection of its own: one of them looks, and each row opens once.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import AuditEvent, Heartbeat, Obligation
from incidents.operations import obligations
from incidents.rules import owed
from tests.factories import NOW, service
from tests.incidents.scene import at_once
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 10


def rows(slug: str) -> int:
    return Obligation.objects.open().filter(title__endswith=slug.title()).count()


def test_of_two_sweeps_at_once_one_looks() -> None:
    for number in range(ROUNDS):
        at = NOW + number * 2 * obligations.EVERY
        service(f"hourly{number}", runbook_url="https://example.com/")
        Heartbeat.objects.filter(name=obligations.HEARTBEAT).delete()
        lines = AuditEvent.objects.filter(verb="look_for_owed").count()
        assert at_once(partial(obligations.look_hourly, at)) == ["done", "done"]
        assert rows(f"hourly{number}") == 1
        assert AuditEvent.objects.filter(verb="look_for_owed").count() == lines + 1


def test_two_looks_at_once_open_each_row_once() -> None:
    for number in range(ROUNDS):
        service(f"twice{number}", runbook_url="https://example.com/")
        look = partial(obligations.look, NOW, (owed.RUNBOOK,))
        assert at_once(look) == ["done", "done"]
        assert rows(f"twice{number}") == 1
