"""A real worker between a real broker and a real mail server, killed and cut off."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from celery import Celery
from django.conf import settings
from django.db import connection
from django.utils import timezone

from incidents.models import AuditEvent, OutboxMessage, UpdateClock
from incidents.operations import nudges, records
from incidents.rules.ladders import UPDATE
from incidents.rules.roles import COMMUNICATIONS
from raci_project import queues
from raci_project.supervisor import die_with_parent
from tests.deliveries import hold, incident, letter
from tests.factories import person
from tests.servers import SmtpSink

NUDGES = 200
WITHIN = 60.0  # seconds; generous, since machines that run tests are busy
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "raci_project", "worker", "--pool", "threads"),
    *("--concurrency", "4", "--without-gossip", "--without-mingle", "--without-heartbeat"),
)

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db,
    pytest.mark.usefixtures("committing"),
]


class DeadlySink(SmtpSink):
    """A mail server at which, twice, the worker dies by kill -9 in the middle of its work.

    Once between two messages: before the next is taken, and all before it settled. Once with a
    message in hand: taken here, and the answer never heard.
    """

    def __init__(self) -> None:
        super().__init__()
        self.die_between, self.die_in_hand = -1, -1
        self.worker: subprocess.Popen[bytes] | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if len(self.messages) == self.die_between:
            self.die_between = -1
            self.kill()
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.messages) == self.die_in_hand:
            self.kill()
        return answer

    def kill(self) -> None:
        if self.worker is not None:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()

    def ids(self) -> list[str]:
        """The Message-ID of everything taken, in order."""
        return [message_from_bytes(one.content)["Message-ID"] for one in self.messages]


class Installation:
    """A worker over the test's own database, and the ticks of its scheduler."""

    def __init__(self, var: Path, redis_url: str) -> None:
        self.var = var
        self.sink = DeadlySink()
        for name in ("broker", "broker-control"):
            (var / name).mkdir()
        self.environment = os.environ | {
            "VAR_DIR": str(var),
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
            "REDIS_URL": redis_url,
            "EMAIL_URL": self.sink.url,
            "EMAIL_TIMEOUT": "1",
        }
        self.scheduler = Celery(broker=redis_url or "filesystem://")
        self.scheduler.conf.task_default_queue = queues.DEFAULT
        if not redis_url:
            self.scheduler.conf.broker_transport_options = {
                "data_folder_in": str(var / "broker"),
                "data_folder_out": str(var / "broker"),
                "control_folder": str(var / "broker-control"),
            }

    def start_worker(self) -> None:
        with (self.var / "worker.log").open("ab") as log:
            self.sink.worker = subprocess.Popen(
                WORKER,
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )

    def keep_worker(self) -> None:
        """What the supervisor does: start a dead worker again."""
        if self.sink.worker is None or self.sink.worker.poll() is not None:
            self.start_worker()

    def run_until(self, done: Callable[[], bool]) -> None:
        """Tick once a second, keeping the worker alive, until it is done."""
        give_up_at = time.monotonic() + WITHIN
        while not done():
            assert time.monotonic() < give_up_at, (self.var / "worker.log").read_text()[-4000:]
            self.keep_worker()
            for task in ("incidents.sweep", "incidents.deliver"):
                self.scheduler.send_task(task, expires=60)
            time.sleep(1)

    def __enter__(self) -> "Installation":
        self.sink.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.sink.kill()
        self.scheduler.close()
        self.sink.__exit__()


@pytest.fixture(params=["files", pytest.param("redis", marks=pytest.mark.redis)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """One on the embedded broker, one on Redis."""
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    with Installation(tmp_path, redis_url) as running:
        yield running


def owe_updates(count: int) -> None:
    """Updates of two audiences each that were due a minute ago, owed by one person."""
    at, lead = timezone.now(), person("ben")
    for _ in range(count // 2):
        where = incident()
        hold(where, COMMUNICATIONS, lead)
        for audience in ("public", "internal"):
            clock = UpdateClock(
                incident=where, audience=audience, due_at=at - timedelta(minutes=1)
            )
            nudges.schedule(clock, UPDATE, at=at)
            clock.save()


def sent() -> int:
    return OutboxMessage.objects.filter(status="sent").count()


def test_a_killed_worker_loses_nothing_and_repeats_only_what_it_had_in_hand(
    installation: Installation,
) -> None:
    sink = installation.sink
    sink.die_between, sink.die_in_hand = 50, 120
    owe_updates(NUDGES)
    installation.run_until(lambda: sent() == NUDGES)
    ids = sink.ids()
    repeated = {each: times for each, times in Counter(ids).items() if times > 1}
    assert OutboxMessage.objects.count() == len(set(ids)) == NUDGES
    assert repeated == {ids[119]: 2}
    assert AuditEvent.objects.filter(verb="nudge").count() == 1
    assert records.first_broken_line() is None


def again_now(message: OutboxMessage) -> None:
    """As if the pause after a failure were over."""
    OutboxMessage.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now())


def test_a_mail_server_that_refuses_hangs_and_dies_stops_nothing_else(tmp_path: Path) -> None:
    at = timezone.now()
    with Installation(tmp_path, "") as running:
        sink, seen = running.sink, {}
        for mode in ("refuse", "hang", "die"):
            sink.mode, seen[mode] = mode, letter(due_at=at)
            running.run_until(
                lambda: OutboxMessage.objects.filter(attempts=1).count() == len(seen)
            )
        sink.mode = "accept"
        letter(due_at=at)
        for message in seen.values():
            again_now(message)
        running.run_until(lambda: sent() == 3)
        for message in seen.values():
            message.refresh_from_db()
    assert [message.status for message in seen.values()] == ["dead", "sent", "sent"]
    assert "550" in seen["refuse"].last_error
    assert sorted(Counter(sink.ids()).values()) == [1, 2, 2]
