"""Is it alive, and is it ready: two addresses for load balancers and for people on call.

They are public, so they name the part that fails and never repeat an error's own text, which
may hold a host or a user name.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents.models import Heartbeat
from incidents.operations import watchdog
from raci_project import queues
from raci_project.celery import app
from raci_project.tasks import SCHEDULER

HEARTBEAT_STALE_AFTER = 90.0  # seconds; nine heartbeats missed
BROKER_ANSWERS_WITHIN = 2  # seconds


class NotReadyError(Exception):
    """A part that works, but not well enough; the message is for the public page."""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache  # of success alone: to find out reads every migration, and an applied one stays applied
def _migrations() -> None:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise NotReadyError(f"{len(waiting)} migrations not applied: run manage.py migrate")


def _broker() -> None:
    if not settings.REDIS_URL:
        folder = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
        if not os.access(folder, os.W_OK):
            raise NotReadyError("the broker's folder cannot be written")
        return
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_ANSWERS_WITHIN)


def _scheduler() -> None:
    heartbeat = Heartbeat.objects.filter(name=SCHEDULER).first()
    if heartbeat is None:
        raise NotReadyError("no heartbeat yet")
    age = (timezone.now() - heartbeat.at).total_seconds()
    if age >= HEARTBEAT_STALE_AFTER:
        raise NotReadyError(f"last heartbeat {age:.0f} s ago: is the worker running, is beat?")


def queue_lengths() -> dict[str, int]:
    """How many ticks wait on each queue, where the broker says so within two seconds; else nothing."""
    quick = {
        "socket_timeout": BROKER_ANSWERS_WITHIN,
        "socket_connect_timeout": BROKER_ANSWERS_WITHIN,
    }
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | (quick if settings.REDIS_URL else {})
    try:
        with app.connection_for_read(transport_options=options) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_ANSWERS_WITHIN)
            return dict(queues.lengths(broker))
    except Exception:  # whatever breaks: the page has more to say
        return {}


PARTS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "scheduler": _scheduler,
}


def state(examine: Callable[[], None]) -> str:
    """“ok”, or in words for a public page what is wrong with this part."""
    try:
        examine()
    except NotReadyError as reason:
        return str(reason)
    except Exception:  # whatever breaks: an answer about health must never be a 500 itself
        return "unavailable"
    return "ok"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; asks nothing of anyone else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is ok, else 503; each part by name; how late the escalation is beside."""
    parts = {name: state(examine) for name, examine in PARTS.items()}
    ready = all(state == "ok" for state in parts.values())
    said = {"ready": ready, "parts": parts, "watchdog": _watchdog()}
    return JsonResponse(said, status=200 if ready else 503)


def _watchdog() -> dict[str, Any]:
    """When it last looked, and how many steps are late now; a late step is no reason to stop serving."""
    try:
        last = Heartbeat.objects.filter(name=watchdog.NAME).first()
        late = len(watchdog.findings(timezone.now()))
    except Exception:  # as above
        return {"at": None, "late": None}
    return {"at": last.at if last else None, "late": late}


class HealthMiddleware:
    """Answers both addresses before anything that may fail or refuse on the way to a view.

    Sessions need the database; a load balancer asks by IP address, without https.
    """

    views = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.views.get(request.path_info, self.get_response)(request)
