"""Everything measured on one database at one size."""

from collections.abc import Iterator
from datetime import datetime

from django.test import override_settings

from bench import (
    company,
    declaring,
    legal,
    live,
    load,
    matrices,
    nudging,
    outbox,
    pages,
    publishing,
    staffing,
)
from bench.measured import Effort, Measured

# The bare views beside our own addresses; file names without the hashes of `collectstatic`.
_SETTINGS = {
    "ROOT_URLCONF": "bench.bare",
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
}


def run(database: str, rows: int, *, at: datetime, effort: Effort) -> Iterator[Measured]:
    """Load an empty, migrated database and measure; raises where a promise is broken."""
    at = at.replace(microsecond=0)
    with override_settings(**_SETTINGS):
        found = company.found(at)
        load.load(found, rows)
        for part in (
            pages, live, declaring, nudging, matrices, staffing, outbox, publishing, legal,
        ):  # fmt: skip
            yield from part.measure(found, database, rows, effort)
