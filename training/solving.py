"""Has the solver think in a process of its own, which cannot outlive, hang or bloat ours.

The process reads the problem, says how far it is, and answers; it is ended when it takes too
long. Durations are seconds.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from incidents.rules.reasons import Refused
from training.models import YearPlan
from training.operations import year_plan, year_problem
from training.rules.planning import Answer, Problem
from training.rules.planning_json import answer_from_json, problem_as_json

Say = Callable[[Mapping[str, float]], None]
BESIDE = 30.0  # for starting, reading, and finding out what would make it possible
MEMORY = (
    4 * 2**30
)  # bytes of address space; a plan for 1,000 people takes less than one of these
HOME = Path(__file__).resolve().parent.parent
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class SolvingFailed(Exception):  # noqa: N818  (named like the other refusals of this product)
    """The solver's process gave no answer; says why."""


def solve(problem: Problem, *, say: Say = lambda _: None) -> Answer:
    """The solver's answer; `say` hears seconds, objective and bound of each better plan.

    Raises SolvingFailed where the process refused, was ended, or answered nothing.
    """
    with tempfile.TemporaryFile("w+") as why:
        process = subprocess.Popen(
            [sys.executable, "-m", "training.solver"],
            cwd=HOME,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=why,
            text=True,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(HOME)},
            preexec_fn=partial(_bound, os.getpid()),
        )
        watch = threading.Timer(problem.seconds + BESIDE, process.kill)
        watch.daemon = True
        watch.start()
        try:
            answer = _answer(process, problem, say)
        finally:
            watch.cancel()
            process.kill()
            process.wait()
        if answer is None:
            why.seek(0)
            raise SolvingFailed(_explained(process.returncode, why))
        return answer


def solve_waiting(clock: Callable[[], datetime]) -> YearPlan | None:
    """Think about the plan asked for longest, if there is one; it gets its answer, or why there is none.

    `clock` tells the instant: what is thought about for long is settled later than it was begun.
    """
    plan = year_plan.claim(at=clock())
    if plan is None:
        return None
    try:
        asked = year_problem.read(plan, at=clock())
        answer = solve(
            asked.problem, say=lambda progress: year_plan.tell(plan, progress, at=clock())
        )
    except (SolvingFailed, Refused) as error:
        why = str(error)
        return _settled(lambda: year_plan.fail(plan, why, at=clock()))
    return _settled(lambda: year_plan.settle(plan, asked, answer, at=clock()))


def _settled(act: Callable[[], YearPlan]) -> YearPlan | None:
    """What was stopped or asked for anew while it was thought about is let go."""
    try:
        return act()
    except Refused as refused:
        if refused.has("answer_not_awaited"):
            return None
        raise


def _answer(process: subprocess.Popen[str], problem: Problem, say: Say) -> Answer | None:
    if process.stdin is None or process.stdout is None:
        raise SolvingFailed("The solver's process has no ends to speak through.")
    try:
        with process.stdin as there:
            json.dump(problem_as_json(problem), there)
    except BrokenPipeError:  # it ended before it had read everything: its status says why
        pass
    with process.stdout as lines:
        for said in _lines(lines):
            if "answer" in said:
                process.wait()
                return answer_from_json(said["answer"])
            say(said["progress"])
    process.wait()
    return None


def _lines(stream: IO[str]) -> Iterator[dict[str, Any]]:
    """What it said in whole lines: what it was ended in the middle of is no answer."""
    for line in stream:
        if not line.endswith("\n"):
            return
        if line.strip():
            yield _read(line)


def _read(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if isinstance(said, dict) and ("answer" in said or "progress" in said):
        return said
    raise SolvingFailed(f"The planner said what nobody can read: {line.strip()[:80]}")


def _explained(status: int, why: IO[str]) -> str:
    if status == 2:
        return why.read().strip()
    if status < 0:
        return (
            f"The planner was ended ({signal.Signals(-status).name}) before it had an answer: give it "
            "more time or memory, or plan fewer exercises."
        )
    last = (why.read().strip().splitlines() or ["it said nothing"])[-1]
    return f"The planner gave no answer (status {status}): {last}."


def _bound(parent: int) -> None:
    """Run between fork and exec: it dies with us, kill -9 included (Linux), and stays in bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)
