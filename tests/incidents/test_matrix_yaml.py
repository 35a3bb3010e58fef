"""A matrix as YAML: reads line by line in a review, comes back whole, is refused with its place."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given

from incidents.documents import read_document, write_document
from incidents.models import AuditEvent, Matrix, MatrixVersion, Person, Role
from incidents.operations.grids import grid_of
from incidents.operations.matrix_files import MAX_BYTES, as_yaml, draft_from_file
from incidents.rules.matrix_file import MatrixFile, comments, name_from, understood, written
from incidents.rules.matrix_names import ROLES
from incidents.rules.raci import Grid
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.starting_matrix import GRID
from tests.factories import NOW, allow, matrix_version, person
from tests.incidents.admin_room import list_of, page_of, said, signed_in, text_of
from tests.incidents.strategies import grids

SMALL = b"""\
matrix: Standing law
roles:
- incident_commander
- scribe
activities:
- phase: triage
  name: Keep the timeline
  letters:
    incident_commander: A
    scribe: R
"""


@given(grids())
def test_any_matrix_comes_back_from_yaml_as_it_was(grid: Grid) -> None:
    text = write_document(written(MatrixFile("Law", grid)), ["Matrix: Law"], one_a_line=True)
    assert understood(read_document(text), roles=ROLES) == MatrixFile("Law", grid)


def test_every_letter_stands_on_a_line_of_its_own_below_the_facts() -> None:
    text = write_document(written(MatrixFile("Law", GRID)), ["Matrix: Law v1"], one_a_line=True)
    lines = text.splitlines()
    assert lines[:3] == ["# Matrix: Law v1", "matrix: Law", "roles:"]
    letters = sum(len(each.letters) for each in GRID.activities)
    assert sum(line.startswith("    ") and ": " in line for line in lines) >= letters
    assert not any("{" in line or "[" in line for line in lines)


def test_a_fact_with_a_line_break_stays_a_comment() -> None:
    text = write_document({"a": 1}, comments([("Note", "one\nmatrix: two")]))
    assert read_document(text) == {"a": 1}


def test_text_of_several_lines_reads_as_such() -> None:
    assert write_document({"a": "one\ntwo"}, one_a_line=True) == "a: |-\n  one\n  two\n"


def test_a_file_without_a_name_is_named_after_itself() -> None:
    assert name_from("major_incident-2.yaml") == "Major incident 2"


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"matrix": 7, "roles": ["scribe"], "activities": []}, "matrix"),
        ({"matrix": "Law", "roles": ["wizard"], "activities": []}, "roles[0]"),
        (["Law"], ""),
    ],
)
def test_what_is_no_file_of_a_matrix_is_refused_with_its_path(
    document: object, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        understood(document, roles=ROLES)
    assert path in [reason.field for reason in refused.value.reasons]


# --- versions


@pytest.fixture
def ada(db: None) -> Person:
    return allow(
        person("ada", is_staff=True),
        *(f"incidents.{act}_matrixversion" for act in ("view", "import", "export")),
    )


def test_a_version_says_above_itself_who_made_and_checked_it_and_when(ada: Person) -> None:
    version = matrix_version()
    head = [line for line in as_yaml(version).splitlines() if line.startswith("#")]
    assert head == [
        "# Matrix: Standing v1",
        "# Status: approved",
        "# Made by: Maker, 2026-10-14T09:00Z",
        "# Approved by: Checker, 2026-10-23T09:00Z",
        "# In force from: 2026-10-24T09:00Z",
    ]


def test_a_draft_says_that_nobody_approved_it(ada: Person) -> None:
    version = matrix_version(effective_from=None)
    version.note = "For\nwhom"
    head = [line for line in as_yaml(version).splitlines() if line.startswith("#")]
    assert head[3:] == ["# Approved by: nobody", "# Note: For whom"]


def test_a_version_becomes_the_next_one_that_says_the_same(ada: Person) -> None:
    first = draft_from_file(SMALL, file_name="law.yaml", note="new", actor=ada, at=NOW)
    content = as_yaml(first).encode()
    second = draft_from_file(content, file_name="law.yaml", actor=ada, at=NOW)
    assert grid_of(second) == grid_of(first)
    assert (str(first), str(second)) == ("Standing law v1", "Standing law v2")
    assert (first.note, first.maker, first.status) == ("new", ada, "draft")
    line = AuditEvent.objects.get(subject_id=str(second.pk), verb="draft_matrix")
    assert (line.detail["file"], line.detail["letters"]) == ("law.yaml", 2)


def test_the_starting_matrix_becomes_a_draft_with_its_roles_made(ada: Person) -> None:
    text = write_document(written(MatrixFile("Start", GRID)))
    version = draft_from_file(text.encode(), file_name="s.yaml", actor=ada, at=NOW)
    assert grid_of(version).activities == GRID.activities
    assert set(Role.objects.values_list("slug", flat=True)) == set(GRID.roles)


def test_a_given_name_comes_before_the_one_in_the_file(ada: Person) -> None:
    version = draft_from_file(
        SMALL, file_name="law.yaml", matrix_name="Other law", actor=ada, at=NOW
    )
    assert str(version) == "Other law v1"


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"roles: [scribe", "bad_yaml", "line 1"),
        (SMALL.replace(b"- scribe\n", b"- wizard\n"), "unknown_role", "“wizard”"),
        (SMALL.replace(b"scribe: R", b"scribe: Q"), "unknown_letter", "letters.scribe"),
        (SMALL + b"variations: []\nvariations: []\n", "bad_yaml", "second time"),
        (b"# " + b"x" * MAX_BYTES, "document_too_large", "256 KiB"),
        (SMALL.replace(b"Standing law", b"'!!!'"), "matrix_name_missing", "Name"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole_and_says_where(
    ada: Person, content: bytes, code: str, word: str
) -> None:
    with pytest.raises(Invalid) as refused:
        draft_from_file(content, file_name="law.yaml", actor=ada, at=NOW)
    first = refused.value.reasons[0]
    assert first.code == code
    assert word in first.message
    assert not Matrix.objects.exists()


def test_a_retired_role_gets_no_letters_from_a_file(ada: Person) -> None:
    Role.objects.create(slug="herald", name="Herald", position=20, retired_at=NOW)
    with pytest.raises(Invalid) as refused:
        draft_from_file(
            SMALL.replace(b"scribe", b"herald"), file_name="law.yaml", actor=ada, at=NOW
        )
    assert refused.value.has("unknown_role")


def test_whoever_may_not_import_makes_no_draft_of_a_file(db: None) -> None:
    with pytest.raises(NotPermitted):
        draft_from_file(SMALL, file_name="law.yaml", actor=person("dan"), at=NOW)
    assert not Matrix.objects.exists()


# --- pages


def upload(client: Client, content: bytes, name: str = "law.yaml"):
    file = SimpleUploadedFile(name, content)
    return client.post(list_of(MatrixVersion, "import"), {"file": file})


@pytest.mark.parametrize("name", ["law.yaml", "LAW.YML"])
def test_an_uploaded_yaml_file_is_a_draft_at_once(ada: Person, name: str) -> None:
    answer = upload(signed_in(ada), SMALL, name)
    version = MatrixVersion.objects.get()
    assert answer.url == page_of(version)
    assert said(answer) == ["Standing law v1 is a draft now. Read it, then submit it."]


def test_an_uploaded_file_with_a_fault_says_which_on_the_page(ada: Person) -> None:
    answer = upload(signed_in(ada), SMALL.replace(b"- scribe\n", b"- wizard\n"))
    assert answer.status_code == 422
    assert "“wizard” is no role" in text_of(answer)
    assert not MatrixVersion.objects.exists()


def test_the_page_of_a_version_offers_its_yaml(ada: Person) -> None:
    version = matrix_version()
    client = signed_in(ada)
    address = f"/admin/incidents/matrixversion/{version.pk}/export/whole.yaml"
    assert address in client.get(page_of(version)).content.decode()
    answer = client.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="standing-v1.yaml"'
    assert answer.content.decode() == as_yaml(version)


def test_whoever_may_not_export_gets_no_yaml(db: None) -> None:
    version = matrix_version()
    cleo = allow(person("cleo", is_staff=True), "incidents.view_matrixversion")
    address = f"/admin/incidents/matrixversion/{version.pk}/export/whole.yaml"
    assert signed_in(cleo).get(address).status_code == 403
    assert "whole.yaml" not in signed_in(cleo).get(page_of(version)).content.decode()


@pytest.mark.parametrize("file", ["long.yaml", "whole.csv", "wide.pdf"])
def test_other_files_are_not_offered(ada: Person, file: str) -> None:
    version = matrix_version()
    address = f"/admin/incidents/matrixversion/{version.pk}/export/{file}"
    assert signed_in(ada).get(address).status_code == 404
