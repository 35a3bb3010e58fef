"""The ping to an outside monitor: every minute once, while all is well and not otherwise."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from incidents.models import Heartbeat, OutboxMessage
from raci_project import alive, deadman
from raci_project.tasks import ping
from tests.deliveries import letter
from tests.factories import NOW
from tests.servers import free_port

PAGE = OutboxMessage.Priority.PAGE


class Monitor:
    """A real server that counts who tells it that all is well."""

    def __init__(self) -> None:
        self.status = 200
        self.heard: list[str] = []
        monitor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                monitor.heard.append(self.path)
                self.send_response(monitor.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/secret-key"


@pytest.fixture
def monitor(settings: Settings) -> Iterator[Monitor]:
    made = Monitor()
    settings.DEADMAN_URL = made.url
    thread = Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def swept(db: None) -> None:
    alive.note("sweep", NOW)


@pytest.mark.usefixtures("swept")
def test_while_all_is_well_it_is_told_once_a_minute(monitor: Monitor) -> None:
    assert deadman.ping(NOW)
    assert not deadman.ping(NOW + timedelta(seconds=30))
    assert deadman.ping(NOW + timedelta(seconds=60))
    assert monitor.heard == ["/ping/secret-key"] * 2
    assert Heartbeat.objects.get(name="ping").at == NOW + timedelta(seconds=60)


@pytest.mark.django_db
def test_the_task_tells_it_as_of_now(monitor: Monitor) -> None:
    alive.note("sweep", timezone.now())
    ping()
    assert len(monitor.heard) == 1


@pytest.mark.usefixtures("swept")
def test_without_an_address_nobody_is_told(settings: Settings) -> None:
    settings.DEADMAN_URL = ""
    assert not deadman.ping(NOW)
    assert not Heartbeat.objects.filter(name__startswith="ping").exists()


@pytest.mark.django_db
def test_it_hears_nothing_while_no_sweep_comes_to_its_end(monitor: Monitor) -> None:
    assert not deadman.ping(NOW)
    alive.note("sweep", NOW - timedelta(seconds=90))
    assert not deadman.ping(NOW)
    alive.note("sweep", NOW - timedelta(seconds=89))
    assert deadman.ping(NOW)


@pytest.mark.django_db
def test_a_slow_timetable_may_take_its_time(monitor: Monitor, settings: Settings) -> None:
    settings.SWEEP_EVERY = timedelta(minutes=5)
    alive.note("sweep", NOW - timedelta(minutes=14))
    assert deadman.ping(NOW)


@pytest.mark.usefixtures("swept")
def test_it_hears_nothing_while_a_page_does_not_leave(monitor: Monitor) -> None:
    late = letter(due_at=NOW - timedelta(minutes=2), priority=PAGE)
    OutboxMessage.objects.update(next_attempt_at=NOW + timedelta(hours=1))  # held by a failure
    assert not deadman.ping(NOW)
    assert "1 pages did not leave" in deadman.trouble(NOW)
    OutboxMessage.objects.filter(pk=late.pk).update(status="sent", sent_at=NOW)
    letter(due_at=NOW - timedelta(seconds=119), priority=PAGE)
    letter(due_at=NOW - timedelta(hours=1))  # a notice may wait
    assert deadman.ping(NOW)


@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("status", [500, 302, 404])
def test_an_answer_that_is_none_is_logged_without_the_address(
    monitor: Monitor, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    monitor.status = status
    with caplog.at_level(logging.WARNING):
        assert not deadman.ping(NOW)
    assert monitor.heard == ["/ping/secret-key"]
    assert f"answered {status}" in caplog.text
    assert "secret-key" not in caplog.text
    assert not Heartbeat.objects.filter(name="ping").exists(), "it was not told"


@pytest.mark.usefixtures("swept")
def test_a_monitor_that_is_away_stops_nothing_and_its_address_is_not_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEADMAN_URL = f"http://127.0.0.1:{free_port()}/secret-key"
    with caplog.at_level(logging.WARNING):
        assert not deadman.ping(NOW)
    assert "could not be told: ConnectionError" in caplog.text
    assert "secret-key" not in caplog.text


@pytest.mark.usefixtures("committing")
@pytest.mark.parametrize("is_first", [True, False])
def test_of_many_that_ask_at_once_one_pings(monitor: Monitor, is_first: bool) -> None:
    alive.note("sweep", NOW)
    if not is_first:
        alive.note("ping asked", NOW - timedelta(minutes=1))
    together, told = Barrier(4), []

    def ask() -> None:
        together.wait()
        try:
            told.append(deadman.ping(NOW))
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, False, False, True]
    assert len(monitor.heard) == 1
    assert transaction.get_autocommit()
