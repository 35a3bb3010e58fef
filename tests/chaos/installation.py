"""One installation under fire: real servers, and the processes as the program's own keeper runs them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import psycopg

from raci_project.supervisor import Child, Program, Surroundings, die_with_parent
from tests.chaos.counting import Arrival, Blow, Row
from tests.chaos.ground import ROOT, Ground, environment, run
from tests.chaos.programs import beat, company_worker, web, worker
from tests.servers import PostgresServer, RedisServer, free_port
from tests.sinks import SinkProcess

PATIENCE = 240.0  # seconds until what still waits counts as lost
LOOK_EVERY = 0.25
STARTED_WITHIN = 60.0
WORKS_FOR = 1.5
EMAIL_TIMEOUT = 2  # seconds; a killed worker's messages come back after eight of them
_ROWS = "SELECT id, dedupe_key, status, due_at, last_error FROM incidents_outboxmessage"
_WAITING = "SELECT count(*) FROM incidents_outboxmessage WHERE status IN ('pending', 'held')"
_AWAY = (psycopg.Error, sqlite3.Error, OSError)


class Installation:
    """Everything one scenario runs, in a folder of its own; as a context manager all of it ends.

    `embedded`: SQLite and the broker in files, as `serve` has them; otherwise PostgreSQL that keeps
    what it committed, and Redis, with two workers. `shifted`: the clock of its processes can be set.
    """

    def __init__(
        self,
        ground: Ground,
        folder: Path,
        *,
        embedded: bool = False,
        shifted: bool = False,
        beats: int = 1,
        has_web: bool = False,
        pace: float = 0.01,
    ) -> None:
        self.folder, self.embedded = folder, embedded
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = folder / "clock"
        self.sink = SinkProcess(pace=pace)
        self.redis = None if embedded else RedisServer()
        self.postgres: PostgresServer | None = None
        if embedded:
            self._embed(ground)
        else:
            self.postgres = PostgresServer(durable=True, data=ground.make_postgres())
        self.port = free_port()
        self.env = self._environment(shifted=shifted)
        self.blows: list[Blow] = []
        self.said: list[str] = []
        self.children = self._children(beats, has_web=has_web)
        self._ending = Event()
        self._keeper = Thread(target=self._keep)

    def _embed(self, ground: Ground) -> None:
        for name in ("broker", "broker-control"):
            (self.folder / name).mkdir(exist_ok=True)
        template = sqlite3.connect(ground.make_sqlite())
        mine = sqlite3.connect(self.folder / "raci.sqlite3")
        template.backup(mine)
        template.close()
        mine.close()

    def _environment(self, *, shifted: bool) -> dict[str, str]:
        env = environment(
            self.folder,
            DATABASE_URL=self.postgres.url
            if self.postgres
            else f"sqlite:///{self.folder / 'raci.sqlite3'}",
            REDIS_URL=self.redis.url if self.redis else "",
            EMAIL_URL=self.sink.url,
            EMAIL_TIMEOUT=str(EMAIL_TIMEOUT),
            SWEEP_SECONDS="1",
            DELIVER_SECONDS="1",
            PAGE_SECONDS="1",
        )
        if shifted:
            self.set_clock(0)
            env |= {
                "CHAOS_CLOCK": str(self.clock),
                "PYTHONPATH": str(ROOT / "tests" / "chaos" / "shifted"),
            }
        return env

    def _children(self, beats: int, *, has_web: bool) -> dict[str, Child]:
        programs = [worker("worker-a")]
        if not self.embedded:
            programs.append(company_worker("worker-b"))
        programs += [beat(f"beat-{number}") for number in range(beats)]
        if has_web:
            programs.append(web(self.port))
        (self.folder / "log").mkdir(exist_ok=True)
        around = Surroundings(ROOT, self.env, self.folder / "log")
        return {each.name: self._child(each, around) for each in programs}

    def _child(self, program: Program, around: Surroundings) -> Child:
        return Child(program, around, self.said.append)

    def _keep(self) -> None:
        """What `serve` and systemd do: whatever died is started again."""
        while not self._ending.wait(0.1):
            for child in self.children.values():
                with suppress(OSError):  # no room for its log: it is tried again at once
                    child.tend(time.monotonic())
        for child in self.children.values():
            child.ask_to_stop()
        until = time.monotonic() + 10
        for child in self.children.values():
            child.wait(until)

    # --- what is done to it

    def owe(self, *words: object) -> Any:
        """Whatever `tests.chaos.owing` answers."""
        argv = ("-m", "tests.chaos.owing", *map(str, words))
        return json.loads(run(*argv, env=self.env))

    def set_clock(self, shift: float) -> None:
        """From now on the processes' clock differs by so many seconds."""
        swap = self.folder / "clock.new"
        swap.write_text(str(shift))
        swap.rename(self.clock)

    @contextmanager
    def blow(self, what: str, hands: int = 2) -> Iterator[None]:
        """What happens inside explains why a message of these seconds was sent twice."""
        began = time.time()
        try:
            yield
        finally:
            self.blows.append(Blow(what, began, time.time(), hands))

    def kill(self, name: str, what: str = "") -> bool:
        """kill -9 of a program and all it started; False when it was not running."""
        process = self.children[name].process
        if process is None or process.poll() is not None:
            return False
        with self.blow(what or f"{name} was killed"), suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return True

    @contextmanager
    def grabbing(self, processes: int) -> Iterator[None]:
        """So many more processes that take whatever is due, without a pause."""
        argv = [sys.executable, "-m", "tests.chaos.grabbing"]
        running = [
            subprocess.Popen(
                argv, cwd=ROOT, env=self.env, preexec_fn=partial(die_with_parent, os.getpid())
            )
            for _ in range(processes)
        ]
        try:
            yield
        finally:
            ended = [process.poll() for process in running]
            for process in running:
                process.kill()
                process.wait()
        if any(status is not None for status in ended):
            raise RuntimeError(f"they should run until they are stopped: {ended}")

    def audit_problem(self) -> str:
        """What is wrong with the chain of audit lines; empty: nothing."""
        try:
            run("manage.py", "verify_audit", env=self.env)
        except RuntimeError as error:
            return str(error)
        return ""

    def kill_at_work(self, name: str) -> bool:
        """kill -9 of a worker once it is up and had time to take something into its hands."""
        if not self.wait(lambda: self._is_up(name), STARTED_WITHIN):
            raise RuntimeError(f"{name} was not started again: see {self.folder / 'log'}")
        time.sleep(WORKS_FOR)
        return self.kill(name)

    def _is_up(self, name: str) -> bool:
        process = self.children[name].process
        beats = f"SELECT count(*) FROM incidents_heartbeat WHERE name LIKE 'worker:{name}@%:"
        return process is not None and bool(self.ask(f"{beats}{process.pid}'")[0][0])

    def restarts(self, name: str) -> int:
        """How often the keeper found it dead."""
        return sum(line.startswith(f"{name} ended") for line in self.said)

    # --- what is seen of it

    def ask(self, sql: str) -> Sequence[tuple[Any, ...]]:
        """Rows of its database, read beside the program."""
        if self.postgres:
            with psycopg.connect(self.postgres.url, connect_timeout=2) as connection:
                return connection.execute(sql).fetchall()  # type: ignore[arg-type]
        connection = sqlite3.connect(f"file:{self.folder / 'raci.sqlite3'}?mode=ro", uri=True)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def rows(self) -> list[Row]:
        """The whole outbox."""
        return [
            Row(pk, key, status, _seconds(due_at), error)
            for pk, key, status, due_at, error in self.ask(_ROWS)
        ]

    def arrivals(self) -> list[Arrival]:
        """What the mail server took: a Message-ID begins with the key of its row."""
        if not self.sink.taken.exists():
            return []
        lines = map(json.loads, self.sink.taken.read_text().splitlines())
        return [
            Arrival(int(line["id"].strip("<").split(".")[0]), line["at"], line["answered"])
            for line in lines
        ]

    def wait(self, done: Callable[[], bool], within: float = PATIENCE) -> bool:
        """Whether it came to be in time; a database that is away is asked again."""
        give_up_at = time.monotonic() + within
        while time.monotonic() < give_up_at:
            with suppress(*_AWAY):
                if done():
                    return True
            time.sleep(LOOK_EVERY)
        return False

    def settle(self, count: int, within: float = PATIENCE) -> bool:
        """Whether so many messages were composed and none waits any more."""
        return self.wait(
            lambda: len(self.rows()) >= count and not self.ask(_WAITING)[0][0], within
        )

    def arrived(self, count: int) -> bool:
        """Wait until the mail server took so many."""
        return self.wait(lambda: len(self.arrivals()) >= count)

    def __enter__(self) -> Self:
        servers = (self.postgres, self.redis, self.sink)
        try:
            for server in filter(None, servers):
                server.start()
            self._keeper.start()
            self._await_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await_start(self) -> None:
        """Until the whole chain works: scheduler, broker, worker, database."""
        beaten = "SELECT count(*) FROM incidents_heartbeat WHERE name = 'scheduler'"
        if not self.wait(lambda: bool(self.ask(beaten)[0][0]), STARTED_WITHIN):
            raise RuntimeError(f"not started: see {self.folder / 'log'}")

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for server in filter(None, (self.postgres, self.redis, self.sink)):
            server.stop()


def _seconds(instant: Any) -> float:
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    return float(instant.timestamp())
