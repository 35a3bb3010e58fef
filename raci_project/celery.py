"""The Celery app and its whole timetable, on one page.

Every task is a sweep: it asks the database what is due and does it. So a tick may be lost,
doubled or late without harm, and two schedulers do no more than ask twice. One that waited
longer than `expires` is worth nothing, and onto a queue that nobody reads none is put
(`raci_project.beat`): a stopped worker finds a handful of them when it comes back.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.app.utils import Settings
from django.conf import settings
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from raci_project.queues import BULK, DEFAULT, QUEUES, URGENT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci_project.settings")

HEARTBEAT_EVERY = timedelta(seconds=10)
PING_EVERY = timedelta(minutes=1)
TIDY_EVERY = timedelta(hours=1)
# Room for the clocks of two machines to differ: a tick must not arrive expired.
SHORTEST_EXPIRY = timedelta(minutes=1)

TRANSPORT_ALIASES["filesystem"] = "raci_project.file_broker:Transport"

app = Celery("raci_project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@dataclass(frozen=True)
class Tick:
    """One line of the timetable: what is asked for, with what, and how often."""

    task: str
    every: timedelta
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def timetable() -> dict[str, Tick]:
    """Each scheduled task under a name of its own."""
    return {
        **_deliveries(),
        "incidents.sweep": Tick("incidents.sweep", settings.SWEEP_EVERY),
        "incidents.broadcast": Tick("incidents.broadcast", settings.DELIVER_EVERY),
        "incidents.write_status": Tick("incidents.write_status", settings.DELIVER_EVERY),
        "reviews.sweep": Tick("reviews.sweep", settings.SWEEP_EVERY),
        "training.sweep": Tick("training.sweep", settings.SWEEP_EVERY),
        "training.release": Tick("training.release", settings.RELEASE_EVERY),
        "training.plan_years": Tick("training.plan_years", settings.DELIVER_EVERY),
        "raci_project.heartbeat": Tick("raci_project.heartbeat", HEARTBEAT_EVERY),
        "raci_project.ping": Tick("raci_project.ping", PING_EVERY),
        "raci_project.tidy": Tick("raci_project.tidy", TIDY_EVERY),
    }


def _deliveries() -> dict[str, Tick]:
    """Each channel on its own, so that one that hangs holds no other; its pages before the rest."""
    pages, rest = settings.PAGE_EVERY, settings.DELIVER_EVERY
    return {
        f"incidents.deliver {channel}{' urgent' if urgent else ''}": Tick(
            "incidents.deliver", every, {"channel": channel, "urgent": urgent}
        )
        for channel in settings.CHANNELS
        for urgent, every in ((True, pages), (False, rest))
    }


_ROUTES = {
    "incidents.sweep": URGENT,
    "training.release": URGENT,
    "raci_project.heartbeat": URGENT,
    "incidents.broadcast": BULK,
    "training.plan_years": BULK,
    "raci_project.tidy": BULK,
}


def route(
    name: str, args: Any, kwargs: Mapping[str, Any] | None, *_: Any, **__: Any
) -> dict[str, str]:
    """The queue of a task: what wakes people has one of its own."""
    is_page = name == "incidents.deliver" and bool((kwargs or {}).get("urgent"))
    return {"queue": URGENT if is_page else _ROUTES.get(name, DEFAULT)}


@app.on_after_configure.connect
def write_timetable(sender: Celery, source: Settings, **_: Any) -> None:
    """When the settings are read, and not before: they import this package."""
    source.task_queues = [Queue(name, Exchange(name), name) for name in QUEUES]
    source.task_default_queue = DEFAULT
    source.task_routes = (route,)
    source.beat_scheduler = "raci_project.beat:Ticks"
    source.beat_schedule = {
        name: {
            "task": tick.task,
            "schedule": tick.every,
            "kwargs": dict(tick.kwargs),
            "options": {
                **route(tick.task, (), tick.kwargs),
                "expires": max(tick.every, SHORTEST_EXPIRY).total_seconds(),
            },
        }
        for name, tick in timetable().items()
    }
