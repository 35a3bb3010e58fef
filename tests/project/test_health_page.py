"""The health page tells people what is late, what is alive and what waits; and what is fine."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.models import Heartbeat, OutboxMessage
from incidents.operations import watchdog
from raci_project.tasks import heartbeat
from tests.factories import NOW
from tests.incidents.admin_room import member, signed_in, text_of
from tests.incidents.scene import scene

pytestmark = pytest.mark.django_db

PAGE = reverse("health")


def words(group: str = "auditor") -> str:
    return text_of(signed_in(member("olga", group)).get(PAGE))


def test_where_all_is_well_it_says_so() -> None:
    heartbeat()
    watchdog.sweep(timezone.now())
    said = words()
    assert "nothing late" in said
    assert "No incident is open: nobody is to be called." in said
    assert "Everything due was sent. Nothing waits. None is dead." in said
    assert "Database ok" in said
    assert "too long" not in said


def test_what_should_have_been_called_stands_there_with_its_incident() -> None:
    here = scene()
    said = words()
    assert "1 late" in said
    assert f"{here.incident} : Incident commander was not called" in said


def test_of_a_private_incident_no_more_than_that_it_is_late() -> None:
    here = scene(is_private=True)
    said = words()
    assert "A private incident: Incident commander is late" in said
    assert here.incident.reference not in said


def test_a_heartbeat_that_stopped_or_never_came_is_named() -> None:
    Heartbeat.objects.create(name="scheduler", at=timezone.now() - timedelta(hours=2))
    said = words()
    assert "Scheduler 2 hours ago: too long" in said
    assert "Watchdog never" in said


def test_what_waits_and_what_is_dead_is_counted() -> None:
    for number, (status, due_at) in enumerate(
        [("pending", NOW), ("pending", timezone.now() + timedelta(days=1)), ("dead", NOW)]
    ):
        OutboxMessage.objects.create(
            dedupe_key=f"k{number}", kind="x", address="a@example.com", subject="x", body="x",
            status=status, created_at=NOW, due_at=due_at, next_attempt_at=due_at,
        )  # fmt: skip
    said = words()
    assert "1 due and not sent, the oldest since" in said
    assert "2 wait, those for later included" in said
    assert "1 dead: look why, and send again" in said


def test_it_is_in_the_sidebar_of_who_may_see_it_and_of_nobody_else() -> None:
    assert PAGE in signed_in(member("olga", "responder")).get("/admin/").content.decode()
    browser = signed_in(member("dan"))
    assert PAGE not in browser.get("/admin/").content.decode()
    assert browser.get(PAGE).status_code == 403


def test_it_changes_nothing_and_wants_a_person() -> None:
    assert signed_in(member("olga", "auditor")).post(PAGE).status_code in (403, 405)
    assert signed_in(member("rosa", "auditor")).get(PAGE).status_code == 200


def test_nobody_who_is_not_signed_in_sees_it(client) -> None:
    assert client.get(PAGE).status_code == 302
