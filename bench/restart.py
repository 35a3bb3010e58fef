"""A live web process whose database is restarted: the next request must not be a 500."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from bench.names import TOKEN
from tests.servers import START_WITHIN, PostgresServer, free_port


class RestartError(AssertionError):
    """The first request after the restart was not answered."""


def first_request_ms(server: PostgresServer, environment: Mapping[str, str]) -> float:
    """Restart the server of a loaded database under a web process: how long its next answer took."""
    with _web(environment) as address:
        _await(address)
        server.halt()
        server.start()
        began = time.perf_counter()
        if (status := _status(address)) != HTTPStatus.OK:
            raise RestartError(f"{address} answered {status or 'nothing'} after the restart")
        return (time.perf_counter() - began) * 1000


@contextmanager
def _web(environment: Mapping[str, str]) -> Iterator[str]:
    bind = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "raci_project.wsgi", "--bind", bind]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield f"http://{bind}/api/v1/incidents"
    finally:
        process.terminate()
        process.wait(START_WITHIN)


def _await(address: str) -> None:
    """Return once it has answered from the database, and so holds a connection."""
    give_up_at = time.monotonic() + START_WITHIN
    while (status := _status(address)) != HTTPStatus.OK:
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"{address} answers {status or 'nothing'}")
        time.sleep(0.1)


def _status(address: str) -> int:
    """The status, or 0 where nobody answers."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=START_WITHIN) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
