"""The keeper of processes, with small real programs; then the whole program for real."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from raci_project import supervisor
from raci_project.supervisor import Child, Program, Surroundings
from tests.servers import free_port

PYTHON = sys.executable
FIRST_START = 180  # seconds; migrating and seeding wait for whatever else the machine does
KEEPER = """
import sys
from pathlib import Path
from raci_project.supervisor import Program, Supervisor, Surroundings
folder = Path(sys.argv[1])
sleeper = Program("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"))
Supervisor([sleeper], Surroundings(folder, {}, folder), print).run(lambda: None)
"""


def eventually(what: Callable[[], object], seconds: float = 20) -> object:
    """The first true answer of `what`, asked again and again; an assertion error without one."""
    give_up_at = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < give_up_at, f"{what} stayed false for {seconds} s"
        time.sleep(0.1)
    return answer


def children_of(parent: int) -> dict[str, int]:
    """The living direct children of a process: number by command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it ended while we looked
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found[command] = int(folder.name)
    return found


def is_alive(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def said() -> list[str]:
    return []


def child(code: str, folder: Path, said: list[str], *, memory_mb: int | None = None) -> Child:
    program = Program("small", (PYTHON, "-c", code), memory_mb)
    return Child(program, Surroundings(folder, dict(os.environ), folder), said.append)


@pytest.mark.processes
def test_a_dead_program_is_said_and_started_again_after_a_pause(
    tmp_path: Path, said: list[str]
) -> None:
    small = child("print('hello', flush=True); raise SystemExit(3)", tmp_path, said)
    small.tend(now=100)
    assert small.process is not None
    small.process.wait()
    small.tend(now=101)
    assert said == [
        f"small ended with status 3; starting it again in 0.5 s (see {small.around.log_of(small.program)})"
    ]
    small.tend(now=101.4)
    assert small.process is None
    small.tend(now=101.5)
    assert small.process is not None
    small.wait(until=time.monotonic() + 10)
    assert (tmp_path / "small.log").read_text() == "hello\nhello\n"


@pytest.mark.processes
def test_the_pause_doubles_up_to_half_a_minute_and_a_long_life_resets_it(
    tmp_path: Path, said: list[str]
) -> None:
    small = child("pass", tmp_path, said)
    pauses, now = [], 0.0
    for lifetime in [1] * 8 + [60]:
        small.tend(now)
        assert small.process is not None
        small.process.wait()
        now += lifetime
        small.tend(now)
        pauses.append(small.start_at - now)
        now = small.start_at
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 0.5]


@pytest.mark.processes
def test_a_program_deaf_to_sigterm_is_killed(tmp_path: Path, said: list[str]) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    small = child(deaf, tmp_path, said)
    small.tend(now=0)
    assert small.process is not None
    number = small.process.pid
    eventually((tmp_path / "small.log").read_text)
    small.ask_to_stop()
    small.wait(until=time.monotonic() + 0.3)
    assert not is_alive(number)


@pytest.mark.processes
def test_what_a_dead_leader_started_goes_with_it(tmp_path: Path, said: list[str]) -> None:
    leader = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True)"
    small = child(leader, tmp_path, said)
    small.tend(now=0)
    assert small.process is not None
    small.process.wait()
    number = int((tmp_path / "small.log").read_text())
    assert is_alive(number)
    small.tend(now=1)
    eventually(lambda: not is_alive(number))


GROWING = "import signal, time; {deaf}grown = bytearray(80_000_000); print('grown', flush=True); time.sleep(600)"
DEAF = "signal.signal(15, signal.SIG_IGN); "
ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux says how much memory a process holds"
)


def grown(folder: Path, said: list[str], *, deaf: str = "", memory_mb: int) -> Child:
    """A program of some 90 MB that has just reached them."""
    small = child(GROWING.format(deaf=deaf), folder, said, memory_mb=memory_mb)
    small.tend(now=100)
    eventually((folder / "small.log").read_text)
    return small


@pytest.mark.processes
@ON_LINUX
def test_a_program_that_outgrows_its_memory_is_asked_to_stop_and_started_anew(
    tmp_path: Path, said: list[str]
) -> None:
    small = grown(tmp_path, said, memory_mb=60)
    first = small.process
    assert first is not None
    small.tend(now=104.9)
    assert said == [], "it is not looked at all the time"
    small.tend(now=105)
    assert re.fullmatch(r"small holds \d+ MB of 60: asking it to stop", said[0])
    assert first.wait(10) == -signal.SIGTERM
    small.tend(now=106)
    small.tend(now=107)
    assert small.process not in (None, first)
    assert len(said) == 2
    small.wait(until=time.monotonic())


@pytest.mark.processes
@ON_LINUX
def test_one_that_does_not_stop_then_is_killed_after_a_minute(
    tmp_path: Path, said: list[str]
) -> None:
    small = grown(tmp_path, said, deaf=DEAF, memory_mb=60)
    assert small.process is not None
    small.tend(now=105)
    small.tend(now=164)
    assert small.process.poll() is None
    small.tend(now=170)
    assert small.process.wait(10) == -signal.SIGKILL
    assert len(said) == 1, "it is asked once"


