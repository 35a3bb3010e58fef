"""We speak to the world: what the outbox promises is handed to the mail server, row by row."""

import logging
import smtplib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from incidents.models import OutboxMessage
from incidents.operations import outbox
from incidents.operations.records import one_line
from incidents.rules.roles import NAMES

BATCH = 20
LIMIT = 1000
# Of a lease the first half is for beginning to send; the second must suffice for the last one:
# sender, recipient, data and the final dot may each take one EMAIL_TIMEOUT.
TIMEOUTS_A_LEASE = 8
# One broken conversation may be that message's fault; two in a row are the server's.
BREAKS_TO_GIVE_UP = 2
SERVER_PAUSE = timedelta(seconds=30)

Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the messages tried: accepted, to be tried again, given up."""

    sent: int = 0
    failed: int = 0
    dead: int = 0


class ServerAwayError(Exception):
    """The mail server cannot be reached or lets nobody in: no message is to blame."""


def deliver(at: datetime, *, limit: int = LIMIT) -> DeliveryReport:
    """Hand over what is due, at most `limit` messages, each settled as soon as it is accepted.

    Call it outside a transaction. A crash hands over again at most the one message that was
    accepted and not yet settled.
    """
    clock, lease = _clock(at), _lease()
    outcomes: Counter[str] = Counter()
    with MailServer() as server:
        while server.answers and (room := limit - outcomes.total()) > 0:
            claimed = outbox.claim(clock(), limit=min(BATCH, room), lease=lease)
            if not claimed:
                break
            outcomes.update(_work(claimed, server, clock, clock() + lease / 2))
    return DeliveryReport(
        outcomes[OutboxMessage.Status.SENT],
        outcomes[OutboxMessage.Status.PENDING],
        outcomes[OutboxMessage.Status.DEAD],
    )


def _lease() -> timedelta:
    return timedelta(seconds=max(settings.EMAIL_TIMEOUT, 1) * TIMEOUTS_A_LEASE)


def _clock(at: datetime) -> Clock:
    """Time as it passes from `at` on: a lease must not be shorter for what is claimed late."""
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


class MailServer:
    """One connection for many messages, begun anew after anything went wrong on it."""

    def __init__(self) -> None:
        self.connection = get_connection()
        self.breaks = 0

    @property
    def answers(self) -> bool:
        """False once it is clear that trying the next message is a waste of time."""
        return self.breaks < BREAKS_TO_GIVE_UP

    def hand_over(self, mail: EmailMultiAlternatives) -> None:
        """Return when the server accepted it; raise what it, or the network, answered instead."""
        try:
            self.connection.open()
        except OSError as error:
            self.breaks = BREAKS_TO_GIVE_UP
            raise ServerAwayError(f"mail server away: {error}") from error
        try:
            self.connection.send_messages([mail])
        except Exception as error:
            self.breaks = self.breaks + 1 if _is_broken(error) else 0
            self._hang_up()
            raise
        self.breaks = 0

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()


def _work(
    claimed: Sequence[OutboxMessage], server: MailServer, clock: Clock, until: datetime
) -> Iterator[str]:
    """Try what was claimed while the lease lasts; give back the rest. Yields each new status."""
    waiting = deque(claimed)
    while waiting and server.answers and clock() < until:
        try:
            yield _attempt(waiting[0], server, clock)
        except ServerAwayError as away:
            logger.warning("mail server away: %s", type(away.__cause__).__name__)
            outbox.release(waiting, error=str(away), at=clock() + SERVER_PAUSE)
            yield from [OutboxMessage.Status.PENDING] * len(waiting)
            return
        waiting.popleft()
    outbox.release(waiting, at=clock())


def _attempt(message: OutboxMessage, server: MailServer, clock: Clock) -> str:
    try:
        server.hand_over(as_mail(message))
    except ServerAwayError:
        raise
    except Exception as error:  # one message that cannot be sent must not stop the others
        logger.warning("message %s not accepted: %s", message.pk, type(error).__name__)
        return outbox.fail(
            message, error=str(error), permanent=_is_permanent(error), at=clock()
        )
    outbox.settle(message, at=clock())
    return OutboxMessage.Status.SENT


def _is_broken(error: Exception) -> bool:
    """Whether the conversation itself failed; a refusal is an answer (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPException):
        return isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError)


def _is_permanent(error: Exception) -> bool:
    """Whether asking again is pointless: 5xx for the recipient, or no mail can be made of it.

    Other 5xx answers (to the sender, to the content) are often a mistake in the settings, which
    must not kill the whole queue at once.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError)


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
