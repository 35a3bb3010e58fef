"""Mail: one connection to the mail server for many messages."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from anymail.backends.base import AnymailBaseBackend
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from incidents.channels import smtp, wire
from incidents.channels.carrying import AwayError, RefusedError, nothing
from incidents.channels.letters import as_mail
from incidents.channels.provider_errors import meaning, require_accepted
from incidents.models import OutboxMessage

# One broken conversation may be that message's fault; two in a row are the server's.
BREAKS_TO_GIVE_UP = 2


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, and for a mail server the bytes that go to it."""

    mail: EmailMultiAlternatives
    data: bytes = b""

    @property
    def ends(self) -> tuple[str, str]:
        """From whom, to whom."""
        return wire.address(self.mail.from_email), wire.address(self.mail.to[0])


class MailCarrier:
    """One connection for many messages, begun anew after anything went wrong on it."""

    def __init__(self) -> None:
        self.connection = get_connection()
        self.breaks = 0
        self.meanwhile: Callable[[], object] = nothing
        self._begun: Letter | None = None  # the server knows of it, and has nothing of it

    @property
    def answers(self) -> bool:
        """False once it is clear that trying the next message is a waste of time."""
        return self.breaks < BREAKS_TO_GIVE_UP

    def prepare(self, message: OutboxMessage) -> Letter:
        """The row as a mail. ValueError where no mail can be made of it."""
        is_provider = isinstance(self.connection, AnymailBaseBackend)
        mail = as_mail(message, calendar_beside=is_provider)
        is_smtp = isinstance(self.connection, EmailBackend)
        return Letter(mail, wire.as_bytes(mail) if is_smtp else b"")

    def hand_over(self, prepared: Letter) -> None:
        """Return when the server accepted it; raise what it, or the network, answered instead."""
        if self._begun is not None and self._begun is not prepared:
            self._hang_up()
        try:
            self.connection.open()
        except OSError as error:
            self.breaks = BREAKS_TO_GIVE_UP
            raise AwayError(f"mail server away: {error}") from error
        try:
            self._send(prepared)
        except Exception as error:
            self.breaks = self.breaks + 1 if _is_broken(error) else 0
            self._hang_up()
            if _is_permanent(error):
                raise RefusedError(str(error)) from error
            if (meant := meaning(error)) is not error:
                raise meant from error
            raise
        self.breaks = 0

    def announce(self, prepared: Letter) -> None:
        """Say that this one comes next, where the server takes commands before it answered."""
        server = self._server()
        if server is not None:
            with suppress(OSError):  # said again, and then heard, when it is handed over
                if smtp.begin(server, *prepared.ends, prepared.data):
                    self._begun = prepared

    def _server(self) -> smtplib.SMTP | None:
        return self.connection.connection if isinstance(self.connection, EmailBackend) else None

    def _send(self, letter: Letter) -> None:
        if not isinstance(self.connection, EmailBackend):
            self.connection.send_messages([letter.mail])
            require_accepted(letter.mail)
            return
        if (server := self._server()) is None:  # `open` saw to it
            raise smtplib.SMTPServerDisconnected("no connection")
        if self._begun or smtp.begin(server, *letter.ends, letter.data):
            smtp.finish(server, *letter.ends, letter.data, meanwhile=self.meanwhile)
            self._begun = None
        else:
            sender, recipient = letter.ends
            server.sendmail(sender, [recipient], letter.data)

    def _hang_up(self) -> None:
        if self._begun is not None and isinstance(self.connection, EmailBackend):
            # It waits for a mail: whatever is said to it now it would take for one.
            if self.connection.connection is not None:
                self.connection.connection.close()
            self.connection.connection = None
        self._begun = None
        with suppress(OSError):
            self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()


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
