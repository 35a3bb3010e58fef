"""`export_matrix`: a file of a version and nothing else; `import_matrix` reads it back."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from incidents.documents import write_document
from incidents.models import MatrixVersion, Person
from incidents.operations.grids import grid_of
from incidents.operations.law import matrix_in_force
from incidents.operations.matrix_files import as_yaml, draft_from_file
from incidents.rules.matrix_file import MatrixFile, written
from incidents.rules.starting_matrix import GRID
from tests.factories import NOW, matrix_version, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return person("ada", is_superuser=True)


@pytest.fixture
def start(ada: Person) -> MatrixVersion:
    """A draft of the starting matrix."""
    content = write_document(written(MatrixFile("Start", GRID))).encode()
    return draft_from_file(content, file_name="start.yaml", actor=ada, at=NOW)


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(command: str, *arguments: object) -> str:
    with pytest.raises(CommandError) as error:
        run(command, *arguments)
    return str(error.value)


def test_it_writes_the_law_as_yaml_unless_told_otherwise() -> None:
    law = matrix_version()
    matrix_version(effective_from=None)
    assert run("export_matrix") == run("export_matrix", "in-force") == as_yaml(law)


def test_a_matrix_is_named_by_its_slug_and_one_version_by_its_number() -> None:
    first, second = matrix_version(), matrix_version(effective_from=None)
    assert run("export_matrix", "standing") == as_yaml(second)
    assert run("export_matrix", "standing-v1") == as_yaml(first)


def test_a_matrix_whose_slug_ends_like_a_version_is_still_found() -> None:
    named = matrix_version(slug="law-v2")
    assert run("export_matrix", "law-v2") == as_yaml(named)
    assert run("export_matrix", "law-v2-v1") == as_yaml(named)


@pytest.mark.parametrize(
    "which", ["standing-v7", "other", "standing-v", "standing-v99999999999"]
)
def test_what_is_not_there_is_an_error_that_names_what_is(which: str) -> None:
    matrix_version()
    assert refused("export_matrix", which).endswith("Matrices: standing.")


def test_without_a_law_it_says_what_to_name_instead() -> None:
    assert "No matrix is in force" in refused("export_matrix")


@pytest.mark.parametrize("kind", ["yaml", "csv", "xlsx", "wide-csv", "wide-xlsx"])
def test_every_file_is_read_back_as_the_same_matrix(
    tmp_path: Path, start: MatrixVersion, kind: str
) -> None:
    path = tmp_path / f"start.{kind.removeprefix('wide-')}"
    assert run("export_matrix", "start", "--format", kind, "--out", path) == ""
    out = run("import_matrix", path, "--name", "Back again")
    assert out.startswith("Back again v1: draft\n")
    assert grid_of(MatrixVersion.objects.get(matrix__name="Back again")) == grid_of(start)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    matrix_version()
    path = tmp_path / "missing" / "law.yaml"
    assert str(path) in refused("export_matrix", "--out", path)


# --- the way back


@pytest.fixture
def file(tmp_path: Path, start: MatrixVersion) -> Path:
    path = tmp_path / "start.yaml"
    path.write_text(as_yaml(start), encoding="utf-8")
    return path


def test_yaml_becomes_the_next_version_of_the_matrix_it_names(file: Path) -> None:
    assert run("import_matrix", file).startswith("Start v2: draft\n")
    note = MatrixVersion.objects.get(number=2).note
    assert note.startswith("Imported from start.yaml by a command")


def test_yaml_is_published_like_any_other_matrix(file: Path) -> None:
    person("ben", is_superuser=True)
    assert run("import_matrix", file, "--publish-as", "ben").startswith(
        "Start v2: approved from"
    )
    law = MatrixVersion.objects.get(number=2)
    assert (law.maker.username, law.checker.username) == ("ada", "ben")
    assert matrix_in_force(law.effective_from) == law


@pytest.mark.parametrize("option", [("--bind-acts",), ("--map", "MAP.yaml")])
def test_yaml_needs_no_mapping_and_takes_none(file: Path, option: tuple[str, ...]) -> None:
    assert "speaks our names" in refused("import_matrix", file, *option)


def test_a_faulty_file_names_every_place_and_nothing_is_written(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("- role: scribe", "- role: wizard")
    file.write_text(text.replace("within: 15", "within: soon"), encoding="utf-8")
    message = refused("import_matrix", file)
    assert "“wizard” is no role" in message
    assert "activities[17].within: whole minutes" in message
    assert MatrixVersion.objects.count() == 1


def test_acts_are_bound_by_name_only_when_asked(tmp_path: Path, ada: Person) -> None:
    path = tmp_path / "law.csv"
    path.write_text("phase,activity,Scribe\ntriage,Declare the incident,A/R\n")
    assert "bound:" not in run("import_matrix", path)
    assert "bound:\n  Declare the incident -> declare" in run(
        "import_matrix", path, "--bind-acts"
    )
    acts = MatrixVersion.objects.order_by("number").values_list("activities__act", flat=True)
    assert list(acts) == ["", "declare"]
