"""Two people at once before the law of one incident, each on a connection of its own.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from functools import partial

import pytest

from incidents.models import Filing, Person
from incidents.operations.counsel import engage_counsel
from incidents.operations.facts import record_facts
from incidents.operations.filing import file_notice
from incidents.rules.roles import COMMUNICATIONS, COUNSEL
from tests import factories
from tests.incidents import lawful
from tests.incidents.legal_room import BREACH, NOTIFICATION
from tests.incidents.scene import LATER, at_once, hold, incident_under, responder
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 5


@pytest.fixture(scope="module")
def people(postgres) -> tuple[Person, Person]:
    """Ben speaks and says what is known, Cora is counsel."""
    ben, cora = factories.person(), factories.person(qualified=(COUNSEL,))
    return responder(ben), responder(cora)


def test_of_two_at_once_each_clock_starts_once_settles_once_and_counsel_is_engaged_once(
    people: tuple[Person, Person],
) -> None:
    ben, cora = people
    scheme = factories.severity_scheme()
    law = {"law_pack": lawful.pack(), "legal_profile": lawful.profile()}
    for _ in range(ROUNDS):
        incident = incident_under(scheme, "sev2", **law)
        hold(incident, ben, COMMUNICATIONS)
        hold(incident, cora, COUNSEL)
        said = partial(record_facts, incident, facts=dict(BREACH), actor=ben, at=LATER)
        assert at_once(said) == ["done", "done"]
        kinds = incident.legal_clocks.order_by("kind").values_list("kind", flat=True)
        assert list(kinds) == ["counsel", NOTIFICATION]
        clock = incident.legal_clocks.get(kind=NOTIFICATION)
        file = partial(file_notice, incident, clock=clock, sent_at=LATER, actor=cora, at=LATER)
        assert at_once(file) == ["done", "done"]
        clock.refresh_from_db()
        assert (clock.outcome, Filing.objects.filter(clock=clock).count()) == ("met", 2)
        assert clock.history.filter(outcome="met").count() == 1
        engage = partial(
            engage_counsel, incident, person=cora, how="Called", actor=ben, at=LATER
        )
        assert sorted(at_once(engage)) == ["counsel_engaged", "done"]
