"""Loaded before Django (`-p tests.plugin`): which database, and a var/ of the run's own.

Nothing of the developer's environment, .env file or var/ reaches a test.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.binaries import MissingServerError
from tests.servers import PostgresServer

ENVIRONMENT = {
    "PRODUCTION": "false",
    "DEBUG": "false",
    "SECRET_KEY": "only-for-tests",
    "ALLOWED_HOSTS": "*",
    "CSRF_TRUSTED_ORIGINS": "",
    "SITE_URL": "http://testserver",
    "ORGANISATION_ZONE": "UTC",
    "REDIS_URL": "",
    "EMAIL_URL": "",
    **{
        f"CHANNEL_{name}": ""
        for name in ("SMS", "VOICE", "SLACK", "TEAMS", "DISCORD", "PAGERDUTY", "OPSGENIE")
    },
    "WEBHOOK_HOSTS": "",
    "WEBHOOK_SECRET": "",
    "REPLY_SECRET": "",
    "STATUS_URL": "",
    "STATUSPAGE_API_KEY": "",
    "STATUSPAGE_URL": "https://api.statuspage.io/v1",
    "METRICS_TOKEN": "",
    "DEADMAN_URL": "",
    "SWEEP_SECONDS": "30",
    "DELIVER_SECONDS": "5",
    "RELEASE_SECONDS": "2",
    "LOG_LEVEL": "WARNING",
}


class Run:
    """What one run of the suite owns: a folder, and perhaps a database server."""

    def __init__(self) -> None:
        self.var = Path(tempfile.mkdtemp(prefix="raci-tests-"))
        (self.var / "static").mkdir()
        self.postgres: PostgresServer | None = None
        atexit.register(self.end)  # also when the settings cannot even be loaded

    def choose(self, database: str) -> None:
        """Set the environment that the settings will read."""
        os.environ |= ENVIRONMENT | {
            "VAR_DIR": str(self.var),
            "STATUS_DIR": str(self.var / "status"),
        }
        if database == "sqlite":
            os.environ["DATABASE_URL"] = f"sqlite:///{self.var / 'raci.sqlite3'}"
        elif "PYTEST_XDIST_WORKER" not in os.environ:  # a worker inherits the controller's
            self.postgres = PostgresServer()
            os.environ["DATABASE_URL"] = self.postgres.start()

    def end(self) -> None:
        if self.postgres is not None:
            self.postgres.stop()
        shutil.rmtree(self.var, ignore_errors=True)


RUN = Run()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default=os.environ.get("TEST_DATABASE", "sqlite"),
        help="what the suite runs on; postgres starts a server of its own",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Before pytest-django reads the settings."""
    try:
        RUN.choose(early_config.known_args_namespace.database)
    except MissingServerError as missing:
        raise pytest.UsageError(f"--database postgres: {missing}") from missing
    return (yield)
