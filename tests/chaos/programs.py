"""The command lines under fire: those of `serve`, and those docs/running.md gives a company."""

import sys

from raci_project.supervisor import Program

CELERY = (sys.executable, "-m", "celery", "-A", "raci_project")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def worker(name: str) -> Program:
    """A worker of threads, as `serve` runs it."""
    argv = (*CELERY, "worker", "--pool", "threads", "--concurrency", "4", *QUIET)
    return Program(name, (*argv, "--hostname", f"{name}@%h"))


def company_worker(name: str) -> Program:
    """A worker of processes."""
    argv = (*CELERY, "worker", "--pool", "prefork", "--concurrency", "2", *QUIET)
    return Program(name, (*argv, "--hostname", f"{name}@%h"))


def beat(name: str) -> Program:
    """A scheduler."""
    return Program(name, (*CELERY, "beat"))


def web(port: int) -> Program:
    """The web processes, as `serve` runs them."""
    argv = (
        *(sys.executable, "-m", "gunicorn", "raci_project.wsgi:application"),
        *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
        *("--workers", "2", "--threads", "2", "--graceful-timeout", "5", "--no-control-socket"),
    )
    return Program("web", argv)
