"""The solver's own process: it answers, is refused, is ended, and leaves nobody behind."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW
from tests.training.year import company, made
from training import solving
from training.models import YearPlan
from training.operations import year_plan
from training.rules.planning import Candidate, Pin, Problem, Seat, Slot, Story
from training.rules.planning_score import broken, worth

SEATS = (Seat(COMMANDER), Seat(COMMUNICATIONS))
SLOTS = tuple(Slot(n, n, f"2027-0{n + 1}-10T10:00:00+00:00") for n in range(2))
PEOPLE = tuple(
    Candidate(
        f"p{n}", qualified=frozenset({COMMANDER, COMMUNICATIONS}), slots=frozenset({0, 1})
    )
    for n in range(4)
)
PROBLEM = Problem(2, SEATS, SLOTS, (Story("one"), Story("two")), PEOPLE, seconds=5)


def test_the_answer_is_proven_and_progress_is_heard():
    heard: list[object] = []
    answer = solving.solve(PROBLEM, say=heard.append)
    assert answer.status == "optimal"
    assert broken(PROBLEM, answer.planned) == ()
    assert worth(PROBLEM, answer.planned) == answer.objective == answer.bound
    assert all({"seconds", "objective", "bound"} <= set(one) for one in heard)


def test_a_problem_that_contradicts_itself_comes_back_with_why():
    with pytest.raises(solving.SolvingFailed, match="no exercise 8"):
        solving.solve(replace(PROBLEM, pins=(Pin(7, slot=0),)))


def test_a_solver_that_hangs_is_ended_with_what_to_do(monkeypatch):
    monkeypatch.setattr(solving, "BESIDE", -4.9)
    with pytest.raises(solving.SolvingFailed, match="more time"):
        solving.solve(PROBLEM)


@pytest.fixture
def saying(tmp_path, monkeypatch):
    """Another program in the solver's place: it reads its problem, says this, and comes to this end."""

    def instead(text: str, then: str = "") -> None:
        package = tmp_path / "training"
        package.mkdir(exist_ok=True)
        program = f"import os, signal, sys\nsys.stdin.read()\nos.write(1, {text.encode()!r})\n{then}\n"
        (package / "__init__.py").touch()
        (package / "solver.py").write_text(program)
        monkeypatch.setattr(solving, "HOME", tmp_path)

    return instead


@pytest.mark.parametrize("half", ['{"progress": {"seco', '{"answer": {"status": "opt', "{"])
@pytest.mark.django_db
def test_a_solver_killed_in_the_middle_of_a_line_has_given_no_answer(half, saying):
    """The plan says so at once, and does not wait for the lease of who thinks no more."""
    saying(half, "os.kill(os.getpid(), signal.SIGKILL)")
    company()
    plan = made()
    assert solving.solve_waiting(lambda: NOW) == plan
    plan.refresh_from_db()
    assert plan.outcome == "failed"
    assert plan.claim == ""
    assert "SIGKILL" in plan.answer["reasons"][0]


def test_a_solver_that_says_what_nobody_can_read_has_failed(saying):
    for text in ("no JSON\n", "[]\n", "{}\n"):
        saying(text)
        with pytest.raises(solving.SolvingFailed, match="nobody can read"):
            solving.solve(PROBLEM)


def test_the_solver_dies_with_who_asked_even_by_kill_9():
    """Otherwise a restarted worker would think twice about the same plan."""
    program = (
        "import subprocess, sys, os\n"
        "from functools import partial\n"
        "from training.solving import _bound\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " preexec_fn=partial(_bound, os.getpid()))\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    home = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup()\n{program}"],
        stdout=subprocess.PIPE, text=True, cwd=home,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "raci_project.settings"},
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{child}/stat").exists() and time.monotonic() < until:
        if Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.05)
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


@pytest.mark.django_db
def test_a_worker_takes_up_what_was_asked_for_and_settles_it():
    company()
    plan = made()
    assert solving.solve_waiting(lambda: NOW) == plan
    plan.refresh_from_db()
    assert plan.outcome == "optimal"
    assert plan.game_days.count() == 4
    assert solving.solve_waiting(lambda: NOW) is None


@pytest.mark.django_db
def test_what_was_stopped_meanwhile_is_let_go(monkeypatch):
    company()
    plan = made()

    def stopped(problem, **_):
        year_plan.stop(plan, actor=plan.made_by, at=NOW)
        raise solving.SolvingFailed("ended")

    monkeypatch.setattr(solving, "solve", stopped)
    assert solving.solve_waiting(lambda: NOW) is None
    assert YearPlan.objects.get().outcome == ""


@pytest.mark.django_db
def test_a_planner_that_fails_says_so_on_the_plan(monkeypatch):
    company()
    plan = made()

    def failing(problem, **_):
        raise solving.SolvingFailed("It ran out of memory.")

    monkeypatch.setattr(solving, "solve", failing)
    solving.solve_waiting(lambda: NOW)
    plan.refresh_from_db()
    assert plan.outcome == "failed"
    assert plan.answer["reasons"] == ["It ran out of memory."]
