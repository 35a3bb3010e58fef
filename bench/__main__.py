"""python -m bench [--rows 10000,100000] [--database sqlite,postgres] [--million]

Each database at each size is loaded into a new, empty database and measured in a process of its
own. Prints one table and keeps the figures in var/bench.json.
"""

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import legal_live, planning, restart, status
from bench.measured import Measured, read
from bench.table import grown, lines
from tests.plugin import ENVIRONMENT
from tests.servers import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "var" / "bench.json"
MILLION = 1_000_000


def main(arguments: list[str]) -> None:
    """Measure what is asked for; raises where a promise is broken, not where an aim is missed."""
    asked = _asked(arguments)
    found: list[Measured] = []
    for database in asked.database:
        here = [one for rows in asked.rows for one in _measure(database, rows)]
        found += [*here, *grown(here)]
    found.append(status.measure())
    found += planning.measure()
    print("\n".join(lines(found)))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([one.as_dict() for one in found], indent=1) + "\n")
    print(f"Written to {OUT.relative_to(ROOT)}")


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", default="10000,100000", help="incidents, by commas")
    parser.add_argument("--database", default="sqlite,postgres", help="which, by commas")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 incidents")
    asked = parser.parse_args(arguments)
    asked.rows = sorted(map(int, asked.rows.split(","))) + [MILLION] * asked.million
    asked.database = asked.database.split(",")
    if unknown := set(asked.database) - {"sqlite", "postgres"}:
        parser.error(f"unknown database: {', '.join(unknown)}")
    return asked


def _measure(database: str, rows: int) -> list[Measured]:
    print(f"{database}, {rows:,} incidents", file=sys.stderr, flush=True)
    with ExitStack() as stack:
        var = Path(stack.enter_context(TemporaryDirectory(prefix="raci-bench-")))
        (var / "static").mkdir()
        server = stack.enter_context(PostgresServer()) if database == "postgres" else None
        url = server.url if server else f"sqlite:///{var / 'raci.sqlite3'}"
        environment = {**os.environ, **ENVIRONMENT, "VAR_DIR": str(var), "DATABASE_URL": url}
        out = var / "found.json"
        command = [sys.executable, "-m", "bench.one", database, str(rows), str(out)]
        subprocess.run(command, env=environment, check=True)
        found = [read(said) for said in json.loads(out.read_text())]
        found += legal_live.measure(database, rows, environment)
        if server:
            took = restart.first_request_ms(server, environment)
            found.append(Measured("first request after a restart: 200", database, rows, took))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
