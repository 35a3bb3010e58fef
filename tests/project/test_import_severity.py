"""The command `import_severity`: a draft or the law, or exit 1 with every reason and nothing written."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from incidents.documents import read_document, write_document
from incidents.models import Person, Role, SeverityLevel, SeverityScheme
from incidents.operations import scheme
from incidents.operations.law import scheme_in_force
from incidents.rules.default_scheme import DEFAULT_SCHEME
from tests.factories import person

pytestmark = pytest.mark.django_db

SMALL = """levels:
- code: high
  name: High
  criteria:
  - name: Many customers
    predicate: {field: customers_affected, operator: gte, value: 10}
- {code: low, name: Low}
"""


@pytest.fixture
def ada() -> Person:
    return person("ada", is_superuser=True)


@pytest.fixture
def ben() -> Person:
    return person("ben", is_superuser=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "severity.yaml"
    path.write_text(SMALL)
    return path


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_severity", *map(str, arguments), stdout=out)
    return out.getvalue()


def refused(*arguments: object) -> str:
    """What the command says when it refuses; nothing was written."""
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert error.value.returncode == 1
    for model in (SeverityScheme, SeverityLevel, Role):
        assert not model.objects.exists()
    return str(error.value)


def test_a_file_becomes_a_draft_and_the_command_says_what_it_made(
    file: Path, ada: Person
) -> None:
    assert run(file, "--note", "Fewer levels.") == (
        "Severity scheme v1: draft\nlevels: high, low\n"
    )
    made = SeverityScheme.objects.get()
    assert (made.status, made.maker, made.note) == ("draft", ada, "Fewer levels.")


def test_without_a_file_it_is_the_default_scheme(ada: Person) -> None:
    assert "levels: sev1, sev2, sev3, sev4" in run()
    assert scheme.as_document(SeverityScheme.objects.get()) == DEFAULT_SCHEME


def test_what_was_exported_is_imported_as_the_same(file: Path, ada: Person) -> None:
    file.write_text(write_document(DEFAULT_SCHEME))
    run(file)
    assert scheme.as_document(SeverityScheme.objects.get()) == read_document(file.read_text())


def test_published_it_is_approved_by_another_and_in_force_now(
    file: Path, ada: Person, ben: Person
) -> None:
    assert "Severity scheme v1: approved from" in run(file, "--publish-as", "ada")
    made = scheme_in_force(timezone.now())
    assert made is not None
    assert (made.maker, made.checker) == (ben, ada)


def test_nobody_publishes_what_they_made(file: Path, ada: Person, ben: Person) -> None:
    assert "must differ" in refused(file, "--as", "ada", "--publish-as", "ada")
    assert "approved" in run(file, "--as", "ada", "--publish-as", "ben")


def test_without_a_second_superuser_the_maker_must_be_named(file: Path, ada: Person) -> None:
    assert "--as USERNAME" in refused(file, "--publish-as", "ada")


def test_who_has_no_permission_is_refused(file: Path, ada: Person) -> None:
    person("dan")
    assert "no permission to draft" in refused(file, "--as", "dan")
    assert "no permission to approve" in refused(file, "--publish-as", "dan")
    assert "no active person “nobody”" in refused(file, "--as", "nobody")


def test_every_problem_is_said_with_its_path(file: Path, ada: Person) -> None:
    file.write_text(SMALL.replace("customers_affected", "luck").replace("Low", '""'))
    said = refused(file)
    assert "high.criteria[0].predicate: field: there is no fact luck" in said
    assert "low.name: a text" in said


def test_a_file_that_is_no_yaml_is_refused_with_its_line(file: Path, ada: Person) -> None:
    file.write_text(SMALL.replace("name: High", "name: High: er"))
    assert "line 3, column" in refused(file)


def test_a_file_that_cannot_be_opened_is_named(ada: Person, tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    assert f"{missing}: No such file" in refused(missing)
