"""`manage.py sweep`: every sweep once, as if it were any instant."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from incidents.models import Incident, OutboxMessage, UpdateClock
from incidents.operations import nudges
from incidents.rules.ladders import UPDATE
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.deliveries import hold, incident, letter
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


def swept(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("sweep", *arguments, stdout=out)
    return out.getvalue().splitlines()


def owes_update() -> Incident:
    where = incident()
    hold(where, COMMANDER, person("ada", qualified=(COMMANDER,)))
    hold(where, COMMUNICATIONS, person("ben", qualified=(COMMUNICATIONS,)))
    clock = UpdateClock(incident=where, audience="public", due_at=NOW)
    nudges.schedule(clock, UPDATE, at=NOW - timedelta(hours=1))
    clock.save()
    return where


def test_what_is_due_by_the_instant_is_done_and_sent() -> None:
    where = owes_update()
    assert swept("--at", (NOW - timedelta(minutes=4)).isoformat()) == [
        f"public update of {where.reference}: due-5m to ben",
        "messages: 1 sent, 0 to be tried again, 0 dead",
    ]
    assert len(mail.outbox) == 1


def test_what_is_not_due_by_the_instant_is_left() -> None:
    owes_update()
    assert swept("--at", "2026-11-23T09:44:59+01:00") == [
        "messages: 0 sent, 0 to be tried again, 0 dead"
    ]


def test_an_offset_is_understood() -> None:
    where = owes_update()
    line, _ = swept("--at", "2026-11-23T09:55:00+01:00")
    assert line.startswith(f"public update of {where.reference}: ")


def test_a_second_run_does_nothing_more() -> None:
    owes_update()
    swept("--at", "2999-01-01T00:00:00Z")
    assert swept("--at", "2999-01-01T00:00:00Z") == [
        "messages: 0 sent, 0 to be tried again, 0 dead"
    ]


def test_without_an_instant_it_is_now() -> None:
    due, later = letter(), letter()
    OutboxMessage.objects.filter(pk=later.pk).update(next_attempt_at="2999-01-01T00:00:00Z")
    OutboxMessage.objects.filter(pk=due.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    assert swept() == ["messages: 1 sent, 0 to be tried again, 0 dead"]


@pytest.mark.parametrize("said", ["2026-11-23T10:00:00", "2026-11-23", "soon", ""])
def test_an_instant_without_an_offset_is_refused(said: str) -> None:
    owes_update()
    with pytest.raises(CommandError, match=r"offset|not an ISO 8601"):
        swept("--at", said)
    assert not OutboxMessage.objects.exists()
