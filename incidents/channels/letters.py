"""A message as a mail: plain text, the same as HTML, and the headers that thread it."""

from hashlib import sha256
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from incidents.models import OutboxMessage
from incidents.operations.records import one_line
from incidents.rules.roles import NAMES


def as_mail(message: OutboxMessage) -> EmailMultiAlternatives:
    """The message as plain text with an HTML alternative; the same row gives the same Message-ID."""
    context = {
        "subject": one_line(message.subject),
        "body": message.body,
        "url": f"{settings.SITE_URL}/{message.link.lstrip('/')}" if message.link else "",
        "role": NAMES.get(message.role, message.role),
        "organisation": settings.ORGANISATION_NAME,
    }
    mail = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string("email/message.txt", context),
        to=[message.address],
        headers=_headers(message),
    )
    mail.attach_alternative(render_to_string("email/message.html", context), "text/html")
    return mail


def _headers(message: OutboxMessage) -> dict[str, str]:
    # RFC 3834: automatic replies must not answer what is itself automatic.
    headers = {
        "Message-ID": _message_id(f"{message.pk}.{_digest(message.dedupe_key)}"),
        "Auto-Submitted": "auto-generated",
    }
    if message.topic:
        # No mail bears this id: it only makes clients show one incident as one conversation.
        root = _message_id(f"topic.{quote(message.topic, safe='')}")
        headers |= {"In-Reply-To": root, "References": root}
    return headers


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _message_id(local: str) -> str:
    return f"<{local}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
