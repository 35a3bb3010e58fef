"""The commands `import_law` and `check_law`: a draft, the law or every reason; and what a file is worth."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from incidents.documents import write_document
from incidents.models import AuditEvent, LawPack, Person
from incidents.operations import law_files
from incidents.operations.law import law_pack_in_force
from tests.factories import person
from tests.incidents import packs

SMALL_REPORT = (
    "Law pack v1: draft\nIncident notification duties - structured facts, as of 2026-11-23\n"
)


@pytest.fixture
def ada() -> Person:
    return person("ada", is_superuser=True)


@pytest.fixture
def ben() -> Person:
    return person("ben", is_superuser=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, packs.shipped_document())


def written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "pack.yaml"
    path.write_text(write_document(document))
    return path


def run(*arguments: object, command: str = "import_law") -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    """What the command says when it refuses; nothing was written."""
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert error.value.returncode == 1
    assert not LawPack.objects.exists()
    assert not AuditEvent.objects.exists()
    return str(error.value)


def checked(*arguments: object) -> tuple[int, str]:
    """The exit code of `check_law`, and what it printed."""
    out = io.StringIO()
    try:
        call_command("check_law", *map(str, arguments), stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


# --- import_law


@pytest.mark.django_db
def test_a_file_becomes_a_draft_and_the_command_says_what_it_made(
    file: Path, ada: Person
) -> None:
    assert run(file, "--note", "To begin with.") == (
        SMALL_REPORT + "regimes: 54, of low confidence: 3\n"
    )
    made = LawPack.objects.get()
    assert (made.status, made.maker, made.note, made.source) == (
        "draft",
        ada,
        "To begin with.",
        "pack.yaml",
    )


@pytest.mark.django_db
def test_the_pack_that_ships_is_published_by_two_people(ada: Person, ben: Person) -> None:
    assert "Law pack v1: approved from" in run("--shipped", "--publish-as", "ada")
    made = law_pack_in_force(timezone.now())
    assert made is not None
    assert (made.maker, made.checker) == (ben, ada)
    assert len(law_files.pack_of(made).regimes) == 54


@pytest.mark.django_db
def test_what_was_exported_is_imported_as_the_same(
    tmp_path: Path, ada: Person, ben: Person
) -> None:
    run("--shipped")
    first = LawPack.objects.get()
    path = tmp_path / "again.yaml"
    path.write_text(law_files.as_yaml(first))
    run(path)
    assert LawPack.objects.get(number=2).digest == first.digest


@pytest.mark.django_db
def test_nobody_publishes_what_they_made(file: Path, ada: Person, ben: Person) -> None:
    assert "must differ" in refused(file, "--as", "ada", "--publish-as", "ada")
    assert "approved" in run(file, "--as", "ada", "--publish-as", "ben")


@pytest.mark.django_db
def test_who_has_no_permission_is_refused(file: Path, ada: Person) -> None:
    person("dan")
    assert "no permission to draft" in refused(file, "--as", "dan")
    assert "no permission to approve" in refused(file, "--publish-as", "dan")
    assert "no active person “nobody”" in refused(file, "--as", "nobody")


@pytest.mark.django_db
def test_every_problem_is_said_with_its_path(tmp_path: Path, ada: Person) -> None:
    document = packs.shipped_document()
    document["regimes"][0]["confidence"] = "guess"
    document["regimes"][1]["computation"] = "abacus"
    said = refused(written(tmp_path, document))
    assert "regimes[0].confidence" in said
    assert "regimes[1].computation" in said


@pytest.mark.django_db
def test_a_pack_whose_case_fails_is_not_published(
    tmp_path: Path, ada: Person, ben: Person
) -> None:
    document = packs.shipped_document()
    document["test_cases"][0]["expected"]["counsel_within_first_hour"] = True
    path = written(tmp_path, document)
    assert "comes out as false" in refused(path, "--publish-as", "ada")
    assert "draft" in run(path)


@pytest.mark.django_db
def test_one_pack_is_said_and_one_alone(file: Path, ada: Person) -> None:
    assert "one of the arguments" in refused()
    assert "not allowed with" in refused(file, "--shipped")
    missing = file.with_name("missing.yaml")
    assert f"{missing}: No such file" in refused(missing)


# --- check_law


def test_the_pack_that_ships_is_without_problems_and_its_cases_agree(file: Path) -> None:
    assert checked(file) == (0, "regimes: 54, worked cases: 25, failing: 0\n")


def test_problems_are_said_by_path_with_exit_code_1(tmp_path: Path) -> None:
    document = packs.shipped_document()
    document["regimes"][3]["stages"][0]["deadline"]["unit"] = "fortnights"
    path = written(tmp_path, document)
    code, text = checked(path)
    assert code == 1
    assert "regimes[3].stages[0].deadline.unit" in text
    code, text = checked(path, "--format", "json")
    said = json.loads(text)
    assert code == 1
    assert said["problems"][0]["path"] == "regimes[3].stages[0].deadline.unit"
    assert said["failing_cases"] == []


def test_a_failing_case_is_said_with_exit_code_1(tmp_path: Path) -> None:
    document = packs.shipped_document()
    case = document["test_cases"][1]
    case["expected"]["duty"].append("za-popia")
    path = written(tmp_path, document)
    code, text = checked(path)
    assert code == 1
    assert f"{case['id']}: duty lacks za-popia" in text
    said = json.loads(checked(path, "--format", "json")[1])
    assert said["failing_cases"] == [
        {"case": case["id"], "differences": ["duty lacks za-popia"]}
    ]


@pytest.mark.parametrize("content", [b"meta: [", b"\xff", b"x" * (1024 * 1024 + 1)])
def test_what_is_no_document_has_exit_code_2(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(content)
    assert checked(path)[0] == 2
    assert checked(tmp_path / "missing.yaml")[0] == 2
