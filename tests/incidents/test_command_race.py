"""Two people act at once, each on a connection of their own: one wins, the other hears why.

On a real PostgreSQL, because SQLite lets only one write at a time and so has no such race.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from threading import Barrier

import dj_database_url
import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from incidents.models import Assignment, CommandCall, HandOver, Incident, Person
from incidents.operations import standby
from incidents.operations.command import acknowledge, assign
from incidents.operations.declaration import declare
from incidents.operations.handover import accept_command
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER
from incidents.rules.tenure import tenure_faults
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.postgres
ROUNDS, FEWER = 200, 20
LATER = NOW + timedelta(minutes=5)

Act = Callable[[], object]
AtOnce = Callable[..., list[object]]


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
    Assignment.objects.open().update(ended_at=LATER)
    Person.objects.exclude(username="root").update(is_active=False)


@pytest.fixture(scope="module", autouse=True)
def pool(postgres: None) -> Iterator[ThreadPoolExecutor]:
    """Two threads that keep their connections: a new one a round would cost more than the round."""
    with ThreadPoolExecutor(2) as threads:
        yield threads
        close = Barrier(2)
        list(threads.map(lambda _: (close.wait(), connection.close()), range(2)))


@pytest.fixture
def at_once(pool: ThreadPoolExecutor) -> AtOnce:
    """What each of two acts returned, or the code it was refused with; any other error is raised."""

    def both(*acts: Act) -> list[object]:
        start = Barrier(len(acts))

        def run(act: Act) -> object:
            start.wait()
            try:
                return act()
            except Refused as refused:
                return refused.reasons[0].code

        return list(pool.map(run, acts))

    return both


def incidents(count: int) -> Iterator[Incident]:
    """So many, just detected, without anybody in a role; made at once: the fight is the test."""
    start = Incident.objects.count()
    made = Incident.objects.bulk_create(
        Incident(reference=f"R-{start + each}", title="Trouble", declared_at=NOW)
        for each in range(count)
    )
    return iter(made)


def commanders(count: int) -> list[Person]:
    """Qualified, with every permission; they fight in every round anew."""
    return [factories.person(qualified=(COMMANDER,), is_superuser=True) for _ in range(count)]


def rounds(count: int, of: int = 1) -> Iterator[tuple[Incident, ...]]:
    """The incidents of each round; after it nobody holds a role any more."""
    made = incidents(count * of)
    for _ in range(count):
        yield tuple(islice(made, of))
        Assignment.objects.open().update(ended_at=LATER)


def hold(incident: Incident, **holders: Person) -> None:
    """Who holds what of it from the first."""
    Assignment.objects.bulk_create(
        Assignment(incident=incident, role_id=role, person=person, assigned_at=NOW)
        for role, person in holders.items()
    )


def given(incident: Incident, person: Person, actor: Person, seen: str = "") -> Act:
    """Somebody of leadership, who saw this commander or none, gives this person command."""
    looked = Incident.objects.get(pk=incident.pk)
    return partial(
        assign, looked, role=factories.role(COMMANDER), person=person, reason="Now",
        commander_seen=seen, actor=actor, at=LATER,
    )  # fmt: skip


def offered(incident: Incident, to: Person, giver: Person) -> Act:
    """Command is on offer; returns how it is accepted."""
    HandOver.objects.bulk_create(
        [HandOver(incident=incident, giver=giver, to=to, status="Yours", offered_at=NOW)]
    )
    return partial(accept_command, Incident.objects.get(pk=incident.pk), actor=to, at=LATER)


def unanswered(incident: Incident) -> None:
    """Its commander was called and has let the time pass."""
    command = incident.assignments.commanding().get()
    CommandCall.objects.create(assignment=command, asked_at=NOW, due_at=LATER)


def swept(at: datetime) -> str:
    """What the sweep says it did, or nothing."""
    said: list[str] = []
    standby.sweep(at, said.append)
    return " ".join(said)


def sole_winner(outcomes: list[object], *refusals: str) -> bool:
    return sum(each in refusals for each in outcomes) == len(outcomes) - 1


def is_commanded_without_fault(incident: Incident) -> bool:
    """Exactly one commands it, and at any moment since its declaration exactly one did."""
    commands = incident.assignments.filter(role=COMMANDER)
    assert commands.filter(ended_at=None).count() == 1
    return not tenure_faults(
        list(commands.values_list("assigned_at", "ended_at")), incident.declared_at
    )


def test_a_person_is_given_command_of_two_incidents_at_once(
    at_once: AtOnce, root: Person
) -> None:
    (ada,) = commanders(1)
    for both in rounds(ROUNDS, of=2):
        outcomes = at_once(*(given(incident, ada, root) for incident in both))
        assert sole_winner(outcomes, "commands_another"), outcomes
        assert Assignment.objects.commanding().filter(person=ada).count() == 1


def test_two_leaders_give_two_people_command_of_one_incident_at_once(
    at_once: AtOnce, root: Person
) -> None:
    zoe, ada, ben, other = commanders(4)
    for (incident,) in rounds(ROUNDS):
        hold(incident, incident_commander=zoe)
        outcomes = at_once(
            given(incident, ada, root, zoe.username), given(incident, ben, other, zoe.username)
        )
        assert sole_winner(outcomes, "command_moved"), outcomes
        assert is_commanded_without_fault(incident)


def test_an_acceptance_meets_an_assignment_by_leadership(at_once: AtOnce, root: Person) -> None:
    zoe, ada, ben = commanders(3)
    for (incident,) in rounds(ROUNDS):
        hold(incident, incident_commander=zoe)
        outcomes = at_once(
            offered(incident, ada, zoe), given(incident, ben, root, zoe.username)
        )
        assert sole_winner(outcomes, "no_offer", "command_moved"), outcomes
        assert is_commanded_without_fault(incident)


def test_an_acceptance_meets_the_deputy_taking_over(at_once: AtOnce) -> None:
    zoe, ada, ben = commanders(3)
    for (incident,) in rounds(ROUNDS):
        hold(incident, incident_commander=zoe, deputy_commander=ben)
        accept = offered(incident, ada, zoe)
        unanswered(incident)
        outcomes = at_once(accept, partial(swept, LATER))
        # The sweep leaves alone what somebody acts on just then, or finds that command moved.
        assert sole_winner(outcomes, "no_offer", ""), outcomes
        assert is_commanded_without_fault(incident)


def test_one_person_accepts_two_commands_at_once(at_once: AtOnce) -> None:
    ada, *givers = commanders(3)
    for both in rounds(FEWER, of=2):
        for incident, giver in zip(both, givers, strict=True):
            hold(incident, incident_commander=giver)
        outcomes = at_once(
            *(offered(each, ada, giver) for each, giver in zip(both, givers, strict=True))
        )
        assert sole_winner(outcomes, "commands_another"), outcomes
        # Whoever is not relieved commands on: no incident is left without.
        assert all(map(is_commanded_without_fault, both))


def test_one_incident_is_acknowledged_twice_at_once(at_once: AtOnce) -> None:
    (ada,) = commanders(1)
    for (incident,) in rounds(FEWER):
        hold(incident, incident_commander=ada)
        looks = [Incident.objects.get(pk=incident.pk) for _ in range(2)]
        outcomes = at_once(*(partial(acknowledge, seen, actor=ada, at=NOW) for seen in looks))
        assert sole_winner(outcomes, "wrong_state"), outcomes
        assert incident.timeline.count() == 1


def test_two_declarations_at_once_never_fail_and_never_share_a_commander(
    at_once: AtOnce, root: Person
) -> None:
    """The two series of numbers do not wait for each other, so both look at the same people."""
    commanders(2)
    open_one = partial(declare, title="Trouble", services=[], facts={}, actor=root, at=NOW)
    for _ in range(FEWER):
        made = at_once(*(partial(open_one, kind=kind) for kind in ("incident", "exercise")))
        commands = Assignment.objects.commanding().filter(incident__in=made)
        assert commands.count() == 2, made
        commands.update(ended_at=NOW)
