"""The outbox: draining it beside raw smtplib, pages before digests, and one look at a large table."""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from django.db import connection
from django.test import override_settings

from bench.company import Company
from bench.measured import Aim, Effort, Measured, medians
from incidents import channels
from incidents.channels import wire
from incidents.channels.letters import as_mail
from incidents.models import OutboxMessage, Person
from incidents.operations import digest, fallback, outbox
from tests.servers import free_port

CHUNK = 200  # messages a run
QUEUED = 10_000  # pages, and as many digests
DUE = 100
SMALL = 10_000  # rows of the table that the large one is compared with
GROWTH = 10  # rows of the table for each incident
LEASE = timedelta(minutes=2)
LATER = timedelta(days=3650)

Status, Priority = OutboxMessage.Status, OutboxMessage.Priority


def _empty() -> None:
    """By SQL: the ORM would read a million rows to delete them."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {OutboxMessage._meta.db_table}")


class OrderError(AssertionError):
    """A digest left while a page waited."""


def measure(company: Company, database: str, rows: int, effort: Effort) -> Iterator[Measured]:
    """Puts messages into the outbox and leaves it empty."""
    queue = Queue(company.leader, company.at)
    _empty()
    with _mail_server() as port:
        yield _drained(queue, port, database, rows, effort)
        yield _first_page(queue, database, rows)
    yield _looked_at(queue, database, rows, effort)
    _empty()


@dataclass
class Queue:
    """Messages to one person, due since `at`, each about an incident of its own."""

    to: Person
    at: datetime
    made: int = 0

    def put(self, count: int, *, priority: int = Priority.NOTICE) -> None:
        """So many more, waiting."""
        rows = [self.message(priority=priority) for _ in range(count)]
        OutboxMessage.objects.bulk_create(rows, batch_size=1000)

    def message(self, **fields: object) -> OutboxMessage:
        """One, as composing would write it, not stored."""
        self.made += 1
        given = {
            "dedupe_key": f"bench:{self.made}",
            "kind": "update-nudge",
            "priority": Priority.NOTICE,
            "recipient": self.to,
            "address": "somebody@example.com",
            "subject": f"INC-{self.made}: an update is owed now, please write it",
            "body": "The update of this incident was due at 10:00. Say what is known, what is "
            "being done and when the next one comes.\n\nIf you cannot, hand over." * 2,
            "link": f"/admin/incidents/incident/{self.made}/change/",
            "role": "incident_commander",
            "topic": f"INC-{self.made}",
            "created_at": self.at,
            "due_at": self.at,
            "next_attempt_at": self.at,
        }
        return OutboxMessage(**given | fields)

    def grow(self, count: int) -> None:
        """Fill the table up to so many rows by SQL: nearly all sent, some due later, some dead."""
        kept = [
            self.message(status=Status.SENT, sent_at=self.at),
            self.message(due_at=self.at + LATER, next_attempt_at=self.at + LATER),
            self.message(status=Status.DEAD),
        ]
        for row, share in zip(kept, (0.97, 0.02, 0.01), strict=True):
            row.save(force_insert=True)
            _copy(row, round((count - OutboxMessage.objects.count()) * share))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _copy(row: OutboxMessage, count: int) -> None:
    """So many more rows that differ in their key and topic alone."""
    table = OutboxMessage._meta.db_table
    own = {"dedupe_key", "topic"}
    columns = [str(field.column) for field in OutboxMessage._meta.local_fields]
    names = [name for name in columns if name != "id"]
    said = [f"{name} || ':' || numbers.n" if name in own else name for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
            f"WHERE n < %s) INSERT INTO {table} ({', '.join(names)}) "
            f"SELECT {', '.join(said)} FROM {table}, numbers WHERE {table}.id = %s",
            [count, row.pk],
        )


@contextmanager
def _mail_server() -> Iterator[int]:
    """The port of one that takes everything, in a process of its own; mail goes there."""
    port = free_port()
    command = [sys.executable, "-m", "bench.sink", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise RuntimeError("The mail server did not start.")
            with override_settings(
                EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
                EMAIL_HOST="127.0.0.1",
                EMAIL_PORT=port,
            ):
                yield port
        finally:
            process.kill()


def _drained(queue: Queue, port: int, database: str, rows: int, effort: Effort) -> Measured:
    """A whole delivery of 200, beside ready bytes over one connection that stays open."""
    queue.put(CHUNK * (effort.most + 1))
    ready = [wire.as_bytes(as_mail(row)) for row in OutboxMessage.objects.all()[:CHUNK]]
    with smtplib.SMTP("127.0.0.1", port) as server:
        times = medians(lambda: _deliver(queue.at), lambda: _raw(server, ready), effort)
    _empty()
    return Measured(
        f"send {CHUNK} messages, beside raw smtplib", database, rows, *times,
        aim=Aim(ratio=1.67),
    )  # fmt: skip


def _deliver(at: datetime) -> None:
    report = channels.deliver(at, limit=CHUNK)
    if report.sent != CHUNK:
        raise RuntimeError(f"Not everything was sent: {report}")


def _raw(server: smtplib.SMTP, ready: list[bytes]) -> None:
    for data in ready:
        server.sendmail("incidents@example.com", ["somebody@example.com"], data)


def _first_page(queue: Queue, database: str, rows: int) -> Measured:
    """From the look until the first page is settled; then all of them before any digest."""
    count = min(QUEUED, rows)
    queue.put(count, priority=Priority.DIGEST)
    queue.put(count, priority=Priority.PAGE)
    began = perf_counter()
    channels.deliver(queue.at, limit=1)
    took = (perf_counter() - began) * 1000
    _require_pages_first(queue.at)
    _empty()
    name = f"first of {count:,} pages among {count:,} digests leaves"
    return Measured(name, database, rows, took, p95_ms=took, aim=Aim(p95_ms=2000))


def _require_pages_first(at: datetime) -> None:
    last = Priority.PAGE.value
    while taken := outbox.claim(at, urgent=False, limit=1000, lease=LEASE):
        for message in taken:
            if message.priority < last:
                raise OrderError(f"{message.dedupe_key} waited for a digest")
            last = message.priority
        keys = [message.pk for message in taken]
        OutboxMessage.objects.filter(pk__in=keys).update(status=Status.SENT, sent_at=at)


def _looked_at(queue: Queue, database: str, rows: int, effort: Effort) -> Measured:
    """One look of everything that looks: ours is the large table, bare the small one."""
    queue.grow(min(SMALL, rows))
    queue.put(DUE)
    small, _ = medians(lambda: _look(queue.at), None, effort)
    queue.grow(rows * GROWTH)
    large, _ = medians(lambda: _look(queue.at), None, effort)
    return Measured(
        f"claim {DUE} due of {rows * GROWTH:,} rows, beside {min(SMALL, rows):,}", database,
        rows, large, small, aim=Aim(ratio=2),
    )  # fmt: skip


def _look(at: datetime) -> None:
    taken = outbox.claim(at, limit=DUE, lease=LEASE)
    if len(taken) != DUE:
        raise RuntimeError(f"{len(taken)} were claimed")
    outbox.release(taken)
    fallback.sweep(at)
    digest.sweep(at)
