"""The health page: for people, what /readyz and /metrics say for machines, and what is late."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents.admin.verbs import acting
from incidents.models import Incident, OutboxMessage, Person
from incidents.operations import status_page, subscribers, watchdog
from raci_project import figures, health, health_rows, lateness, status_files
from raci_project.health_rows import Late

SHOWN = 100  # findings
SHOWN_DEAD = 5


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Whoever may view incidents sees it; changes nothing."""
    if not request.user.has_perm("incidents.view_incident"):
        raise PermissionDenied
    at, reader = timezone.now(), acting(request)
    late = list(_late(reader, at))
    found = figures.read(at)
    context = {
        **admin.site.each_context(request),
        "title": "Health",
        "at": at,
        "status_page": status_page.state(),
        "status_address": status_files.PREFIX,
        "parts": [(name, health.state(examine)) for name, examine in health.PARTS.items()],
        "queues": health.queue_lengths(),
        "beats": list(health_rows.beats(found)),
        "processes": health_rows.processes(found),
        "late": late[:SHOWN],
        "more": max(len(late) - SHOWN, 0),
        "open_count": found.open_incidents,
        **_outbox(found),
        "lateness": lateness.chart(found.lateness),
        "dead": [(one, subscribers.shown(one)) for one in _dead(reader)[:SHOWN_DEAD]],
        "outlets": list(health_rows.outlets(found)),
        "not_set_up": health_rows.not_set_up(),
    }
    return TemplateResponse(request, "admin/health.html", context)


def _outbox(found: figures.Figures) -> dict[str, Any]:
    """How much waits, how much of that is due and since when, and what is dead."""
    rows = health_rows.messages(found)
    return {
        "messages_by_channel": rows,
        "due": sum(row.due for row in rows),
        "oldest": min((row.oldest for row in rows if row.oldest), default=None),
        "waiting": found.count(OutboxMessage.Status.PENDING)
        + found.count(OutboxMessage.Status.HELD),
        "dead_count": found.count(OutboxMessage.Status.DEAD),
    }


def _dead(reader: Person) -> QuerySet[OutboxMessage]:
    """The latest, without those about an incident this reader may not see; none for who sees none."""
    if not reader.has_perm("incidents.view_outboxmessage"):
        return OutboxMessage.objects.none()
    hidden = Incident.objects.hidden_from(reader).values("reference")
    dead = OutboxMessage.objects.filter(status=OutboxMessage.Status.DEAD)
    return dead.exclude(topic__in=hidden).select_related("recipient").order_by("-id")


def _late(reader: Person, at: datetime) -> Iterator[Late]:
    found = watchdog.findings(at)
    keys = {finding.incident.pk for finding in found}
    rows = Incident.objects.filter(pk__in=keys).visible_to(reader)
    visible = set(rows.values_list("pk", flat=True)) if keys else set()
    for finding in found:
        yield Late(finding, finding.incident.pk in visible)
