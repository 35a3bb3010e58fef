"""Databases with all tables, made once a run: each scenario begins with a copy."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.migrated import migrated
from tests.plugin import ENVIRONMENT
from tests.servers import PostgresServer

ROOT = Path(__file__).parents[2]


def environment(var: Path, **more: str) -> dict[str, str]:
    """What every process is told: nothing of the developer's own settings, all files below `var`."""
    return os.environ | ENVIRONMENT | {"VAR_DIR": str(var)} | more


def run(*argv: str, env: Mapping[str, str]) -> str:
    """A program of the repository until it ends; what it printed. One that fails says why."""
    done = subprocess.run(
        [sys.executable, *argv], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


class Ground:
    """The two templates, below a folder of this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sqlite = folder / "template.sqlite3"
        self.postgres = folder / "template.postgres"

    def make_sqlite(self) -> Path:
        """A SQLite file with every table and what a start puts into them."""
        if not self.sqlite.exists():
            if migrated().exists():
                shutil.copyfile(migrated(), self.sqlite)
            self._migrate(f"sqlite:///{self.sqlite}")
        return self.sqlite

    def make_postgres(self) -> Path:
        """The data folder of a stopped PostgreSQL with the same; kept for the next run."""
        if self.postgres.exists():
            return self.postgres
        kept = migrated().with_suffix(".postgres")
        with PostgresServer(data=kept if kept.exists() else None) as server:
            self._migrate(server.url)
            server.halt()
            shutil.copytree(server.folder / "data", self.postgres)
        if not kept.exists():
            half = kept.with_suffix(f".{os.getpid()}")
            shutil.copytree(self.postgres, half)
            half.replace(kept)
        return self.postgres

    def _migrate(self, url: str) -> None:
        env = environment(self.folder, DATABASE_URL=url)
        run("manage.py", "migrate", "--verbosity", "0", env=env)
