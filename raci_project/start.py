"""What must be true before the processes start: alone, with folders, tables, people, static files.

Each step may be repeated: an interrupted start is mended by the next one.
"""

import errno
import fcntl
import hashlib
import io
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command

from incidents.channels import status
from incidents.models import Person

# A start right after kill -9: the children of the last run may need this long to let go.
PATIENCE = 5.0  # seconds


def claim_port(host: str, port: int) -> None:
    """Returns when the port is free; CommandError when another program keeps it."""
    give_up_at = time.monotonic() + PATIENCE
    while (problem := _binding_problem(host, port)) is not None:
        if problem.errno != errno.EADDRINUSE:
            raise CommandError(f"Cannot listen on {host}:{port}: {problem.strerror}. Set HOST.")
        if time.monotonic() > give_up_at:
            raise CommandError(
                f"Port {port} on {host} is in use: stop that program, or choose another port "
                f"with PORT={port + 1}."
            )
        time.sleep(0.2)


def _binding_problem(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem
    return None


@contextmanager
def alone() -> Iterator[None]:
    """CommandError when a start over the same var/ is running: two schedulers would fight.

    The kernel drops the lock with its holder, so a killed start leaves none behind.
    """
    with (settings.VAR_DIR / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise CommandError(
                f"This installation is already running over {settings.VAR_DIR}: stop it, or "
                "give this one its own folder with VAR_DIR."
            ) from held
        yield


def make_folders() -> None:
    """An empty file broker, and a place for logs and mail.

    What lay in the broker or the scheduler's file is of a run that is over, perhaps half
    written; every task is a sweep that will be asked for again.
    """
    for stale in settings.VAR_DIR.glob("beat-schedule*"):
        stale.unlink()
    for name in ("broker", "broker-control"):
        shutil.rmtree(settings.VAR_DIR / name, ignore_errors=True)
    for name in ("broker", "broker-control", "log", "mail"):
        (settings.VAR_DIR / name).mkdir(exist_ok=True)
    for log in (settings.VAR_DIR / "log").glob("*.log"):
        log.replace(log.with_suffix(".log.1"))  # one run back is kept


def seed_once() -> None:
    """The demo company, when there is nobody yet."""
    if not Person.objects.exists():
        call_command("seed_demo")


def write_status_page() -> None:
    """The status page, where there is none yet; the worker writes it anew when it begins."""
    if not (settings.STATUS_DIR / status.FIRST).exists():
        call_command("write_status_page", verbosity=0, stdout=io.StringIO())


def collect_static() -> None:
    """Static files with hashed names, when any of them changed since the last time."""
    seal = settings.STATIC_ROOT / ".collected"
    fingerprint = _static_fingerprint()
    if seal.exists() and seal.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    seal.write_text(fingerprint)


def _static_fingerprint() -> str:
    """Changes with the name, size or time of any static file."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
