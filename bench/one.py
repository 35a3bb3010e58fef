"""One database at one size, in a process of its own: python -m bench.one DATABASE ROWS OUT.

The environment names the database; its figures go to the file OUT as JSON.
"""

import gc
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci_project.settings")
django.setup()

from bench.measured import Effort  # noqa: E402 - models load after the settings
from bench.suite import run  # noqa: E402


def main(database: str, rows: int, out: Path) -> None:
    """Migrate, load, measure, write."""
    began = perf_counter()
    call_command("migrate", verbosity=0)
    gc.collect()
    gc.freeze()  # as the server's own processes do: raci_project/wsgi.py
    found = []
    for measured in run(database, rows, at=datetime.now(UTC), effort=Effort()):
        print(
            f"  {perf_counter() - began:6.1f} s  {measured.name}", file=sys.stderr, flush=True
        )
        found.append(measured.as_dict())
    out.write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
