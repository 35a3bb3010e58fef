"""What is said to be stored is stored where the name of the database leads, although it was replaced."""

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from raci_project import database_file


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A database of its own beside that of the tests, with one table."""
    path = tmp_path / "here.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")  # without, SQLite itself refuses to write
        made.execute("CREATE TABLE said (what TEXT)")
    made.close()
    settings = connections["default"].settings_dict | {
        "NAME": str(path), "ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}, "CONN_MAX_AGE": 60,
    }  # fmt: skip
    kept = DatabaseWrapper(settings, "replaced")
    among = SimpleNamespace(all=lambda initialized_only: [kept])
    monkeypatch.setattr(database_file, "connections", among)
    yield kept
    kept.close()


def say(database: DatabaseWrapper, what: str) -> None:
    database.ensure_connection()
    database.connection.execute("INSERT INTO said VALUES (?)", [what])
    database.connection.commit()


def said(path: Path) -> list[str]:
    opened = sqlite3.connect(path)
    try:
        return [what for (what,) in opened.execute("SELECT what FROM said")]
    finally:
        opened.close()


@pytest.mark.django_db
def test_a_request_opens_the_file_that_took_the_place_of_the_one_it_knew(
    database: DatabaseWrapper, tmp_path: Path
) -> None:
    path, copy = Path(database.settings_dict["NAME"]), tmp_path / "copy.sqlite3"
    say(database, "before")
    database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, copy)
    copy.replace(path)
    for beside in ("-wal", "-shm"):
        Path(f"{path}{beside}").unlink()
    request_started.send(sender=None)
    say(database, "after")
    assert said(path) == ["before", "after"]


@pytest.mark.django_db
def test_a_connection_is_kept_while_its_file_is_there(database: DatabaseWrapper) -> None:
    say(database, "before")
    opened = database.connection
    request_started.send(sender=None)
    assert database.connection is opened
