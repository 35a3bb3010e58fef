"""Every scenario, one table: python -m tests.chaos [--messages N] [--only NAME …] [--out FILE].

Ends with 1 when a message was lost or sent twice without a reason, or anything else was not as it
must be. The figures go to var/chaos.json.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.chaos import disk
from tests.chaos.counting import Tally, count
from tests.chaos.ground import ROOT, Ground
from tests.chaos.installation import Installation
from tests.chaos.scenarios import SCENARIOS, Scenario

HEADS = (
    "scenario",
    "owed",
    "sent",
    "lost",
    "twice",
    "no reason",
    "late: median",
    "p95",
    "most",
)
WIDTHS = (36, 6, 6, 5, 6, 10, 13, 8, 8)


def main(argv: Sequence[str]) -> int:
    """Run what was asked for; the exit code."""
    asked = _arguments(argv)
    wanted = [each for each in SCENARIOS if not asked.only or each.name in asked.only]
    folder = Path(tempfile.mkdtemp(prefix="raci-chaos-"))
    folder.chmod(0o755)  # PostgreSQL, as somebody else, copies from within
    results: dict[str, Mapping[str, Any]] = {}
    try:
        ground = Ground(folder)
        print(_line(HEADS), flush=True)
        for scenario in wanted:
            results[scenario.name] = _result(scenario, ground, asked.messages)
            print(_row(scenario, results[scenario.name]), flush=True)
            _write(asked, results)
    finally:
        if not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(
        json.dumps({"messages": asked.messages, "scenarios": results}, indent=1)
    )
    return verdict(results, print)


def _write(asked: argparse.Namespace, results: Mapping[str, Mapping[str, Any]]) -> None:
    """After each scenario: a run that is broken off leaves what it found."""
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(
        json.dumps({"messages": asked.messages, "scenarios": results}, indent=1)
    )


def verdict(results: Mapping[str, Mapping[str, Any]], say: Callable[[str], None]) -> int:
    """0 where every scenario is sound; otherwise 1, and says what is not."""
    unsound = {name: result for name, result in results.items() if not result["sound"]}
    for name, result in unsound.items():
        for problem in (*result["which_lost"], *result["which_twice"], *result["problems"]):
            say(f"{name}: {problem}")
    return 1 if unsound or not results else 0


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--messages", type=int, default=1000, help="for each scenario")
    parser.add_argument("--only", action="append", choices=names, help="may be said again")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "chaos.json")
    parser.add_argument("--keep", action="store_true", help="leave logs and databases behind")
    return parser.parse_args(argv)


def _result(scenario: Scenario, ground: Ground, messages: int) -> Mapping[str, Any]:
    """A scenario that breaks off is a result as well: not a sound one."""
    began = time.monotonic()
    try:
        tally = _played(scenario, ground, messages)
    except Exception as error:
        tally = Tally(problems=[f"broke off: {type(error).__name__}: {error}"])
    return {"seconds": round(time.monotonic() - began), **tally.as_dict()}


def _played(scenario: Scenario, ground: Ground, messages: int) -> Tally:
    folder = ground.folder / scenario.name
    with (
        _on_its_disk(scenario, folder),
        Installation(ground, folder, **scenario.setup) as place,
    ):
        outcome = scenario.act(place, messages)
        problems = [*outcome.problems, *filter(None, [place.audit_problem()])]
        rows, arrivals = place.rows(), place.arrivals()
        refused = {row.pk for row in rows if "550" in row.last_error}
        return count(
            outcome.owed, rows, arrivals, place.blows, refused=refused, problems=problems
        )


@contextmanager
def _on_its_disk(scenario: Scenario, folder: Path) -> Iterator[None]:
    if scenario.name != "disk":
        yield
        return
    with disk.small(folder):
        yield


def _row(scenario: Scenario, result: Mapping[str, Any]) -> str:
    late = (f"{result[f'late_{which}']:.1f} s" for which in ("median", "p95", "most"))
    doubled = sum(result["twice"].values()) + result["twice_without_reason"]
    figures = (result["owed"], result["sent"], result["lost"], doubled)
    end = "" if result["sound"] else "  NOT SOUND"
    return _line((scenario.says, *figures, result["twice_without_reason"], *late)) + end


def _line(cells: Sequence[object]) -> str:
    first, *rest = (str(cell) for cell in cells)
    return first.ljust(WIDTHS[0]) + "".join(
        cell.rjust(width) for cell, width in zip(rest, WIDTHS[1:], strict=True)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
