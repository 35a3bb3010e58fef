"""A mail server in a process of its own: python -m tests.sink PORT FOLDER.

Every message it takes is a line in FOLDER/taken: the Message-ID, when, and whether it answered.
FOLDER/mode says how it takes the next one, and how many seconds that lasts:
`accept`; `busy` (451 for every recipient); `refuse` (550 for every recipient); `hang` (takes it
and never answers); `die` (takes it and drops the connection).
"""

import asyncio
import json
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path
from threading import Event

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWERS = {"busy": "451 4.3.2 try again later", "refuse": "550 5.7.1 refused"}


class Keeper:
    """Takes, notes and, told so, misbehaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = (folder / "taken").open("ab", buffering=0)

    def manner(self) -> tuple[str, float]:
        """The mode of now, and the seconds that taking a message lasts."""
        mode, pace = (self.folder / "mode").read_text().split()
        return mode, float(pace)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if answer := ANSWERS.get(self.manner()[0]):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        mode, pace = self.manner()
        # Half before it is noted and half after: whoever is killed meanwhile dies in either.
        await asyncio.sleep(pace / 2)
        self.note(envelope.content, is_answered=mode == "accept")
        await asyncio.sleep(pace / 2)
        if mode == "hang":
            await asyncio.sleep(3600)
        if mode == "die" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"

    def note(self, content: bytes | str | None, *, is_answered: bool) -> None:
        """One write a line: a crash of this process loses none that was answered."""
        head = content if isinstance(content, bytes) else (content or "").encode()
        name = BytesHeaderParser().parsebytes(head)["Message-ID"]
        line = {"id": name, "at": time.time(), "answered": is_answered}
        self.taken.write(json.dumps(line).encode() + b"\n")


def main(port: int, folder: Path) -> None:
    """Serve on the loopback address until killed."""
    Controller(Keeper(folder), hostname="127.0.0.1", port=port).start()
    Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
