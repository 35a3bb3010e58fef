"""/metrics for Prometheus: the figures as they are when it asks, and no person in any label.

Every web process gives the same answer, which is the database's: nothing is counted in memory.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from incidents.models import OutboxMessage
from raci_project import alive, figures
from raci_project.figures import Figures

PROCESSES = {"worker": alive.WORKER, "beat": alive.BEAT}


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """200 to who bears METRICS_TOKEN, 401 to others; 404 where no token is set."""
    if not settings.METRICS_TOKEN:
        return HttpResponseNotFound("METRICS_TOKEN is not set.\n", content_type="text/plain")
    given = request.headers.get("Authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        refused = HttpResponse("Bearer token wanted.\n", status=401, content_type="text/plain")
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    registry = CollectorRegistry(auto_describe=False)
    try:
        registry.register(Snapshot(figures.read(timezone.now())))
    except DatabaseError:  # the scrape fails, which the monitor shows as down
        return HttpResponse("unavailable\n", status=503, content_type="text/plain")
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Snapshot(Collector):
    """The figures of one scrape."""

    def __init__(self, found: Figures) -> None:
        self.found = found

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance: what there is, is asked once."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every family, in the order of the page."""
        yield from _messages(self.found)
        yield _lateness(self.found)
        yield from _outlets(self.found)
        yield from _beats(self.found)
        yield _family("raci_open_incidents", "Incidents neither closed nor cancelled.", [],
                      [((), self.found.open_incidents)])  # fmt: skip
        yield _family("raci_nudges_owed", "Rows the sweep should have looked at by now.",
                      ["kind"], [((kind,), count) for kind, count in self.found.nudges.items()])  # fmt: skip


def _messages(found: Figures) -> Iterator[Metric]:
    by = ["status", "channel", "priority"]
    labelled = [((one.status, one.channel, _priority(one)), one) for one in found.messages]
    yield _family("raci_messages", "Messages that are pending, held for a digest, or dead.", by,
                  [(labels, one.count) for labels, one in labelled])  # fmt: skip
    due = [(labels[1:], one) for labels, one in labelled if one.oldest]
    yield _family("raci_messages_due", "Messages due that did not leave yet.", by[1:],
                  [(labels, one.due) for labels, one in due])  # fmt: skip
    yield _family("raci_oldest_due_message_seconds", "Since when the oldest of them is due.",
                  by[1:], [(labels, _age(found, one.oldest)) for labels, one in due])  # fmt: skip


def _priority(one: figures.Waiting) -> str:
    return OutboxMessage.Priority(one.priority).name.lower()


def _lateness(found: Figures) -> Metric:
    family = GaugeHistogramMetricFamily(
        "raci_message_lateness_seconds",
        "How late the messages of the last 24 hours left, from when they were due.",
    )
    bounds = [*(str(float(bound)) for bound in figures.BOUNDS), "+Inf"]
    late = found.lateness
    family.add_metric([], list(zip(bounds, late.cumulative, strict=True)), late.seconds)
    return family


def _outlets(found: Figures) -> Iterator[Metric]:
    paused = [
        ((one.channel,), bool(one.paused_until and one.paused_until > found.at))
        for one in found.outlets
    ]
    yield _family("raci_outlet_paused", "1 while a channel is left alone: its provider is away.",
                  ["channel"], paused)  # fmt: skip
    yield _family("raci_outlet_failures", "How often in a row a channel could not be reached.",
                  ["channel"], [((one.channel,), one.failures) for one in found.outlets])  # fmt: skip


def _beats(found: Figures) -> Iterator[Metric]:
    """Processes by kind, not by name: a new label for each would never end."""
    of_kind = {
        kind: [at for name, at in found.beats.items() if name.startswith(prefix)]
        for kind, prefix in PROCESSES.items()
    }
    parts = {
        name: at
        for name, at in found.beats.items()
        if not name.startswith(tuple(PROCESSES.values()))
    }
    parts |= {kind: max(seen) for kind, seen in of_kind.items() if seen}
    yield _family("raci_heartbeat_age_seconds",
                  "Since when a part was last heard of; of several processes the youngest.",
                  ["part"], [((name,), _age(found, at)) for name, at in sorted(parts.items())])  # fmt: skip
    fresh = {kind: sum(found.is_fresh(at) for at in seen) for kind, seen in of_kind.items()}
    yield _family("raci_processes", "Processes heard of within the last minute and a half.",
                  ["kind"], [((kind,), count) for kind, count in fresh.items()])  # fmt: skip


def _age(found: Figures, at: datetime | None) -> float:
    return (found.at - at).total_seconds() if at else 0.0


def _family(
    name: str, said: str, labels: list[str], values: Sequence[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, said, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family
