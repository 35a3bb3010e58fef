"""One mail to a mail server in two steps instead of four, where it lets us (RFC 2920)."""

import re
import smtplib
from collections.abc import Callable
from functools import lru_cache

ACCEPTED = {250, 251}
GO_ON = 354
_DOT = re.compile(rb"(?m)^\.")


def begin(server: smtplib.SMTP, sender: str, recipient: str, data: bytes) -> bool:
    """Say who writes to whom, without waiting for an answer; False where the server takes one word at a time.

    Nothing is handed over yet: whoever changes his mind closes the connection.
    """
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("pipelining"):
        return False
    size = f" SIZE={len(data)}" if server.has_extn("size") else ""
    source, target = _quoted(sender), _quoted(recipient)
    server.send(f"MAIL FROM:{source}{size}\r\nRCPT TO:{target}\r\nDATA\r\n")
    return True


def finish(
    server: smtplib.SMTP,
    sender: str,
    recipient: str,
    data: bytes,
    *,
    meanwhile: Callable[[], object],
) -> None:
    """After `begin`: return when the server took it; raises what smtplib raises.

    `data` has CRLF at its ends. `meanwhile` is called while the server works on it. After an
    error the connection must be closed: answers may still be on their way, and a server that
    waits for the mail of a recipient it refused drops it then.
    """
    # Each is read before the next: the first that is no yes says what is wrong.
    code, said = server.getreply()
    if code not in ACCEPTED:
        raise smtplib.SMTPSenderRefused(code, said, sender)
    code, said = server.getreply()
    if code not in ACCEPTED:
        raise smtplib.SMTPRecipientsRefused({recipient: (code, said)})
    code, said = server.getreply()
    if code != GO_ON:
        raise smtplib.SMTPDataError(code, said)
    if b"\n." in data:
        data = _DOT.sub(b"..", data)
    server.send(data + b".\r\n")
    meanwhile()
    code, said = server.getreply()
    if code not in ACCEPTED:
        raise smtplib.SMTPDataError(code, said)


@lru_cache(maxsize=4096)
def _quoted(address: str) -> str:
    return smtplib.quoteaddr(address)
