"""What every test may ask for: real servers, a mail server that misbehaves, a browser.

A server that cannot be had skips the test with the reason; in CI (CI=true) it fails it.
"""

import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from incidents.models import triggers
from incidents.operations import law
from tests.binaries import MissingServerError
from tests.migrated import migrated
from tests.plugin import RUN
from tests.servers import PostgresServer, RedisServer, Server, SmtpSink

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A busy machine proves no property wrong.
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")
NOT_ON_A_SECOND_DATABASE = ("browser", "processes", "postgres", "redis")


def pytest_configure(config: pytest.Config) -> None:
    """Fast hashes, plain static names, and a test database in a file: threads then meet real locks."""
    settings.AXES_ENABLED = False  # its own tests switch it on
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(RUN.var / "test.sqlite3")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what a database can change is run again."""
    if config.getoption("--database") == "sqlite":
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        (kept if _depends_on_the_database(item) else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _depends_on_the_database(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(name) for name in NOT_ON_A_SECOND_DATABASE):
        return False
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or "db" in fixtures


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """On SQLite a run begins with the tables an earlier run made by the same migrations.

    `migrate` runs all the same: it finds nothing to do and puts guards and groups in place.
    """
    if connection.vendor != "sqlite" or not migrated().exists():
        return False
    shutil.copyfile(migrated(), str(connection.settings_dict["TEST"]["NAME"]))
    return True


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_keepdb: bool, django_db_blocker: DjangoDbBlocker
) -> None:
    """The test database; the first run keeps its tables for the next."""
    if connection.vendor != "sqlite" or django_db_keepdb:
        return
    made = migrated().with_suffix(f".{os.getpid()}")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(made)])
    made.replace(migrated())


@pytest.fixture(autouse=True)
def _law_read_anew() -> Iterator[None]:
    """A test's versions are rolled back, and the next test's come with the same keys.

    Before and after: what a class sets up for all its tests comes before this.
    """
    law.forget()
    yield
    law.forget()


def missing(what: str) -> None:
    """Skip for want of `what`; in CI fail."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


def _running(kind: type[Server]) -> Iterator[str]:
    try:
        server = kind()
    except MissingServerError as reason:
        missing(str(reason))
    else:
        with server:
            yield server.url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL of the session's own."""
    yield from _running(PostgresServer)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of an empty Redis (or Valkey) of the session's own."""
    yield from _running(RedisServer)


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A mail server that keeps what it receives; set its `mode` to make it misbehave."""
    with SmtpSink() as sink:
        yield sink


def chromium() -> str | None:
    """The system's Chromium: CHROMIUM, or what PATH has."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


# One browser per module and not per session: while Playwright runs, Django believes that every
# test of this thread runs in an event loop and refuses the database.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, for tests marked `browser`."""
    path = chromium()
    if path is None:
        missing("no Chromium: install it or set CHROMIUM to its path")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def committing(transactional_db: None) -> Iterator[None]:
    """The database with real commits, for tests with threads or processes of their own.

    Its tables are emptied afterwards, which is what the guards forbid: they go first, and
    Django's flush, which ends like a migration, puts them back. (A TRUNCATE meets no guard.)
    """
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for guard in triggers.GUARDS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.trigger}")
