"""The page behind “Unsubscribe”: GET shows one button, POST presses it (RFC 8058 from a mailbox)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import OutboxMessage
from incidents.operations import muting
from incidents.rules.digest import name
from incidents.rules.reasons import Refused


@csrf_exempt  # RFC 8058: the mailbox posts without a cookie; the signed link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing, since scanners of mail follow links. POST mutes; with `undo`, unmutes."""
    at = timezone.now()
    try:
        message = muting.message_of(token, at=at)
    except Refused:
        return render(request, "pages/gone.html", status=404)
    if request.method == "POST":
        act = muting.unmute if "undo" in request.POST else muting.mute
        act(message, at=at)
    return render(request, "pages/unsubscribe.html", _context(message))


def _context(message: OutboxMessage) -> dict[str, object]:
    return {
        "kind": name(message.kind),
        "person": message.recipient,
        "is_muted": muting.is_muted(message),
    }
