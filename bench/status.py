"""The status page beside any other static file of the same server: requests a second of each.

One real gunicorn, as `serve` starts it, without a database, and one client that asks for both in
turns over connections that stay open; the other file has the very same bytes.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import BinaryIO

from bench.measured import Aim, Measured
from tests.plugin import ENVIRONMENT
from tests.servers import free_port

CONNECTIONS = 2  # as many as the server has threads: more would only queue
REQUESTS = 1_500  # a round, of each file
ROUNDS = 7
AIM = Aim(ratio=1.25)  # no less than 80 % of the rate
PATIENCE = 60.0  # seconds
PAGE = b"<!DOCTYPE html>" + b"<p>Nothing was reported.</p>\n" * 400  # as large as a real one


def measure() -> Measured:
    """Median milliseconds a request: ours is the status page, bare the other file."""
    with _server() as port:
        times: dict[str, list[float]] = {"/status/": [], "/static/beside.html": []}
        for address in times:
            _round(port, address)  # both are known, and both in the cache of the disk
        for _ in range(ROUNDS):
            for address, taken in times.items():
                taken.append(_round(port, address))
    ours, bare = (sorted(taken)[len(taken) // 2] for taken in times.values())
    return Measured("status page, beside another static file", "none", 1, ours, bare, aim=AIM)


@contextmanager
def _server() -> Iterator[int]:
    """The port of one web process over a folder of its own; both files hold the same page."""
    with ExitStack() as stack:
        var = Path(stack.enter_context(TemporaryDirectory(prefix="raci-bench-")))
        port = free_port()
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "VAR_DIR": str(var),
            "STATUS_DIR": str(var / "status"),
            "DATABASE_URL": f"sqlite:///{var / 'raci.sqlite3'}",
        }
        for file in (var / "status/index.html", var / "static/beside.html"):
            file.parent.mkdir()
            file.write_bytes(PAGE)
        web = subprocess.Popen(gunicorn(port), env=environment, stderr=subprocess.DEVNULL)
        stack.callback(web.wait)
        stack.callback(web.terminate)
        wait_for(port)
        yield port


def gunicorn(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "raci_project.wsgi:application"),
        *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--workers", "1", "--threads", str(CONNECTIONS), "--no-control-socket"),
        *("--keep-alive", "60"),
    ]


def wait_for(port: int) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        try:
            _ask(port, "/healthz", 1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start.")


def _round(port: int, address: str) -> float:
    """Milliseconds a request, over all connections at once."""
    each = REQUESTS // CONNECTIONS
    clients = [Thread(target=_ask, args=(port, address, each)) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return (time.perf_counter() - began) * 1000 / (each * CONNECTIONS)


def _ask(port: int, address: str, times: int) -> None:
    """The same request so often; bare sockets, so that the client is not what is measured."""
    request = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    send(port, [request] * times, address)


def send(port: int, requests: Iterable[bytes], address: str) -> None:
    """Each over one connection, once the one before was answered; RuntimeError for any but 200."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        connection.makefile("rb") as answers,
    ):
        for request in requests:
            connection.sendall(request)
            _read(answers, address)


def _read(answers: BinaryIO, address: str) -> None:
    """One whole answer; RuntimeError for any but 200."""
    status = answers.readline()
    if b" 200 " not in status:
        raise RuntimeError(f"{address} answered {status!r}")
    length = 0
    while line := answers.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    answers.read(length)


def main() -> None:
    """The two rates, and the share of one in the other."""
    found = measure()
    ours, bare = 1000 / found.ours_ms, 1000 / (found.bare_ms or found.ours_ms)
    print(f"status page {ours:,.0f}/s, another static file {bare:,.0f}/s: {ours / bare:.0%}")


if __name__ == "__main__":
    main()
