"""Whom a step means: owner, manager, leadership, roles of the incident; nobody is no answer."""

from datetime import timedelta
from typing import Any

import pytest

from incidents.models import Incident, Person
from incidents.operations import recipients
from incidents.operations.recipients import Recipients
from incidents.rules.nudges import Step
from incidents.rules.roles import COMMANDER, SCRIBE
from tests.deliveries import hold, incident
from tests.factories import NOW, allow, person

pytestmark = pytest.mark.django_db


def told(*to: str, **said: Any) -> list[str]:
    """By username, and with the role in which somebody is told."""
    found = recipients.told(Step("due", timedelta(), to=to), **said)
    return [f"{person.username} {role}".strip() for person, role in found]


@pytest.fixture
def lea() -> Person:
    return allow(person("lea"), "incidents.lead_incident")


def test_a_step_names_owner_manager_and_leadership_in_its_order(lea: Person) -> None:
    ben = person("ben", manager=person("boss"))
    assert told("owner", owner=ben) == ["ben"]
    assert told("manager", "owner", "leadership", owner=ben) == ["boss", "ben", "lea"]


def test_each_is_told_once_in_the_role_named_first(lea: Person) -> None:
    where = incident()
    hold(where, SCRIBE, lea)
    assert told(SCRIBE, "owner", "leadership", owner=lea, incident=where) == [f"lea {SCRIBE}"]


def test_a_role_of_the_incident_means_who_holds_it_now(lea: Person) -> None:
    where, ben = incident(), person("ben")
    hold(where, COMMANDER, ben)
    assert told(COMMANDER, owner=lea, incident=where) == [f"ben {COMMANDER}"]
    where.assignments.update(ended_at=NOW)
    assert told(COMMANDER, owner=lea, incident=where) == ["lea"]


def test_of_a_closed_incident_it_means_who_held_it_to_the_end() -> None:
    where, ben, cleo = incident(), person("ben"), person("cleo")
    hold(where, COMMANDER, cleo)
    where.assignments.update(ended_at=NOW, end_reason="Handed over")
    hold(where, COMMANDER, ben)
    where.assignments.filter(person=ben).update(
        ended_at=NOW, end_reason="The incident was closed"
    )
    Incident.objects.filter(pk=where.pk).update(state="closed", closed_at=NOW)
    where.refresh_from_db()
    assert told(COMMANDER, owner=None, incident=where) == [f"ben {COMMANDER}"]


def test_for_an_owner_who_left_hears_their_manager_and_else_leadership(lea: Person) -> None:
    ben = person("ben", manager=person("boss"), is_active=False)
    lone = person("lone", is_active=False)
    assert told("owner", owner=ben) == ["boss"]
    assert told("owner", owner=lone) == ["lea"]
    assert told("manager", owner=lone) == ["lea"]
    assert told("owner", owner=None) == ["lea"]


def test_who_has_no_address_does_not_silence_the_reminder(lea: Person) -> None:
    assert told("owner", owner=person("ben", email="")) == ["lea"]


def test_leadership_is_called_to_no_exercise_and_hears_of_its_lessons(lea: Person) -> None:
    played = incident(kind="exercise")
    assert told("owner", "leadership", owner=None, incident=played) == []
    step = Step("due", timedelta(), to=("leadership",))
    lessons = Recipients(of_lessons=True).told(step, owner=None, incident=played)
    assert lessons == [(lea, "")]


def test_who_leads_is_read_once_however_many_rows(
    lea: Person, django_assert_num_queries: Any
) -> None:
    desk, step = Recipients(), Step("due", timedelta(), to=("leadership",))
    with django_assert_num_queries(1):
        for _ in range(3):
            assert desk.told(step, owner=None) == [(lea, "")]


def test_roles_brought_along_are_read_once_with_their_managers(
    django_assert_num_queries: Any,
) -> None:
    for number in range(3):
        where = incident()
        boss = person(f"boss{number}")
        hold(where, COMMANDER, person(f"ada{number}", manager=boss))
    rows = Incident.objects.prefetch_related(recipients.holding()).order_by("pk")
    step = Step("due", timedelta(), to=(COMMANDER, "manager"))
    with django_assert_num_queries(2):
        for row in rows:
            owners = recipients.holders(row, COMMANDER)
            assert len(recipients.told(step, owner=owners, incident=row)) == 2
