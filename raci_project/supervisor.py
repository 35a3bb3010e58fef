"""Keeps processes: starts them, starts the dead again, and leaves none behind when it goes.

It knows nothing of Django or of what the processes do. Durations are seconds, instants are
readings of the monotonic clock.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
PROVEN_AFTER = 60.0  # after so long a life a death is an accident, not a pattern
GRACE = 10.0
TICK = 0.2
LOOK_EVERY = 5.0  # at the memory of a program that has a limit
LET_FINISH = 60.0  # so long one that outgrew it may take to end
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

Say = Callable[[str], None]


def die_with_parent(parent: int) -> None:
    """Run between fork and exec: the kernel ends this process when `parent` dies, kill -9 included.

    Linux only; elsewhere a killed parent leaves its children to be stopped by hand.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """A dead leader may leave workers that hold its port: they go too."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def memory_of(process: int) -> int:
    """Mebibytes of memory it holds at this moment; 0 where that cannot be known (Linux only)."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * PAGE_SIZE // 2**20


@dataclass(frozen=True)
class Program:
    """One process to keep: its name in messages and log file, and its command line.

    One that holds more than `memory_mb` mebibytes is asked to stop, and started anew.
    """

    name: str
    argv: tuple[str, ...]
    memory_mb: int | None = None


@dataclass(frozen=True)
class Surroundings:
    """What every child shares: where it runs, its environment, where its output goes."""

    cwd: Path
    env: Mapping[str, str]
    log_dir: Path

    def log_of(self, program: Program) -> Path:
        """The file that receives both output streams of `program`."""
        return self.log_dir / f"{program.name}.log"


class Child:
    """One program through its lives: running, or waiting for its next start."""

    def __init__(self, program: Program, around: Surroundings, say: Say) -> None:
        self.program = program
        self.around = around
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at = 0.0
        self.delay = FIRST_DELAY
        self.look_at = 0.0
        self.kill_at: float | None = None  # set when it was asked to stop for its memory

    def tend(self, now: float) -> None:
        """Start it when it is due; when it has died, say so and set the next start."""
        if self.process is None:
            if now >= self.start_at:
                self._start(now)
        elif self.process.poll() is not None:
            self._bury(self.process, now)
        elif self.program.memory_mb is not None and now >= self.look_at:
            self.look_at = now + LOOK_EVERY
            self._look(self.process, self.program.memory_mb, now)

    def ask_to_stop(self) -> None:
        """SIGTERM: the program may finish what it holds."""
        if self.process is not None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Return when it has ended, by itself before the instant `until` or else by SIGKILL."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, until - time.monotonic()))
        _end_group(self.process)
        self.process.wait()
        self.process = None

    def _start(self, now: float) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the keeper alone, which then
        # stops each child once. (Celery takes a second signal for "drop your work".)
        with self.around.log_of(self.program).open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the command lines are our own
                self.program.argv,
                cwd=self.around.cwd,
                env=self.around.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),
            )
        self.started_at = now
        self.look_at, self.kill_at = now + LOOK_EVERY, None

    def _look(self, process: subprocess.Popen[bytes], limit: int, now: float) -> None:
        """A program that grows for ever would take the others with it."""
        if self.kill_at is not None:
            if now >= self.kill_at:
                _end_group(process)
        elif (used := memory_of(process.pid)) > limit:
            self.say(f"{self.program.name} holds {used} MB of {limit}: asking it to stop")
            self.kill_at = now + LET_FINISH
            self.ask_to_stop()

    def _bury(self, process: subprocess.Popen[bytes], now: float) -> None:
        _end_group(process)
        if now - self.started_at >= PROVEN_AFTER:
            self.delay = FIRST_DELAY
        self.say(
            f"{self.program.name} ended with status {process.returncode}; "
            f"starting it again in {self.delay:g} s (see {self.around.log_of(self.program)})"
        )
        self.process = None
        self.start_at = now + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)


class Supervisor:
    """Keeps every program alive until it is told to stop; then none of them lives."""

    def __init__(self, programs: Iterable[Program], around: Surroundings, say: Say) -> None:
        self.children = [Child(program, around, say) for program in programs]
        self.stopping = False

    def run(
        self, on_tick: Callable[[], None], on_stop: Callable[[], None] = lambda: None
    ) -> None:
        """Blocks until SIGINT or SIGTERM; calls `on_tick` several times a second.

        `on_stop` is called when it was told to stop, before the programs are.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            while not self.stopping:
                for child in self.children:
                    child.tend(time.monotonic())
                on_tick()
                time.sleep(TICK)
            on_stop()
        finally:
            self._stop()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # A flag and nothing else: a handler that takes a lock can meet itself.
        self.stopping = True

    def _stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + GRACE
        for child in self.children:
            child.wait(until)
