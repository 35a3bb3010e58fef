"""Where providers hand in what people reply: signed, kept as it came, answered in a word."""

import hmac
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incidents.models import Reply
from incidents.operations import acknowledging, ways
from incidents.rules import replies, webhook_signature

_LONGEST_INSTANT = 12  # digits of seconds since 1970


@csrf_exempt  # called by programs: the signature, or the secret, is the proof
@never_cache
@require_POST
def receive(request: HttpRequest, channel: str) -> HttpResponse:
    """One reply by this channel. 401 without proof, 413 over 64 KiB, 400 where it is unreadable.

    404 where no secret is set, and for a channel there is not. Handed in twice it counts once.
    """
    if not settings.REPLY_SECRET or channel not in ways.CHANNELS:
        raise Http404
    if _announced(request) > replies.LARGEST:
        return _said("body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = request.read(replies.LARGEST + 1)
    if len(body) > replies.LARGEST:
        return _said("body_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    at = timezone.now()
    if not _is_proven(request, body, int(at.timestamp())):
        return _said("not_signed", HTTPStatus.UNAUTHORIZED)
    # The id of a signed call is the provider's own; nobody else can have chosen it.
    given = replies.clean(request.headers.get("webhook-id", ""))
    got = replies.read(body, request.content_type or "", id=given)
    kept = acknowledging.reply(
        channel,
        external_id=got.external_id,
        sender=got.sender,
        text=got.text,
        payload=got.payload,
        problem=got.problem,
        at=at,
    )
    unreadable = kept.outcome == Reply.Outcome.UNREADABLE
    return _said(kept.outcome, HTTPStatus.BAD_REQUEST if unreadable else HTTPStatus.OK)


def _announced(request: HttpRequest) -> int:
    announced = request.headers.get("Content-Length") or "0"
    return int(announced) if announced.isdecimal() and len(announced) < 20 else 0


def _is_proven(request: HttpRequest, body: bytes, now: int) -> bool:
    secret, headers = settings.REPLY_SECRET, request.headers
    bearer = f"Bearer {secret}".encode()
    if hmac.compare_digest(headers.get("Authorization", "").encode(), bearer):
        return True
    timestamp = headers.get("webhook-timestamp", "")
    return len(timestamp) <= _LONGEST_INSTANT and webhook_signature.is_signed(
        secret,
        headers.get("webhook-signature", ""),
        id=headers.get("webhook-id", ""),
        timestamp=timestamp,
        body=body,
        now=now,
    )


def _said(outcome: str, status: HTTPStatus) -> JsonResponse:
    """The outcome alone: who hands in replies learns nothing of messages or people."""
    answer = JsonResponse({"outcome": outcome}, status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer
