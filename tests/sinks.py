"""A mail server as a process of its own, which outlives nobody and tells what it took."""

import socket
import sys
from pathlib import Path
from typing import Any

from tests.servers import Server


class SinkProcess(Server):
    """A mail server in a process of its own, which notes what it took; see `tests.sink`."""

    def __init__(self, *, pace: float = 0.0) -> None:
        super().__init__()
        self.pace = pace
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.misbehave("accept")

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.sink", str(self.port), str(self.folder)]

    def ping(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.recv(100)

    def misbehave(self, mode: str) -> None:
        """How it takes every message from now on: a mode of `tests.sink`."""
        swap = self.folder / "mode.new"
        swap.write_text(f"{mode} {self.pace}")
        swap.rename(self.folder / "mode")

    @property
    def taken(self) -> Path:
        """A line of JSON for every message it took."""
        return self.folder / "taken"

    def _manner(self) -> dict[str, Any]:
        return super()._manner() | {"cwd": Path(__file__).parents[1]}
