"""A mail server that takes everything, in a process of its own: python -m bench.sink PORT.

Like every mail server people run it takes commands without waiting for each answer (RFC 2920).
"""

import sys
from threading import Event

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, Envelope, Session


class Pipelining(Sink):
    """Says so."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]


def main(port: int) -> None:
    """Serve on the loopback address until killed."""
    controller = Controller(Pipelining(), hostname="127.0.0.1", port=port)
    controller.start()
    print("ready", flush=True)
    Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
