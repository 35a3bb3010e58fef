"""Two people act at once, each on a connection of their own: one wins, the other hears why.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import dj_database_url
import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from incidents.models import Assignment, Incident, Person
from incidents.operations.command import acknowledge, assign, hand_over
from incidents.operations.declaration import declare
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.postgres
ROUNDS = 50

Act = Callable[[], object]


@pytest.fixture(scope="module", autouse=True)
def postgres(postgres_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For this module the default database is a PostgreSQL, with the law in force."""
    server = connections.configure_settings({"default": dj_database_url.parse(postgres_url)})
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(connections.settings, "default", server["default"])
        before = connections["default"]
        del connections["default"]
        call_command("migrate", verbosity=0)
        factories.law()
        yield
        connection.close()
        connections["default"] = before


@pytest.fixture(scope="module")
def root() -> Person:
    """Leadership, with every permission."""
    return factories.person("root", is_superuser=True)


@pytest.fixture(autouse=True)
def nobody_commands() -> None:
    """What another test left must not stand in the way."""
    Assignment.objects.open().update(ended_at=NOW)
    Person.objects.exclude(username="root").update(is_active=False)


def at_once(*acts: Act) -> list[object]:
    """What each act returned, or the code it was refused with."""
    start = Barrier(len(acts))

    def run(act: Act) -> object:
        try:
            start.wait()
            return act()
        except Refused as refused:
            return refused.reasons[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def incidents() -> tuple[Incident, Incident]:
    """Two, just detected, without anybody in a role."""
    start = Incident.objects.count()
    first, second = (
        Incident.objects.create(reference=f"R-{start + each}", title="Trouble", declared_at=NOW)
        for each in (1, 2)
    )
    return first, second


def commander() -> Person:
    return factories.person(qualified=(COMMANDER,))


def commanding(incident: Incident) -> Person:
    """Its commander, with every permission."""
    person = factories.person(is_superuser=True)
    role = factories.role(COMMANDER)
    Assignment.objects.create(incident=incident, role=role, person=person, assigned_at=NOW)
    return person


def sole_winner(outcomes: list[object], refusal: str) -> bool:
    return sum(each == refusal for each in outcomes) == len(outcomes) - 1


def test_a_person_is_given_command_of_two_incidents_at_once(root: Person) -> None:
    give = partial(assign, role=factories.role(COMMANDER), reason="Now", actor=root, at=NOW)
    for _ in range(ROUNDS):
        ada = commander()
        outcomes = at_once(*(partial(give, incident, person=ada) for incident in incidents()))
        assert sole_winner(outcomes, "commands_another"), outcomes
        assert Assignment.objects.commanding().filter(person=ada).count() == 1


def test_two_commanders_hand_over_to_the_same_person_at_once() -> None:
    for _ in range(ROUNDS):
        hand = partial(hand_over, to=commander(), note="Yours", at=NOW)
        both = incidents()
        outcomes = at_once(
            *(partial(hand, incident, actor=commanding(incident)) for incident in both)
        )
        assert sole_winner(outcomes, "commands_another"), outcomes
        # Whoever was refused commands on: no incident is left without.
        assert Assignment.objects.commanding().filter(incident__in=both).count() == 2


def test_one_incident_is_acknowledged_twice_at_once() -> None:
    for _ in range(ROUNDS):
        incident, _other = incidents()
        ada = commanding(incident)
        looks = [Incident.objects.get(pk=incident.pk) for _ in range(2)]
        outcomes = at_once(*(partial(acknowledge, seen, actor=ada, at=NOW) for seen in looks))
        assert sole_winner(outcomes, "wrong_state"), outcomes
        assert incident.timeline.count() == 1


def test_two_declarations_at_once_never_fail_and_never_share_a_commander(root: Person) -> None:
    """The two series of numbers do not wait for each other, so both look at the same people."""
    commander(), commander()
    open_one = partial(declare, title="Trouble", services=[], facts={}, actor=root, at=NOW)
    for _ in range(ROUNDS):
        made = at_once(*(partial(open_one, kind=kind) for kind in ("incident", "exercise")))
        commands = Assignment.objects.commanding().filter(incident__in=made)
        assert commands.count() == 2, made
        commands.update(ended_at=NOW)
