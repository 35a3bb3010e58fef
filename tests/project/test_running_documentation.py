"""docs/running.md names every environment variable and every check there is."""

import re
from pathlib import Path

from django.conf import settings

PROJECT = settings.BASE_DIR / "raci_project"
READ = re.compile(r"""env\.\w+\(\s*"([A-Z_]+)\"""")


def table_keys(pattern: str) -> set[str]:
    text = (settings.BASE_DIR / "docs" / "running.md").read_text()
    return set(re.findall(rf"^\| `({pattern})` \|", text, re.MULTILINE))


def variables_read(folder: Path) -> set[str]:
    return {name for file in folder.rglob("*.py") for name in READ.findall(file.read_text())}


def test_every_variable_read_is_documented_and_no_other() -> None:
    assert "DATABASE_URL" in variables_read(PROJECT)
    assert "PORT" in variables_read(PROJECT)
    assert table_keys("[A-Z_]+") == variables_read(PROJECT)


def test_every_check_is_documented_and_no_other() -> None:
    ids = set(re.findall(r'id="(raci\.\w+)"', (PROJECT / "checks.py").read_text()))
    assert "raci.E001" in ids
    assert table_keys(r"raci\.[EW]\d+") == ids
