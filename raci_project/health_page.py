"""The health page: for people, what /readyz says for machines, and whether the escalation is late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents.admin.verbs import acting
from incidents.models import Heartbeat, Incident, OutboxMessage, Person
from incidents.operations import watchdog
from incidents.operations.watchdog import Finding
from raci_project import health
from raci_project.tasks import SCHEDULER

# What each heartbeat proves.
_PROVES = {
    SCHEDULER: "scheduler, broker and worker work together",
    watchdog.NAME: "the sweep runs to its end, and the watchdog looked",
}
SHOWN = 100  # findings


@dataclass(frozen=True)
class Beat:
    """One part that must stay alive, when it last said so, and whether that is too long ago."""

    name: str
    proves: str
    at: datetime | None
    is_stale: bool


@dataclass(frozen=True)
class Late:
    """A finding as this reader may see it: of a private incident no more than that there is one."""

    finding: Finding
    is_visible: bool


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Whoever may view incidents sees it; changes nothing."""
    if not request.user.has_perm("incidents.view_incident"):
        raise PermissionDenied
    at = timezone.now()
    late = list(_late(acting(request), at))
    context = {
        **admin.site.each_context(request),
        "title": "Health",
        "at": at,
        "parts": [(name, health.state(examine)) for name, examine in health.PARTS.items()],
        "beats": list(_beats(at)),
        "outbox": _outbox(at),
        "late": late[:SHOWN],
        "more": max(len(late) - SHOWN, 0),
        "open_count": Incident.objects.open().count(),
    }
    return TemplateResponse(request, "admin/health.html", context)


def _beats(at: datetime) -> Iterator[Beat]:
    found = {beat.name: beat.at for beat in Heartbeat.objects.all()}
    longest = max(timedelta(seconds=health.HEARTBEAT_STALE_AFTER), 3 * settings.SWEEP_EVERY)
    for name in dict.fromkeys([*_PROVES, *found]):
        last = found.get(name)
        yield Beat(name, _PROVES.get(name, ""), last, last is None or at - last >= longest)


def _outbox(at: datetime) -> dict[str, Any]:
    """How much waits, how much of that is due and since when, and what is dead; one query."""
    pending = Q(status=OutboxMessage.Status.PENDING)
    due = pending & Q(next_attempt_at__lte=at)
    return OutboxMessage.objects.aggregate(
        waiting=Count("pk", filter=pending),
        due=Count("pk", filter=due),
        oldest=Min("created_at", filter=due),
        dead=Count("pk", filter=Q(status=OutboxMessage.Status.DEAD)),
    )


def _late(reader: Person, at: datetime) -> Iterator[Late]:
    found = watchdog.findings(at)
    keys = {finding.incident.pk for finding in found}
    rows = Incident.objects.filter(pk__in=keys).visible_to(reader)
    visible = set(rows.values_list("pk", flat=True)) if keys else set()
    for finding in found:
        yield Late(finding, finding.incident.pk in visible)
