"""`manage.py serve`: the whole program with one command, until Ctrl-C."""

import os
import sys
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connections
from environs import Env, validate

from raci_project import start
from raci_project.supervisor import Program, Supervisor, Surroundings

env = Env()
PERSONAS = "ada, ben, cleo, dan"


@dataclass(frozen=True)
class Address:
    """Where the web process listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def answers(self) -> bool:
        """Whether a web process is alive there; any answer that is not an error of its own counts."""
        connection = HTTPConnection(self.host, self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def programs(address: Address, web_workers: int, worker_memory: int) -> list[Program]:
    """The three processes and their command lines; the worker takes every queue."""
    celery = (sys.executable, "-m", "celery", "-A", "raci_project")
    web = (
        *(sys.executable, "-m", "gunicorn", "raci_project.wsgi:application"),
        *("--bind", str(address), "--worker-class", "gthread"),
        *("--workers", str(web_workers), "--threads", "2"),
        *("--graceful-timeout", "5", "--no-control-socket", "--access-logfile", "-"),
    )
    # Each channel may keep two threads waiting for a provider that hangs; two are for the sweeps.
    threads = max(4, 2 * len(settings.CHANNELS) + 2)
    worker = (
        *(*celery, "worker", "--pool", "threads", "--concurrency", str(threads)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    return [
        Program("web", web),
        Program("worker", worker, worker_memory),
        Program("beat", (*celery, "beat")),
    ]


class Announcement:
    """Says once, on one line, where to go and who may sign in."""

    def __init__(self, address: Address, command: BaseCommand) -> None:
        self.address = address
        self.command = command
        self.made = False

    def __call__(self) -> None:
        if not self.made and self.address.answers():
            self.made = True
            self.command.stdout.write(f"Ready: http://{self.address}{demo_accounts()}")
            self.command.stdout.flush()


def demo_accounts() -> str:
    """The demo accounts and their password, or nothing where there are none."""
    kept = settings.VAR_DIR / "demo_password"
    password = kept.read_text().strip() if kept.exists() else env.str("DEMO_PASSWORD", "")
    return f"  demo accounts: {PERSONAS}; password: {password}" if password else ""


class Command(BaseCommand):
    """Prepares, then keeps web, worker and scheduler alive until Ctrl-C."""

    help = "Runs web, worker and scheduler together until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        """Returns after SIGINT or SIGTERM, when every process has ended."""
        address = Address(
            env.str("HOST", "127.0.0.1"),
            env.int("PORT", 8000, validate=validate.Range(min=1, max=65535)),
        )
        web_workers = env.int("WEB_CONCURRENCY", 2, validate=validate.Range(min=1))
        worker_memory = env.int("WORKER_MEMORY_MB", 512, validate=validate.Range(min=1))
        with start.alone():
            start.claim_port(address.host, address.port)
            self._prepare()
            supervisor = Supervisor(
                programs(address, web_workers, worker_memory),
                self._surroundings(address),
                self.stderr.write,
            )
            supervisor.run(
                on_tick=Announcement(address, self), on_stop=lambda: self._say("Stopping …")
            )
        self._say("Stopped.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _prepare(self) -> None:
        start.make_folders()
        call_command("migrate", interactive=False, verbosity=0)
        if env.bool("SEED_DEMO", not settings.PRODUCTION):
            start.seed_once()
        start.collect_static()
        start.write_status_page()
        connections.close_all()  # the keeper itself needs no database

    def _surroundings(self, address: Address) -> Surroundings:
        """The children's environment: ours, and the address that links in mails lead to."""
        environment = {"SITE_URL": f"http://{address}"} | os.environ
        environment |= {"VAR_DIR": str(settings.VAR_DIR.resolve())}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a restart need not compile again
        return Surroundings(settings.BASE_DIR, environment, settings.VAR_DIR / "log")
