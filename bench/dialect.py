"""The two things that the databases spell differently when rows are made inside them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def later(instant: str, minutes: str) -> str:
    """SQL: an instant (whole seconds) so many minutes later."""
    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%S', {instant}, ({minutes}) || ' minutes')"
    return f"({instant} + ({minutes}) * interval '1 minute')"


@contextmanager
def unguarded() -> Iterator[None]:
    """Load without a check of every foreign key, where that is what takes the time."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def settle() -> None:
    """Let the planner know what was loaded, as a server's own housekeeping does."""
    is_vacuumed = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if is_vacuumed else "ANALYZE")
