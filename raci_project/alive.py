"""Each process of Celery says that it lives, from a thread of its own, and says goodbye.

`worker:…` and `beat:…` prove that the process and its way to the database are there; that ticks
are worked off is what the heartbeat of the scheduler proves (`raci_project.tasks`).
"""

import atexit
import logging
import os
import socket
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from celery.signals import (
    beat_init,
    task_success,
    worker_process_init,
    worker_ready,
    worker_shutting_down,
)
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from incidents.channels import holders, stopping
from incidents.models import Heartbeat

EVERY = 10.0  # seconds
KEPT = timedelta(days=1)  # one that fell silent is shown so long
WORKER, BEAT = "worker:", "beat:"
SWEPT = {
    "incidents.sweep": "sweep",
    "reviews.sweep": "reviews sweep",
    "training.sweep": "training sweep",
}
_NAME = Heartbeat._meta.get_field("name")

logger = logging.getLogger(__name__)


def note(name: str, at: datetime) -> None:
    """This part was alive at this instant; one statement."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=at)],
        update_conflicts=True, unique_fields=["name"], update_fields=["at"],
    )  # fmt: skip


def forget(at: datetime) -> int:
    """Processes that fell silent more than a day ago; how many. Parts of the program stay."""
    processes = Heartbeat.objects.filter(Q(name__startswith=WORKER) | Q(name__startswith=BEAT))
    return processes.filter(at__lt=at - KEPT).delete()[0]


class Beating:
    """Notes a process over and over, until it is stopped; a database that is away is tried again."""

    def __init__(self, name: str, *, every: float = EVERY) -> None:
        self.name = name[: _NAME.max_length]
        self.every = every
        self._over = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """The first beat is at once."""
        self._thread.start()

    def stop(self) -> None:
        """Goodbye: who ends properly is not missed afterwards."""
        if not self._over.is_set():
            self._over.set()
            self._thread.join(self.every)

    def _run(self) -> None:
        while not self._over.is_set():
            self._try(lambda: note(self.name, timezone.now()))
            self._over.wait(self.every)
        self._try(lambda: Heartbeat.objects.filter(name=self.name).delete())

    def _try(self, write: Any) -> None:
        try:
            write()
        except Exception as error:  # to tell of a database that is away is no reason to end
            logger.warning("no heartbeat written: %s", type(error).__name__)
        finally:
            connection.close()


def _begin(name: str) -> None:
    beating = Beating(name)
    beating.start()
    atexit.register(beating.stop)


@worker_ready.connect
def worker_began(sender: Any, **_: Any) -> None:
    """Under the name Celery knows it by, such as urgent@host."""
    _begin(f"{WORKER}{sender.hostname}:{os.getpid()}")


@worker_ready.connect
@worker_process_init.connect
def free_the_dead(**_: Any) -> None:
    """A worker that comes after a killed one sends at once what that one held."""
    try:
        holders.free_the_dead()
    except Exception as error:  # a database that is away: the lease ends all the same
        logger.warning("nothing given back: %s", type(error).__name__)
    finally:
        connection.close()


@beat_init.connect
def beat_began(**_: Any) -> None:
    """The scheduler's process; that there are two of them is no harm."""
    _begin(f"{BEAT}{socket.gethostname()}:{os.getpid()}")


@worker_shutting_down.connect
def worker_ends(**_: Any) -> None:
    """Finishes what is in hand; of a pool of processes each ends its delivery by its limit."""
    stopping.stop_after_this()


@task_success.connect
def sweep_ended(sender: Any, **_: Any) -> None:
    """A sweep came to its end, by the clock of the worker, whatever instant it swept."""
    if sender.name in SWEPT:
        note(SWEPT[sender.name], timezone.now())
