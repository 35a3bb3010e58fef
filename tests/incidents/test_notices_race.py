"""A notice recorded by two at once, each on a connection of its own: one wins, on a real PostgreSQL."""

from functools import partial

import pytest

from incidents.operations import notices
from incidents.rules.roles import COMMUNICATIONS
from tests import factories
from tests.customers import owed
from tests.incidents.scene import LATER, again, at_once, hold, incident_under, responder
from tests.incidents.test_command_race import postgres

__all__ = ["postgres"]  # for this module, too, the default database is a PostgreSQL
pytestmark = pytest.mark.postgres
ROUNDS = 5


def test_of_two_who_record_the_same_notice_one_wins() -> None:
    scheme, ben = factories.severity_scheme(), responder(factories.person())
    for number in range(ROUNDS):
        incident = incident_under(scheme, "sev2")
        hold(incident, ben, COMMUNICATIONS)
        clock = owed(incident, f"acme{number}")
        give = partial(notices.give_notice, incident, how="Called", actor=ben, at=LATER)
        assert sorted(at_once(partial(give, clock=clock))) == ["done", "notice_given"]
        assert again(clock).given_by == ben
