"""Webhooks as standardwebhooks.com has them: JSON, signed, to hosts that were named beforehand."""

import json
import time
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import requests
from django.conf import settings

from incidents.channels.answers import AgainError, failure_of_recipient, phrase
from incidents.channels.carrying import RefusedError
from incidents.channels.site import address
from incidents.models import OutboxMessage, Update
from incidents.operations import acknowledging, places
from incidents.operations.records import one_line
from incidents.rules.webhook_signature import sign

CONNECT_TIMEOUT = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Call:
    """One call: where, which message, what it says."""

    url: str
    id: str
    body: bytes


class WebhookCarrier:
    """One session for many calls. Each host answers for itself: none that is away stops another."""

    answers = True

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "incident-governance"

    def prepare(self, message: OutboxMessage) -> Call:
        """The row as a call; RefusedError where its address is none that may be called."""
        require_allowed(message.address)
        digest = sha256(message.dedupe_key.encode()).hexdigest()[:24]
        body = json.dumps(_said(message), ensure_ascii=False, separators=(",", ":"))
        return Call(message.address, f"msg_{message.pk}_{digest}", body.encode())

    def hand_over(self, prepared: Call) -> None:
        """Return on any 2xx; nothing is followed, and of the answer only the status is read."""
        try:
            answer = self.session.post(
                prepared.url,
                data=prepared.body,
                headers=_headers(prepared),
                timeout=(CONNECT_TIMEOUT, settings.EMAIL_TIMEOUT),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:  # its words hold the whole address
            name = type(error).__name__
            raise AgainError(f"webhook: the receiver cannot be reached: {name}") from None
        answer.close()
        if not HTTPStatus.OK <= answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            said = f"webhook: the receiver answered {phrase(answer.status_code)}"
            raise failure_of_recipient(answer.status_code, said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()


def require_allowed(url: str) -> None:
    """Refuse an address outside WEBHOOK_HOSTS, one without TLS, and one that hides its host."""
    try:
        # The host as the one who connects reads it: no two parsers agree on a backslash.
        parts = urlsplit(requests.Request("POST", url).prepare().url or "")
        port_is_sound = parts.port is None or parts.port > 0
    except (requests.RequestException, ValueError):
        raise RefusedError("webhook: the address is no URL") from None
    if not port_is_sound or "@" in parts.netloc or "\\" in url:
        raise RefusedError("webhook: the address must be a plain https URL")
    host = (parts.hostname or "").lower()
    if host not in {each.lower() for each in settings.WEBHOOK_HOSTS}:
        raise RefusedError(f"webhook: {host} is not among WEBHOOK_HOSTS")
    if not _is_private_enough(parts, host):
        raise RefusedError("webhook: the address must begin with https://")


def _is_private_enough(parts: SplitResult, host: str) -> bool:
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _headers(call: Call) -> dict[str, str]:
    now = int(time.time())  # of this attempt: a receiver refuses what is older than minutes
    return {
        "Content-Type": "application/json",
        "webhook-id": call.id,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(
            settings.WEBHOOK_SECRET, id=call.id, timestamp=now, body=call.body
        ),
    }


def _said(message: OutboxMessage) -> dict[str, Any]:
    return {
        "id": message.pk,
        "kind": message.kind,
        "topic": message.topic,
        "subject": one_line(message.subject),
        "body": message.body,
        "link": address(message.link),
        "acknowledge": address(acknowledging.link(message)),
        "role": message.role,
        "priority": message.get_priority_display().lower(),
        "created_at": message.created_at.astimezone(UTC).isoformat(),
        **_published(message),
    }


def _published(message: OutboxMessage) -> dict[str, Any]:
    """Of a published update alone: to whom it speaks, how far it has come, what it corrects."""
    update = places.update_of(message)
    if update is None:
        return {}
    said = {
        "id": update.pk,
        "audience": update.audience,
        "stage": update.stage,
        "impact": update.impact,
        "services": _services(update),
        "corrects": update.corrects_id,
        "text": update.text,
    }
    return {"update": said}


def _services(update: Update) -> list[dict[str, str]]:
    """As its audience may know them: a slug is a name of the house, which strangers never read."""
    if update.audience not in places.OUTSIDE:
        return list(update.services)
    return [{"name": one["name"]} for one in update.services if one.get("name")]
