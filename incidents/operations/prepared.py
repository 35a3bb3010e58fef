"""Queries asked at every request: their SQL is made once a process, for making it costs the most."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet

Rows: TypeAlias = Callable[..., QuerySet[Any, Any]]


class Prepared:
    """A query of texts and instants, written with the ORM and compiled at its first use.

    `rows` makes the query of its parameters; `markers` are values of their kinds that stand
    nowhere else in it. Calling it with the parameters gives the rows as the database has them:
    select keys, texts and numbers, nothing Django would convert.
    """

    def __init__(self, rows: Rows, *markers: str | datetime) -> None:
        self._rows = rows
        self._markers = markers

    def __call__(self, *values: str | datetime) -> list[Sequence[Any]]:
        """The rows, in one statement."""
        sql, places = self._compiled
        said = [_adapted(value) for value in values]
        with connection.cursor() as cursor:
            cursor.execute(sql, [part if at is None else said[at] for part, at in places])
            return list(cursor.fetchall())

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[Any, int | None]]]:
        """The SQL, and for each of its parameters its own value or which of ours stands there."""
        sql, parameters = self._rows(*self._markers).query.sql_with_params()
        markers = [_adapted(marker) for marker in self._markers]
        places = [
            (part, markers.index(part) if part in markers else None) for part in parameters
        ]
        return sql, places


def _adapted(value: str | datetime) -> Any:
    """As this database takes it: SQLite keeps instants as text."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
