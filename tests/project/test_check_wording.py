"""The command `check_wording`: exit codes, JSON shape, text for people, no database."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from raci_project.management.commands.check_wording import MAX_BYTES

CALM = "Since 09:00 UTC some of you cannot pay. Next update by 10:00 UTC.\n"
CARELESS = "Payments fail.\nWrite to jane.doe@example.com! Next update by 10:00 UTC.\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "words.txt"


def run(path: Path, **options: str) -> tuple[int, str]:
    """Exit code and standard output of the command over this file."""
    out = io.StringIO()
    try:
        call_command("check_wording", path, stdout=out, **options)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_words_without_errors_exit_0(file: Path) -> None:
    file.write_text(CALM)
    assert run(file) == (0, "error: 0, warning: 0, information: 0\n")


def test_words_with_errors_exit_1_and_say_where(file: Path) -> None:
    file.write_text(CARELESS)
    code, out = run(file)
    assert code == 1
    assert "W12 error        2:10\n    This is the address of a person" in out
    assert "W23 information  2:30" in out


def test_json_holds_exactly_the_remarks(file: Path) -> None:
    file.write_text(CARELESS)
    code, out = run(file, format="json")
    found = json.loads(out)
    assert (code, [each["rule"] for each in found]) == (1, ["W12", "W23"])
    assert all(
        [*each] == ["rule", "level", "quote", "start", "end", "message"] for each in found
    )
    assert CARELESS[found[0]["start"] : found[0]["end"]] == "jane.doe@example.com"


def test_audience_and_language_are_those_said(file: Path) -> None:
    file.write_text(CARELESS)
    assert run(file, audience="internal")[0] == 0
    file.write_text("Caused by pods.")
    assert "W03" in run(file, language="en")[1]
    assert "W03" not in run(file, language="de")[1]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Caf\xe9", "byte 4 is no UTF-8"),
        (b"a" * (MAX_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_text_exits_2_and_says_why(file: Path, content: bytes, problem: str) -> None:
    file.write_bytes(content)
    with pytest.raises(CommandError, match=problem) as refused:
        run(file)
    assert refused.value.returncode == 2


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_cannot_be_opened_exits_2(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(tmp_path / name)
    assert refused.value.returncode == 2
