"""The command `check_matrix`: exit codes, JSON shape, text for people, no database."""

import io
import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError
from openpyxl import Workbook

from raci_project.management.commands.check_matrix import Command
from tests.factories import SOUND_MATRIX

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"
SOUND = "phase,activity,Lead,Scribe,Fixer\ndeclare,Open call,A/R,I,\nfix,Roll back,A,R,R\n"
ERRONEOUS = "phase,activity,role,raci\ndeclare,Open call,Lead,R\n"


def run(path: Path, form: str = "text") -> tuple[int, str]:
    """Exit code and standard output of the command over this file."""
    out = io.StringIO()
    try:
        Command(stdout=out).handle(file=path, format=form)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    return tmp_path / "matrix.csv"


def test_a_matrix_without_errors_exits_0(matrix: Path) -> None:
    matrix.write_text(SOUND)
    code, out = run(matrix)
    assert code == 0
    assert "2 activities, 3 roles; error: 0" in out


def test_a_matrix_with_errors_exits_1_and_names_them(matrix: Path) -> None:
    matrix.write_text(ERRONEOUS)
    code, out = run(matrix)
    assert code == 1
    assert "R02 error" in out
    assert "declare / Open call" in out


def test_json_holds_exactly_the_findings(matrix: Path) -> None:
    matrix.write_text(ERRONEOUS)
    code, out = run(matrix, "json")
    found = json.loads(out)
    assert code == 1
    assert {tuple(finding) for finding in found} == {
        ("rule", "level", "phase", "activity", "role", "message")
    }
    assert [finding for finding in found if finding["level"] == "error"] == [
        {
            "rule": "R02",
            "level": "error",
            "phase": "declare",
            "activity": "Open call",
            "role": "",
            "message": "Nobody is accountable: give exactly one role the A.",
        }
    ]


def test_json_of_a_sound_matrix_says_only_that_a_file_binds_no_act(matrix: Path) -> None:
    rows = [
        f"{phase},{activity},{role},{letters}"
        for (phase, activity), given in SOUND_MATRIX.items()
        for role, letters in given.items()
    ]
    matrix.write_text("\n".join(["phase,activity,role,raci", *rows]))
    code, out = run(matrix, "json")
    found = [(finding["rule"], finding["level"]) for finding in json.loads(out)]
    assert (code, found) == (0, [("R24", "information")])


def test_a_workbook_is_checked_like_a_text_file(tmp_path: Path) -> None:
    book = Workbook()
    for line in ERRONEOUS.splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "matrix.xlsx")
    assert run(tmp_path / "matrix.xlsx")[0] == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"phase,activity\xff\n", "Byte 14"),
        (b"phase,activity,role,raci\ndeclare,Open call,Lead,X\n", "Row 2, column raci"),
        (b"some,other,table\n1,2,3\n", "No header recognised"),
        (b"phase,activity,Lead\ndeclare,=1+1,A/R\n", "B2"),
    ],
)
def test_an_unreadable_file_exits_2_and_says_where(
    matrix: Path, content: bytes, problem: str
) -> None:
    matrix.write_bytes(content)
    with pytest.raises(CommandError, match=problem) as refused:
        run(matrix)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_opened_exits_2(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(tmp_path / name)
    assert refused.value.returncode == 2


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
@pytest.mark.parametrize("form", ["", "_wide"])
def test_the_real_matrix_with_a_known_gap_exits_1(form: str) -> None:
    code, out = run(REAL / f"public_sector_ics_lite{form}.csv", "json")
    errors = [finding for finding in json.loads(out) if finding["level"] == "error"]
    assert code == 1
    assert [error["rule"] for error in errors] == ["R02"]
    assert run(REAL / f"pagerduty_major_incident{form}.csv")[0] == 0
