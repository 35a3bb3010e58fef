"""A connection to SQLite is kept between requests; the file it opened may be replaced meanwhile.

Who restores a copy moves it into the place of the old file. Whoever has that open would go on
reading and writing what no name leads to any more: said to be stored, and gone. So each request
looks (one `stat`) whether the file is still the one its connection opened.
"""

import os
from typing import Any

from django.core.signals import request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

Identity = tuple[int, int]


def watch() -> None:
    """From now on, for every connection to SQLite of this process."""
    connection_created.connect(_remember, dispatch_uid="raci_project.database_file")
    request_started.connect(_close_replaced, dispatch_uid="raci_project.database_file")


def _remember(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.opened_file = _identity(connection)  # type: ignore[attr-defined]


def _close_replaced(**_: Any) -> None:
    for connection in connections.all(initialized_only=True):
        if connection.vendor != "sqlite" or connection.connection is None:
            continue
        is_replaced = getattr(connection, "opened_file", None) != _identity(connection)
        if is_replaced and not connection.in_atomic_block:
            connection.close()


def _identity(connection: BaseDatabaseWrapper) -> Identity | None:
    """Which file its name leads to; None of no file, as of a database in memory."""
    try:
        found = os.stat(connection.settings_dict["NAME"])
    except OSError:
        return None
    return found.st_dev, found.st_ino
