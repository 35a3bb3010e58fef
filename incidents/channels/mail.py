"""Mail: one connection to the mail server for many messages."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

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


class MailCarrier:
    """One connection for many messages, begun anew after anything went wrong on it."""

    def __init__(self) -> None:
        self.connection = get_connection()
        self.breaks = 0
        self.meanwhile: Callable[[], object] = nothing

    @property
    def answers(self) -> bool:
        """False once it is clear that trying the next message is a waste of time."""
        return self.breaks < BREAKS_TO_GIVE_UP

    def prepare(self, message: OutboxMessage) -> Letter:
        """The row as a mail. ValueError where no mail can be made of it."""
        mail = as_mail(message)
        is_smtp = isinstance(self.connection, EmailBackend)
        return Letter(mail, wire.as_bytes(mail) if is_smtp else b"")

    def hand_over(self, prepared: Letter) -> None:
        """Return when the server accepted it; raise what it, or the network, answered instead."""
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

    def _send(self, letter: Letter) -> None:
        if not isinstance(self.connection, EmailBackend):
            self.connection.send_messages([letter.mail])
            require_accepted(letter.mail)
            return
        sender, recipient = (
            wire.address(letter.mail.from_email),
            wire.address(letter.mail.to[0]),
        )
        if (server := self.connection.connection) is not None:  # `open` saw to it
            smtp.send(server, sender, recipient, letter.data, meanwhile=self.meanwhile)

    def _hang_up(self) -> None:
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
