"""A message as a mail: plain text, the same as HTML, and the headers that thread it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents import markup
from incidents.channels import bodies
from incidents.channels.short import cut
from incidents.channels.site import address
from incidents.models import OutboxMessage
from incidents.operations import acknowledging, muting, places, subscribers
from incidents.operations.records import one_line
from incidents.rules.digest import name
from incidents.rules.roles import NAMES

Priority = OutboxMessage.Priority
PREVIEW_ROOM = 140  # characters; what a list of mails shows beside the subject


@dataclass(frozen=True, slots=True)
class Band:
    """The strip on top: what kind of mail this is, seen before it is read."""

    text: str
    colour: str  # white is written on it, in light and in dark


BANDS: Mapping[int, Band] = {
    Priority.PAGE: Band("Page: act now", "#b91c1c"),
    Priority.NOTICE: Band("Notice", "#1d4ed8"),
    Priority.DIGEST: Band("Digest", "#475569"),
}
# Strangers read of neither pages nor notices, and our references mean nothing to them.
PUBLIC_BAND = Band("Update", "#1d4ed8")


# RFC 5546, 3.2: what the calendar is to do with it; RFC 6047, 2.4: said in the type of the part.
_METHOD = re.compile(r"^METHOD:([A-Z]{1,20})\r?$", re.MULTILINE)


def as_mail(message: OutboxMessage, *, calendar_beside: bool = False) -> EmailMultiAlternatives:
    """The message as plain text with an HTML alternative; the same row gives the same mail.

    Nothing in it is fetched from anywhere, and nothing reports back that it was read. A calendar
    entry is a third alternative, which mail clients show with buttons; with `calendar_beside` it
    is a file beside the words, for a provider that knows two alternatives only.
    """
    context = _context(message)
    mail = EmailMultiAlternatives(
        subject=context["subject"],
        body=render_to_string("email/message.txt", context),
        to=[message.address],
        headers=_headers(message, context["unsubscribe"]),
    )
    mail.attach_alternative(render_to_string("email/message.html", context), "text/html")
    if message.calendar and calendar_beside:
        mail.attach("invitation.ics", message.calendar, "text/calendar")  # says METHOD itself
    elif message.calendar:
        mail.attach_alternative(message.calendar, _calendar_type(message.calendar))
    return mail


def _calendar_type(text: str) -> str:
    method = _METHOD.search(text)
    return f"text/calendar; method={method[1]}" if method else "text/calendar"


def _context(message: OutboxMessage) -> dict[str, Any]:
    body = bodies.clean(message.body)
    is_request = message.kind == subscribers.KIND
    is_public = is_request or message.kind == places.KIND
    return {
        "subject": bodies.clean(one_line(message.subject)),
        "preview": cut(one_line(body[: PREVIEW_ROOM * 2]), PREVIEW_ROOM),
        "body": body,
        "body_as_html": _as_html(message, body),
        "band": PUBLIC_BAND if is_public else _band(message),
        "is_public": is_public,
        "is_request": is_request,
        "topic": settings.ORGANISATION_NAME if is_public else message.topic,
        "url": address(message.link),
        "acknowledge": address(acknowledging.link(message)),
        "code": message.code if settings.REPLY_SECRET else "",
        "unsubscribe": address(_unsubscribe(message)),
        "role": NAMES.get(message.role, message.role),
        "kind": name(message.kind),
        "organisation": settings.ORGANISATION_NAME,
    }


def _as_html(message: OutboxMessage, body: str) -> SafeString:
    """Updates are written in Markdown; what else is said here is not."""
    if message.kind not in (places.KIND, places.INSIDE):
        return bodies.as_html(body)
    return format_html('<div dir="auto">{}</div>', markup.as_html(body))


def _band(message: OutboxMessage) -> Band:
    return BANDS.get(message.priority, BANDS[Priority.NOTICE])


def _unsubscribe(message: OutboxMessage) -> str:
    """People mute a kind of message, subscribers leave altogether."""
    if message.recipient_id is not None:
        return muting.link(message)
    return subscribers.unsubscribe_link(message)


def _headers(message: OutboxMessage, unsubscribe: str) -> dict[str, str]:
    headers = {
        "Message-ID": _message_id(f"{message.pk}.{_digest(message.dedupe_key)}"),
        # RFC 3834: automatic replies must not answer what is itself automatic; Exchange asks else.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if message.topic:
        # No mail bears this id: it only makes clients show one incident as one conversation.
        root = _message_id(f"topic.{quote(message.topic, safe='')}")
        headers |= {"In-Reply-To": root, "References": root}
    if message.priority == Priority.PAGE:
        headers |= {"X-Priority": "1", "Importance": "high"}
    return headers | _unsubscribing(unsubscribe)


def _unsubscribing(url: str) -> dict[str, str]:
    """RFC 2369, and RFC 8058 where it is allowed: a mailbox posts to https alone."""
    if not url:
        return {}
    headers = {"List-Unsubscribe": f"<{url}>"}
    if url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _message_id(local: str) -> str:
    return f"<{local}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"
