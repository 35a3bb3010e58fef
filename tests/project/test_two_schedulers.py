"""Two schedulers, or one task twice at once: everybody hears everything once all the same."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from incidents.models import AuditEvent, Heartbeat, OutboxMessage, UpdateClock
from incidents.operations import nudges, records
from incidents.rules.ladders import UPDATE
from incidents.rules.roles import COMMUNICATIONS
from raci_project.celery import app, timetable
from tests.deliveries import hold, incident, letter
from tests.factories import person

NUDGES = LETTERS = 20

pytestmark = pytest.mark.usefixtures("committing")


def twice_at_once(name: str) -> None:
    """This line of the timetable as two schedulers would have it worked off by two workers."""
    tick, together = timetable()[name], Barrier(2)
    failed: list[Exception] = []

    def work() -> None:
        together.wait()
        try:
            app.tasks[tick.task](**tick.kwargs)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def owe_updates(count: int) -> None:
    at, lead = timezone.now(), person("ben")
    for _ in range(count):
        where = incident()
        hold(where, COMMUNICATIONS, lead)
        clock = UpdateClock(incident=where, audience="public", due_at=at - timedelta(minutes=1))
        nudges.schedule(clock, UPDATE, at=at)
        clock.save()


def test_whatever_is_asked_for_twice_at_once_is_done_once() -> None:
    app.loader.import_default_modules()
    owe_updates(NUDGES)
    at, someone = timezone.now() - timedelta(seconds=1), person("zoe")
    for number in range(LETTERS):
        letter(someone, due_at=at, priority=0 if number % 2 else 5)
    for _ in range(2):
        for name in timetable():
            twice_at_once(name)
    nudged = OutboxMessage.objects.filter(kind="updateclock-nudge").count()
    assert nudged == NUDGES
    assert OutboxMessage.objects.exclude(status="sent").count() == 0
    ids = Counter(one.extra_headers["Message-ID"] for one in mail.outbox)
    assert set(ids.values()) == {1}
    assert len(ids) == OutboxMessage.objects.count()
    assert AuditEvent.objects.filter(verb="nudge").count() == 1
    assert records.first_broken_line() is None
    assert Heartbeat.objects.filter(name="scheduler").count() == 1
