"""The command `import_matrix`: a draft or the law, or exit 1 with every reason and nothing written."""

import io
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from incidents.models import Activity, Matrix, MatrixUpload, MatrixVersion, Person
from incidents.operations.law import matrix_in_force
from tests.factories import person

pytestmark = pytest.mark.django_db

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"
SOUND = """phase,activity,Incident Commander,Scribe,Liaison
declare,Open the call,A/R,I,
coordinate,Keep the timeline,A,R,I
"""
WHOLE = SOUND.replace("Liaison", "Executive")
MAP = "roles:\n  Liaison: executive\n"


@pytest.fixture
def ada() -> Person:
    return person("ada", is_superuser=True)


@pytest.fixture
def ben() -> Person:
    return person("ben", is_superuser=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "major_incident.csv"
    path.write_text(WHOLE)
    return path


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "MAP.yaml"
    path.write_text(MAP)
    return path


def run(path: Path, *options: object) -> str:
    out = io.StringIO()
    call_command("import_matrix", path, *map(str, options), stdout=out)
    return out.getvalue()


def refused(path: Path, *options: object) -> str:
    """What the command says when it refuses; nothing was written."""
    with pytest.raises(CommandError) as error:
        run(path, *options)
    assert error.value.returncode == 1
    for model in (MatrixUpload, Matrix, MatrixVersion, Activity):
        assert not model.objects.exists()
    return str(error.value)


def test_a_file_becomes_a_draft_and_the_command_says_what_it_made(
    file: Path, ada: Person
) -> None:
    out = run(file)
    version = MatrixVersion.objects.get()
    assert (str(version), version.status) == ("Major incident v1", "draft")
    assert version.maker == ada
    assert out.splitlines()[:2] == [
        "Major incident v1: draft",
        "findings: error: 0, warning: 10, information: 3",
    ]
    assert "  declare -> detection" in out
    assert "  Incident Commander -> incident_commander" in out


def test_the_name_may_be_given(file: Path, ada: Person) -> None:
    assert "Standing law v1: draft" in run(file, "--name", "Standing law")


def test_published_it_is_approved_by_another_and_in_force_now(
    file: Path, ada: Person, ben: Person
) -> None:
    out = run(file, "--publish-as", "ada")
    version = MatrixVersion.objects.get()
    assert (version.maker, version.checker) == (ben, ada)
    assert matrix_in_force(timezone.now()) == version
    assert "Major incident v1: approved from" in out


def test_nobody_publishes_what_they_made(file: Path, ada: Person, ben: Person) -> None:
    assert "must differ" in refused(file, "--as", "ada", "--publish-as", "ada")
    assert "approved" in run(file, "--as", "ada", "--publish-as", "ben")


def test_without_a_second_superuser_the_maker_must_be_named(file: Path, ada: Person) -> None:
    assert "--as USERNAME" in refused(file, "--publish-as", "ada")


@pytest.mark.parametrize("option", ["--as", "--publish-as"])
def test_nobody_unknown_or_inactive_acts(file: Path, ada: Person, option: str) -> None:
    person("gone", is_active=False, is_superuser=True)
    assert "no active person “gone”" in refused(file, option, "gone")
    assert "no active person “nobody”" in refused(file, option, "nobody")


def test_a_maker_or_checker_without_the_permission_is_refused(file: Path, ada: Person) -> None:
    person("dan")
    assert "no permission to import" in refused(file, "--as", "dan")
    assert "no permission to approve" in refused(file, "--publish-as", "dan")


def test_names_that_could_mean_several_things_are_asked_for(file: Path, ada: Person) -> None:
    file.write_text(SOUND.replace("coordinate", "On: call"))
    said = refused(file)
    assert "phase On: call" in said
    assert "role Liaison" in said
    assert "phases:  # one of preparation" in said
    assert "\n  'On: call':\n" in said
    assert "\n  Liaison:\n" in said


def test_the_lines_offered_are_a_mapping_once_completed(
    file: Path, mapping: Path, ada: Person
) -> None:
    file.write_text(SOUND.replace("coordinate", "On: call"))
    lines = refused(file).partition("--map:\n\n")[2]
    mapping.write_text(lines)
    assert "role Liaison" in refused(file, "--map", mapping)
    completed = lines.replace("'On: call':", "'On: call': triage")
    mapping.write_text(completed.replace("Liaison:", 'Liaison: ""'))
    assert "Liaison -> left out" in run(file, "--map", mapping)


def test_a_mapping_answers_what_was_asked(file: Path, mapping: Path, ada: Person) -> None:
    file.write_text(SOUND)
    assert "Liaison" in refused(file)
    assert "Liaison -> executive" in run(file, "--map", mapping)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("roles: [Liaison]", "under `roles:` write lines"),
        ("role:\n  Liaison: executive", "nothing beside them"),
        ("- Liaison", "nothing beside them"),
        ("roles: {", "is no YAML"),
        ("phases:\n  on: triage", "put the names in quotes"),
        ("roles:\n  Liaison: 1", "put the names in quotes"),
        ("roles:\n  Liaison: wizard", "which is no role"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_the_place(
    file: Path, mapping: Path, ada: Person, text: str, problem: str
) -> None:
    file.write_text(SOUND)
    mapping.write_text(text)
    assert problem in refused(file, "--map", mapping)


def test_files_that_cannot_be_opened_are_named(file: Path, ada: Person, tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    assert f"{missing}: No such file" in refused(missing)
    assert f"{missing}: No such file" in refused(file, "--map", missing)


def test_bad_rows_are_named_by_number_and_nothing_is_written(file: Path, ada: Person) -> None:
    file.write_text(WHOLE + "declare,Open the door,X,Q,\n")
    said = refused(file)
    assert "Row 4, column Incident Commander" in said
    assert "Row 4, column Scribe" in said


def test_a_matrix_with_errors_is_a_draft_but_never_published(
    file: Path, ada: Person, ben: Person
) -> None:
    file.write_text(WHOLE + "declare,Open the door,R,,\n")
    assert "1 error, first R02" in refused(file, "--publish-as", "ben")
    assert "error: 1" in run(file)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
def test_the_real_matrix_is_published_in_spite_of_its_warnings(
    mapping: Path, ada: Person, ben: Person
) -> None:
    mapping.write_text("roles:\n  Internal Liaison: support_lead\n")
    path = REAL / "pagerduty_major_incident.csv"
    run(path, "--map", mapping, "--publish-as", "ben", "--reason", "As PagerDuty does it.")
    version = MatrixVersion.objects.get()
    assert version.warnings_reason == "As PagerDuty does it."
    assert version.activities.count() == 15


def test_a_version_made_by_command_says_so_and_who_stands_as_its_maker_for_want_of_a_name(
    file: Path, ada: Person
) -> None:
    run(file)
    run(file, "--as", "ada")
    assumed, named = MatrixVersion.objects.order_by("number")
    assert assumed.note.endswith("Ada stands as its maker, for want of --as.")
    assert named.note.endswith("Ada was named as its maker.")
