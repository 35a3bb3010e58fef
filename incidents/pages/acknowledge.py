"""The page behind “I have it”: GET shows what it is about and one button, POST presses it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import Incident, OutboxMessage
from incidents.operations import acknowledging
from incidents.operations.acknowledging import Acknowledged
from incidents.rules.reasons import Refused


@csrf_exempt  # no session acts here: the signed link is the proof, and can do nothing else
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing, since scanners of mail follow links. POST acknowledges, once."""
    at = timezone.now()
    try:
        message = acknowledging.message_of(token, at=at)
    except Refused:
        return render(request, "pages/gone.html", status=404)
    done = None
    if request.method == "POST":
        done = acknowledging.acknowledge(message, means=OutboxMessage.Means.LINK, at=at)
    return render(request, "pages/acknowledge.html", _context(message, done))


def _context(message: OutboxMessage, done: Acknowledged | None) -> dict[str, object]:
    now = done.message if done else message
    return {
        "message": now,
        "person": message.recipient,
        "subject": message.subject if _may_see(message) else "A message to you",
        "is_call": message.kind == acknowledging.CALLED,
        "done": done,
    }


def _may_see(message: OutboxMessage) -> bool:
    """An incident may have become private since its message was sent."""
    if message.recipient is None or not message.topic:
        return True
    hidden = Incident.objects.hidden_from(message.recipient)
    return not hidden.filter(reference=message.topic).exists()
