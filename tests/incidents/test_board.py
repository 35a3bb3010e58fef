"""The board: every open incident the reader may know of, and how many commanders are left."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.admin.board import board
from incidents.models import Absence, Incident, LegalClock, Person, UpdateClock
from incidents.operations.records import audit
from incidents.rules.board import Where, where
from incidents.rules.hours import Hours
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import member, signed_in, text_of
from tests.incidents.scene import MINUTE, Scene, hold, incident_under, scene
from tests.incidents.waiting_rows import command_call, escalation_call

pytestmark = pytest.mark.django_db
BOARD = "/admin/incidents/incident/board/"
BOARD_QUERIES = 9
NOTHING_NEW_QUERIES = 3


@pytest.fixture
def stage() -> Scene:
    return scene()


@pytest.fixture
def lena() -> Person:
    return member("lena", "leadership")


@pytest.fixture
def client(lena) -> Client:
    return signed_in(lena)


def references(reader: Person) -> list[str]:
    return [row.incident.reference for row in board(reader, NOW)["rows"]]


def standing(reader: Person, at: datetime = NOW) -> dict[Where, list[str]]:
    return {
        kind: [one.person.username for one in people]
        for kind, people in board(reader, at)["commanders"]
    }


# --- incidents


def test_the_gravest_come_first_then_the_longest_open_and_nothing_that_is_over(
    stage, lena
) -> None:
    scheme = stage.incident.severity_scheme
    incident_under(scheme, "sev1", reference="INC-B", declared_at=NOW + MINUTE)
    incident_under(scheme, "sev1", reference="INC-A")
    incident_under(scheme, "sev2", reference="INC-N", level=None)
    incident_under(scheme, "sev1", reference="INC-X", state="closed", closed_at=NOW)
    assert references(lena) == ["INC-A", "INC-B", "INC-1", "INC-N"]


def test_a_row_says_who_commands_who_speaks_and_what_is_due(client, stage) -> None:
    stage.incident.unfilled = [{"role": "scribe", "service": None, "reasons": []}]
    stage.incident.computed_level = stage.incident.severity_scheme.levels.get(code="sev1")
    stage.incident.kind = Incident.Kind.EXERCISE
    stage.incident.save()
    text = text_of(client.get(BOARD))
    for words in (
        "Severity 2", "Severity 1 proposed", "INC-1 Checkout is down", "Exercise", "1 unfilled",
        "Triage", "Ada since", "Ben",
    ):  # fmt: skip
        assert words in text
    stage.incident.assignments.update(ended_at=NOW)
    assert "nobody" in text_of(client.get(BOARD))


def test_of_all_clocks_the_first_due_is_shown(stage, lena) -> None:
    def shown() -> tuple[str, datetime | None]:
        (row,) = board(lena, NOW)["rows"]
        return row.due_what, row.due_at

    assert shown() == ("", None)
    UpdateClock.objects.create(
        incident=stage.incident, audience="public", due_at=NOW + 40 * MINUTE
    )
    assert shown() == ("update", NOW + 40 * MINUTE)
    clock = LegalClock.objects.create(
        incident=stage.incident, kind="counsel", basis="x", started_at=NOW,
        due_at=NOW + 30 * MINUTE,
    )  # fmt: skip
    assert shown() == ("legal clock", NOW + 30 * MINUTE)
    clock.settled_at, clock.outcome = NOW, "met"
    clock.save()
    command_call(stage.incident)
    assert shown() == ("answer of the commander", NOW + 5 * MINUTE)
    escalation_call(stage.incident, stage.ben)
    assert shown() == ("call", NOW + 2 * MINUTE)


def test_a_private_incident_stands_on_the_board_of_those_who_may_know_of_it(
    stage, lena
) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    assert references(lena) == []
    assert references(stage.ada) == ["INC-1"]
    stage.incident.seen_by.add(Group.objects.get(name="leadership"))
    assert references(lena) == ["INC-1"]


def test_an_empty_board_says_what_will_stand_there(client) -> None:
    assert "No incident is open." in text_of(client.get(BOARD))


# --- commanders


def test_every_qualified_commander_stands_in_one_place(stage, lena) -> None:
    for name in ("away", "left", "gone"):
        factories.person(name, qualified=(COMMANDER,))
    Person.objects.filter(username="gone").update(is_active=False)
    lapsed = factories.person("lapsed")
    factories.qualify(lapsed, COMMANDER, expires_on=NOW.date())
    factories.person("speaks", qualified=(COMMUNICATIONS,))
    factories.person("nights", qualified=(COMMANDER,), works_from=time(22), works_until=time(6))
    Absence.objects.create(
        person=Person.objects.get(username="away"), starts_at=NOW, ends_at=NOW + MINUTE
    )
    assert standing(lena) == {
        Where.COMMANDS: ["ada"],
        Where.AWAY: ["away"],
        Where.OUTSIDE_HOURS: ["nights"],
        Where.LEFT: ["left"],
    }
    shown = board(lena, NOW)
    assert (shown["qualified"], shown["left"]) == (4, 1)
    assert standing(lena, NOW + MINUTE)[Where.LEFT] == ["away", "left"]


def test_the_numbers_are_on_the_page_with_the_names_one_step_away(client, stage) -> None:
    factories.person("zoe", qualified=(COMMANDER,))
    text = text_of(client.get(BOARD))
    assert "2 qualified: 1 command now, 0 away, 0 outside hours, 1 left" in text
    assert "Ada (INC-1)" in text and "Zoe" in text


def test_who_commands_a_private_incident_counts_without_naming_it(client, stage) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    text = text_of(client.get(BOARD))
    assert "1 command now" in text and "none left" in text
    assert "INC-1" not in text


@pytest.mark.parametrize(
    ("commands", "is_away", "hour", "there"),
    [
        (True, True, 3, Where.COMMANDS),
        (False, True, 12, Where.AWAY),
        (False, False, 3, Where.OUTSIDE_HOURS),
        (False, False, 12, Where.LEFT),
    ],
)
def test_who_commands_is_there_whatever_the_hour(commands, is_away, hour, there) -> None:
    hours = Hours("UTC", time(9), time(17), weekends=True)
    at = datetime(2026, 11, 23, hour, tzinfo=UTC)
    assert where(commands=commands, is_away=is_away, hours=hours, at=at) is there


# --- cost, live, who may


@pytest.mark.parametrize("size", [1, 12])
def test_the_board_costs_the_same_however_much_burns(
    client, stage, size, django_assert_max_num_queries
) -> None:
    for number in range(size):
        made = incident_under(stage.incident.severity_scheme, "sev1")
        hold(made, factories.person(qualified=(COMMANDER,)), COMMANDER)
        hold(made, factories.person(), COMMUNICATIONS)
        UpdateClock.objects.create(
            incident=made, audience="public", due_at=NOW + number * MINUTE
        )
    client.get(BOARD)
    with django_assert_max_num_queries(BOARD_QUERIES):
        page = client.get(BOARD)
    assert len(page.context["rows"]) == size + 1


def test_the_open_board_is_told_of_every_act_and_else_of_nothing(client, stage) -> None:
    audit("note", stage.incident, actor=stage.ada, at=NOW)
    live = reverse("admin:incidents_incident_board_live")
    seen = client.get(BOARD).context["seen"]
    with CaptureQueriesContext(connection) as sent:
        page = client.get(live, {"seen": seen})
    # A board left open across a turn of five minutes looks again; both are right.
    turned = board(stage.ada, timezone.now())["seen"] != seen
    assert page.status_code == (200 if turned else 204)
    assert turned or len(sent) <= NOTHING_NEW_QUERIES
    audit("note", stage.incident, actor=stage.ada, at=NOW)
    fresh = client.get(live, {"seen": seen})
    assert fresh.status_code == 200
    assert "INC-1 Checkout is down" in text_of(fresh)
    assert fresh.context["seen"] != seen


def test_the_board_looks_again_as_absences_begin_and_end_without_an_act(stage, lena) -> None:
    assert board(lena, NOW)["seen"] == board(lena, NOW + MINUTE)["seen"]
    assert board(lena, NOW)["seen"] != board(lena, NOW + timedelta(minutes=5))["seen"]


def test_who_may_not_view_incidents_sees_no_board(client, stage) -> None:
    live = reverse("admin:incidents_incident_board_live")
    assert client.get(BOARD).status_code == client.get(live).status_code == 200
    dan = signed_in(member("dana"))
    for address in (BOARD, live):
        assert dan.get(address).status_code == 403
    assert b"/board/" not in dan.get(reverse("admin:index")).content
    assert b"/board/" in client.get(reverse("admin:index")).content
