"""Two sweeps at once, each on a connection of its own: every call is made once.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import EscalationCall, OutboxMessage, Person, SeverityLevel
from incidents.operations import paging
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import MINUTE, at_once, incident_under
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 20


def test_two_sweeps_at_once_make_each_call_once() -> None:
    level = SeverityLevel.objects.filter(code="sev2").latest("pk")  # other races had laws too
    Person.objects.update(is_active=False)  # whom other races left would be called as well
    ada = factories.person(qualified=(COMMANDER,))
    for _ in range(ROUNDS):
        both = [incident_under(level.scheme, "sev2") for _ in range(2)]
        for incident in both:
            paging.begin(incident, at=NOW, held=[(ada, COMMANDER)])
        assert at_once(partial(paging.sweep, NOW + 15 * MINUTE)) == ["done", "done"]
        # What one sweep held, the other left to it; a third finds nothing more to do.
        paging.sweep(NOW + 15 * MINUTE)
        calls = EscalationCall.objects.filter(incident__in=both, calls=1, ended="told")
        assert calls.count() == 2
        references = [incident.reference for incident in both]
        assert OutboxMessage.objects.filter(topic__in=references).count() == 2
