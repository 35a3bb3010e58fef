"""Alive and ready, each part by name; never a 500 and never a secret."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import load_backend
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from incidents.models import Heartbeat
from incidents.operations import sweeps
from raci_project import health
from raci_project.celery import app
from raci_project.tasks import heartbeat
from tests.factories import NOW
from tests.incidents.scene import scene


@pytest.fixture(autouse=True)
def just_started() -> None:
    health._migrations.cache_clear()


@pytest.fixture
def broker_folder() -> Iterator[Path]:
    folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
    folder.mkdir()
    yield folder
    folder.rmdir()


@pytest.fixture
def database_gone(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A real connection, to a file in a folder that is not there."""
    kept = connections["default"]
    options = {**kept.settings_dict, "NAME": "/nonexistent/gone.sqlite3", "OPTIONS": {}}
    with django_db_blocker.unblock():
        connections["default"] = load_backend("django.db.backends.sqlite3").DatabaseWrapper(
            options | {"ENGINE": "django.db.backends.sqlite3"}
        )
        yield
    connections["default"] = kept


def parts(client: Client, status: int) -> dict[str, str]:
    response = client.get("/readyz")
    assert response.status_code == status
    assert response.json()["ready"] is (status == 200)
    return dict(response.json()["parts"])


def test_alive_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


def test_alive_takes_no_post(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_load_balancer_may_ask_by_address_and_without_https(
    client: Client, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["incidents.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/admin/", headers={"host": "10.0.0.7"}).status_code == 400
    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.django_db
def test_ready_when_the_heartbeat_is_fresh(client: Client, broker_folder: Path) -> None:
    heartbeat()
    assert set(parts(client, 200).values()) == {"ok"}


@pytest.mark.django_db
def test_not_ready_before_the_first_heartbeat(client: Client, broker_folder: Path) -> None:
    assert parts(client, 503) == {
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "scheduler": "no heartbeat yet",
    }


@pytest.mark.django_db
def test_a_heartbeat_of_ninety_seconds_ago_is_stale(
    client: Client, broker_folder: Path
) -> None:
    heartbeat()
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=90))
    assert parts(client, 503)["scheduler"].startswith("last heartbeat 90 s ago")
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=80))
    assert parts(client, 200)["scheduler"] == "ok"


@pytest.mark.django_db
def test_a_second_heartbeat_moves_the_first(client: Client) -> None:
    heartbeat()
    first = Heartbeat.objects.get().at
    heartbeat()
    assert Heartbeat.objects.get().at > first


@pytest.mark.django_db
def test_an_unapplied_migration_is_counted(client: Client, broker_folder: Path) -> None:
    newest = MigrationRecorder(connection).migration_qs.filter(app="training").latest("id")
    newest.delete()
    for _ in range(2):
        assert parts(client, 503)["migrations"].startswith("1 migrations not applied: run")
    newest.save(force_insert=True)
    assert parts(client, 503)["migrations"] == "ok"


@pytest.mark.django_db
def test_migrations_once_applied_are_not_looked_for_again(
    client: Client, broker_folder: Path, django_assert_num_queries: Any
) -> None:
    heartbeat()
    parts(client, 200)
    # The database answers; two heartbeats; which incidents are open.
    with django_assert_num_queries(4):
        parts(client, 200)


@pytest.mark.django_db
def test_how_late_the_escalation_is_stands_beside_the_parts_and_fails_nothing(
    client: Client, broker_folder: Path
) -> None:
    heartbeat()
    assert client.get("/readyz").json()["watchdog"] == {"at": None, "late": 0}
    scene()  # declared in the past; nobody was called
    sweeps.sweep(NOW)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["watchdog"] == {"at": "2026-11-23T09:00:00Z", "late": 1}


@pytest.mark.django_db
def test_a_missing_broker_folder_is_named(client: Client) -> None:
    heartbeat()
    assert parts(client, 503)["broker"] == "the broker's folder cannot be written"


@pytest.mark.django_db
@pytest.mark.redis
def test_a_running_redis_is_ok_and_a_stopped_one_is_not(
    client: Client, settings: Settings, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat()
    settings.REDIS_URL = redis_url
    monkeypatch.setattr("raci_project.health.app", app_at(redis_url))
    assert parts(client, 200)["broker"] == "ok"
    monkeypatch.setattr("raci_project.health.app", app_at("redis://:hidden@127.0.0.1:1/0"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["broker"] == "unavailable"
    assert b"hidden" not in response.content


def test_a_database_that_is_gone_is_a_503(client: Client, database_gone: None) -> None:
    assert parts(client, 503)["database"] == "unavailable"


def test_a_signed_in_browser_sees_the_503_too(client: Client, database_gone: None) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert client.get("/healthz").status_code == 200
    assert parts(client, 503)["database"] == "unavailable"


def app_at(url: str) -> type:
    """As much of a Celery app as the page asks for, at another broker."""

    class Elsewhere:
        @staticmethod
        def connection_for_write() -> object:
            return app.connection_for_write(url, transport_options={})

    return Elsewhere