@pytest.mark.processes
@ON_LINUX
def test_one_within_its_memory_is_left_alone(tmp_path: Path, said: list[str]) -> None:
    small = grown(tmp_path, said, memory_mb=500)
    assert small.process is not None
    small.tend(now=200)
    assert said == []
    assert 60 < supervisor.memory_of(small.process.pid) < 500
    small.wait(until=time.monotonic())
    assert supervisor.memory_of(0) == 0


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_keeper_with_success_and_its_children(
    tmp_path: Path, number: signal.Signals
) -> None:
    keeper = subprocess.Popen([PYTHON, "-c", KEEPER, str(tmp_path)], cwd=settings.BASE_DIR)
    eventually(lambda: children_of(keeper.pid))
    kept = children_of(keeper.pid).values()
    keeper.send_signal(number)
    assert keeper.wait(20) == 0
    assert not any(map(is_alive, kept))


@pytest.mark.processes
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_a_keeper_killed_outright_leaves_no_child(tmp_path: Path) -> None:
    keeper = subprocess.Popen([PYTHON, "-c", KEEPER, str(tmp_path)], cwd=settings.BASE_DIR)
    eventually(lambda: any("sleep" in command for command in children_of(keeper.pid)))
    kept = children_of(keeper.pid).values()
    keeper.kill()
    keeper.wait()
    eventually(lambda: not any(map(is_alive, kept)))


def test_a_child_of_a_parent_already_dead_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ended(Exception):  # noqa: N818 - stands for the end of the process
        pass

    def end(status: int) -> None:
        raise Ended

    monkeypatch.setattr(supervisor, "_LIBC", type("Libc", (), {"prctl": lambda *a: 0})())
    monkeypatch.setattr(os, "_exit", end)
    supervisor.die_with_parent(os.getppid())
    with pytest.raises(Ended):
        supervisor.die_with_parent(-1)


class Serving:
    """`manage.py serve` over a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.output = folder / "output"
        environment = os.environ | {
            "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": f"sqlite:///{folder / 'var' / 'raci.sqlite3'}",
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "WEB_CONCURRENCY": "1",
            "SEED_DEMO": "0",
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [PYTHON, "manage.py", "serve"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=output,
                stderr=output,
            )

    def ready_lines(self) -> list[str]:
        return re.findall(r"^Ready: (\S+)", self.output.read_text(), re.MULTILINE)

    def announced(self) -> list[str]:
        """The ready lines of a program that still runs; a dead one fails with what it said."""
        assert self.process.poll() is None, self.output.read_text()
        return self.ready_lines()

    def is_ready(self) -> bool:
        return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200

    def worker(self) -> int | None:
        """The number of the worker's process, when there is one."""
        commands = children_of(self.process.pid).items()
        return next((number for command, number in commands if " worker " in command), None)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    (tmp_path / "var").mkdir()
    # What a killed run may leave behind must not stop the next one.
    (tmp_path / "var" / "beat-schedule").write_bytes(b"half written")
    (tmp_path / "var" / "serve.lock").touch()
    program = Serving(tmp_path)
    yield program
    program.process.kill()
    program.process.wait()


@pytest.mark.processes
def test_serve_announces_itself_heals_and_ends_cleanly(
    serving: Serving, tmp_path: Path
) -> None:
    eventually(serving.announced, seconds=FIRST_START)
    eventually(serving.is_ready, seconds=60)

    other = subprocess.run(
        [PYTHON, "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port())},
        capture_output=True,
        text=True,
    )
    assert other.returncode == 1
    assert "already running" in other.stderr

    first = serving.worker()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: serving.worker() not in (first, None))
    assert "worker ended with status -9" in serving.output.read_text()

    kept = children_of(serving.process.pid).values()
    assert len(kept) == 3
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(30) == 0
    assert not any(map(is_alive, kept))
    assert serving.ready_lines() == [serving.url]
    assert serving.output.read_text().splitlines()[-2:] == ["Stopping …", "Stopped."]


@pytest.mark.processes
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_serve_killed_outright_leaves_nothing_running(serving: Serving, tmp_path: Path) -> None:
    eventually(serving.announced, seconds=FIRST_START)
    kept = children_of(serving.process.pid).values()
    serving.process.kill()
    serving.process.wait()
    eventually(lambda: not any(map(is_alive, kept)), seconds=30)


@pytest.mark.processes
def test_a_port_in_use_is_refused_before_anything_starts(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [PYTHON, "-m", "http.server", port := str(free_port())],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: _answers(port))
        second = subprocess.run(
            [PYTHON, "manage.py", "serve"],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {"VAR_DIR": str(tmp_path / "var"), "HOST": "127.0.0.1", "PORT": port},
            capture_output=True,
            text=True,
        )
    finally:
        first.kill()
        first.wait()
    assert second.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in second.stderr
    assert not (tmp_path / "var" / "broker").exists()


def _answers(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    except httpx.TransportError:
        return False
