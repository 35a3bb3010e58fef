"""Evaluations of the law by one real web process: each alone, and a hundred in one request.

One gunicorn, as `serve` starts it, over the database the benchmark has loaded, and one client that
asks over connections that stay open. It needs a law pack in force and the benchmark's own token.
"""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import yaml

from bench.measured import Measured
from bench.names import TOKEN
from bench.status import CONNECTIONS, gunicorn, send, wait_for
from tests.servers import free_port

EVALUATE, MANY = "/api/v1/legal/evaluate", "/api/v1/legal/evaluate-many"
PACK = Path(__file__).parents[1] / "incidents" / "packs" / "notification_duties.yaml"
REQUESTS, ROUNDS, AT_ONCE = 500, 5, 100


def measure(database: str, rows: int, environment: Mapping[str, str]) -> Iterator[Measured]:
    """Median milliseconds an evaluation; 1 ms is a thousand a second."""
    cases = _cases()
    alone = [_post(EVALUATE, case) for case in cases]
    several = (cases * (AT_ONCE // len(cases) + 1))[:AT_ONCE]
    many = [_post(MANY, {"cases": several})]
    with _server(environment) as port:
        for name, address, requests, times, each in (
            ("evaluate by one web process", EVALUATE, alone, REQUESTS, 1),
            ("evaluate by one web process, 100 at once", MANY, many, REQUESTS // 25, AT_ONCE),
        ):
            send(port, requests, address)  # what is read once, is read
            taken = sorted(_round(port, address, requests, times) for _ in range(ROUNDS))
            yield Measured(name, database, rows, taken[ROUNDS // 2] / each)


def _cases() -> list[dict[str, object]]:
    """The worked cases of the shipped pack, as they are asked."""
    cases = yaml.safe_load(PACK.read_text())["test_cases"]
    return [{name: case[name] for name in ("facts", "clocks", "submitted")} for case in cases]


def _post(address: str, body: object) -> bytes:
    said = json.dumps(body).encode()
    head = (
        f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
    )
    return head.encode() + said


@contextmanager
def _server(environment: Mapping[str, str]) -> Iterator[int]:
    """The port of one web process over the database that the environment names."""
    port = free_port()
    web = subprocess.Popen(gunicorn(port), env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        web.terminate()
        web.wait()


def _round(port: int, address: str, requests: list[bytes], times: int) -> float:
    """Milliseconds a request, over all connections at once."""
    each = times // CONNECTIONS
    asked = [requests[number % len(requests)] for number in range(each)]
    clients = [Thread(target=send, args=(port, asked, address)) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return (time.perf_counter() - began) * 1000 / (each * CONNECTIONS)
