"""docs/running.md names every environment variable and every check there is."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from raci_project import queues
from raci_project.celery import app

PROJECT = settings.BASE_DIR / "raci_project"
READ = re.compile(r"""env\.\w+\(\s*"([A-Z_]+)\"""")
READ_IN_A_LOOP = re.compile(r"""env\.\w+\(\s*f"([A-Z_]+)\{""")
# Names made in a loop stand nowhere in the source: what is asked for is noted.
NOTING = """
import json, os
from collections import UserDict

asked = set()

class Noting(UserDict):
    def __getitem__(self, name):
        asked.add(name)
        return super().__getitem__(name)

os.environ = Noting(os.environ)
import raci_project.settings
print(json.dumps(sorted(asked)))
"""


def text() -> str:
    return (settings.BASE_DIR / "docs" / "running.md").read_text()


def table_keys(pattern: str) -> set[str]:
    return set(re.findall(rf"^\| `({pattern})` \|", text(), re.MULTILINE))


def sources(folder: Path) -> str:
    return "\n".join(file.read_text() for file in folder.rglob("*.py"))


def asked_for(var: Path) -> set[str]:
    """Every variable that the settings ask the environment for as they are read."""
    done = subprocess.run(
        [sys.executable, "-c", NOTING],
        cwd=settings.BASE_DIR,
        env=os.environ | {"VAR_DIR": str(var)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def variables_read(var: Path) -> set[str]:
    source = sources(PROJECT)
    prefixes = tuple(READ_IN_A_LOOP.findall(source))
    looped = {name for name in asked_for(var) if prefixes and name.startswith(prefixes)}
    return set(READ.findall(source)) | looped


def test_every_variable_read_is_documented_and_no_other(tmp_path: Path) -> None:
    found = variables_read(tmp_path)
    assert {"DATABASE_URL", "PORT", "CHANNEL_SMS", "WORKER_MEMORY_MB"} <= found
    assert table_keys("[A-Z_]+") == found


def test_every_check_is_documented_and_no_other() -> None:
    ids = set(re.findall(r'id="(raci\.\w+)"', (PROJECT / "checks.py").read_text()))
    assert "raci.E001" in ids
    assert table_keys(r"raci\.[EW]\d+") == ids


def test_every_queue_is_documented_with_the_tasks_it_takes() -> None:
    said = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text(), re.MULTILINE))
    for queue in queues.QUEUES:
        tasks = {
            entry["task"]
            for entry in app.conf.beat_schedule.values()
            if entry["options"]["queue"] == queue
        }
        assert set(re.findall(r"`(\w+\.\w+)`", said[queue])) == tasks


def test_every_metric_is_documented_and_no_other() -> None:
    told = set(re.findall(r'"(raci_\w+)"', (PROJECT / "metrics_page.py").read_text()))
    assert "raci_messages" in told
    assert table_keys(r"raci_\w+") == told
