"""A spreadsheet becomes a draft with its names mapped, whole or not at all."""

import os
from pathlib import Path

import pytest

from incidents.models import Activity, AuditEvent, Cell, Matrix, MatrixUpload, Person, Role
from incidents.operations import matrix
from incidents.operations.matrix_import import (
    draft_from_upload,
    import_and_publish,
    import_rows,
    translate_rows,
)
from incidents.rules.raci import Letter
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, EXECUTIVE
from incidents.sheets import read_rows
from tests.factories import NOW, allow, person, role

pytestmark = pytest.mark.django_db

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"
ROWS = [
    ["phase", "activity", "role", "raci"],
    ["declare", "Open the call", "Incident Commander", "A/R"],
    ["declare", "Open the call", "Internal Liaison", "I"],
    ["freeze", "Stop deployments", "Incident Commander", "A"],
    ["freeze", "Stop deployments", "Deputy", "R"],
]
PHASES = {"freeze": "mitigation"}
ROLES = {"Internal Liaison": COMMUNICATIONS}


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), "incidents.import_matrixversion")


def uploaded(ada: Person, rows: list[list[str]] = ROWS) -> MatrixUpload:
    return import_rows(rows, file_name="call.csv", actor=ada, at=NOW)


def drafted(upload: MatrixUpload, ada: Person, **changes):
    said = {"matrix_name": "Standing law", "phases": PHASES, "roles": ROLES} | changes
    return draft_from_upload(upload, actor=ada, at=NOW, **said)


def refusal(upload: MatrixUpload, ada: Person, **changes) -> list[tuple[str, str]]:
    """The codes and sentences with which the draft is refused; nothing was written."""
    with pytest.raises(Refused) as refused:
        drafted(upload, ada, **changes)
    assert not Activity.objects.exists()
    assert not Matrix.objects.exists()
    return [(reason.code, reason.message) for reason in refused.value.reasons]


def test_an_upload_is_kept_as_it_was_given(ada: Person) -> None:
    upload = uploaded(ada)
    upload.refresh_from_db()
    assert (upload.rows, upload.uploaded_by, upload.version) == (ROWS, ada, None)
    assert AuditEvent.objects.get().verb == "upload_matrix"


def test_only_with_the_permission_anything_is_kept(ada: Person) -> None:
    upload, dan = uploaded(ada), person("dan")
    for act in (lambda: uploaded(dan), lambda: drafted(upload, dan)):
        with pytest.raises(NotPermitted) as refused:
            act()
        assert refused.value.has("no_permission")
    assert MatrixUpload.objects.count() == 1


def test_a_draft_speaks_our_names_and_keeps_the_order(ada: Person) -> None:
    version = drafted(uploaded(ada), ada, note="From the wiki.")
    assert (str(version), version.status, version.maker) == ("Standing law v1", "draft", ada)
    assert version.note == "From the wiki."
    grid = matrix.grid_of(version)
    assert [(each.phase, each.name) for each in grid.activities] == [
        ("detection", "Open the call"),
        ("mitigation", "Stop deployments"),
    ]
    assert [dict(each.letters) for each in grid.activities] == [
        {COMMANDER: Letter.AR, COMMUNICATIONS: Letter.I},
        {COMMANDER: Letter.A, DEPUTY: Letter.R},
    ]


def test_every_row_of_a_draft_has_its_history_and_its_author(ada: Person) -> None:
    drafted(uploaded(ada), ada)
    for model, count in ((Activity, 2), (Cell, 4)):
        history = list(model.history.values_list("history_user", "history_type"))
        assert history == [(ada.pk, "+")] * count


def test_a_draft_is_one_audit_line(ada: Person) -> None:
    drafted(uploaded(ada), ada)
    line = AuditEvent.objects.first()
    assert (line.verb, line.actor, line.subject) == ("draft_matrix", ada, "Standing law v1")
    assert line.detail == {"file": "call.csv", "activities": 2, "letters": 4}


def test_the_same_name_makes_the_next_version(ada: Person) -> None:
    drafted(uploaded(ada), ada)
    second = drafted(uploaded(ada), ada, matrix_name=" standing  LAW ")
    assert str(second) == "Standing law v2"
    assert Matrix.objects.count() == 1


@pytest.mark.parametrize(("first", "second"), [
    ("Standing law", "Standing, law!"),
    ("The very long name of the standing law of payments in Europe",
     "The very long name of the standing law of payments in Asia"),
])  # fmt: skip
def test_a_name_too_like_anothers_never_becomes_its_next_version(ada, first, second) -> None:
    version = drafted(uploaded(ada), ada, matrix_name=first)
    with pytest.raises(Refused) as refused:
        drafted(uploaded(ada), ada, matrix_name=second)
    assert refused.value.has("matrix_name_taken")
    assert version.matrix.versions.count() == 1
    assert str(drafted(uploaded(ada), ada, matrix_name="Other law")) == "Other law v1"


def test_only_who_uploaded_a_file_makes_a_draft_of_it(ada: Person) -> None:
    ben = allow(person("ben"), "incidents.import_matrixversion")
    upload = uploaded(ada)
    with pytest.raises(NotPermitted) as refused:
        drafted(upload, ben)
    assert refused.value.has("not_your_upload")
    assert drafted(upload, ada).maker == ada


def published(ada: Person, checker: Person | None):
    return import_and_publish(
        ROWS, file_name="call.csv", matrix_name="Standing law", phases=PHASES, roles=ROLES,
        warnings_reason="Read.", maker=ada, checker=checker, at=NOW,
    )  # fmt: skip


def test_an_import_becomes_law_at_once_or_leaves_nothing(ada: Person) -> None:
    maker = allow(ada, "incidents.submit_matrixversion", "incidents.approve_matrixversion")
    carl = allow(person("carl"), "incidents.approve_matrixversion")
    with pytest.raises(NotPermitted):
        published(maker, person("dan"))
    with pytest.raises(Refused) as refused:
        published(maker, maker)
    assert refused.value.has("maker_is_checker")
    assert not MatrixUpload.objects.exists()
    assert not AuditEvent.objects.exists()
    version = published(maker, carl)
    assert (version.status, version.maker, version.checker) == ("approved", maker, carl)
    assert version.effective_from == NOW


def test_an_import_without_a_checker_is_a_draft(ada: Person) -> None:
    assert published(ada, None).status == "draft"


def test_one_upload_makes_one_version(ada: Person) -> None:
    upload = uploaded(ada)
    version = drafted(upload, ada)
    with pytest.raises(Refused) as refused:
        drafted(upload, ada)
    assert refused.value.has("already_imported")
    assert version.matrix.versions.count() == 1


def test_what_cannot_be_mapped_is_asked_for_name_by_name(ada: Person) -> None:
    assert refusal(uploaded(ada), ada, phases={}, roles={}) == [
        ("unmapped_phase", "Say which of our phases “freeze” is."),
        ("unmapped_role", "Say which of our roles “Internal Liaison” is, or leave it out."),
    ]


def test_a_role_we_do_not_have_is_refused_with_those_we_have(ada: Person) -> None:
    (code, message), *_ = refusal(uploaded(ada), ada, roles={"Internal Liaison": "wizard"})
    assert code == "bad_row"
    assert "“wizard”, which is no role" in message
    assert COMMANDER in message


def test_a_column_may_be_left_out(ada: Person) -> None:
    grid = matrix.grid_of(drafted(uploaded(ada), ada, roles={"Internal Liaison": ""}))
    assert grid.roles == (COMMANDER, DEPUTY)


def test_every_bad_row_is_named_and_nothing_is_written(ada: Person) -> None:
    rows = [*ROWS, ["declare", "Open the call", "Deputy", "X"], ["", "Orphan", "Deputy", "R"]]
    codes = refusal(uploaded(ada, rows), ada)
    assert [code for code, _ in codes] == ["bad_row", "bad_row"]
    assert codes[0][1].startswith("Row 6, column raci:")
    assert codes[1][1].startswith("Row 7, column phase:")


def test_an_activity_too_long_for_its_field_is_named_by_row(ada: Person) -> None:
    rows = [*ROWS, ["declare", "x" * 201, "Deputy", "R"]]
    assert refusal(uploaded(ada, rows), ada) == [
        (
            "bad_row",
            "Row 6, column activity: The activity has more than 200 characters: shorten it.",
        )
    ]
    rows[-1][1] = "x" * 200
    assert drafted(uploaded(ada, rows), ada).activities.count() == 3


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("  ", "matrix_name_missing"),
        ("!?", "matrix_name_missing"),
        ("n" * 121, "matrix_name_too_long"),
    ],
)
def test_a_matrix_needs_a_name_it_can_be_found_by(ada: Person, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(uploaded(ada), ada, matrix_name=name)
    assert refused.value.has(code)
    assert refused.value.reasons[0].field == "matrix_name"
    assert not Matrix.objects.exists()


def test_a_name_in_another_script_is_a_name(ada: Person) -> None:
    assert str(drafted(uploaded(ada), ada, matrix_name="障害対応")) == "障害対応 v1"


def test_a_company_role_is_known_by_its_own_name_unless_the_mapping_says_otherwise(
    ada: Person,
) -> None:
    Role.objects.create(slug="liaison", name="Internal liaison", position=50)
    assert translate_rows(ROWS, phases=PHASES, roles={}).roles["Internal Liaison"] == "liaison"
    said = {"internal liaison": EXECUTIVE}
    assert (
        translate_rows(ROWS, phases=PHASES, roles=said).roles["Internal Liaison"] == EXECUTIVE
    )


def test_an_export_is_imported_again_without_a_question(ada: Person) -> None:
    role(COMMANDER)
    Role.objects.create(slug="liaison", name="Internal liaison", position=50)
    first = drafted(uploaded(ada), ada, roles={"Internal Liaison": "liaison"})
    for form in ("long", "wide"):
        rows = matrix.as_rows(first, form)
        again = drafted(uploaded(ada, rows), ada, phases={}, roles={})
        assert matrix.grid_of(again) == matrix.grid_of(first)


def test_more_names_than_a_person_can_map_are_refused(ada: Person) -> None:
    rows = [ROWS[0], *(["declare", "Open", f"Role {number}", "I"] for number in range(101))]
    codes = refusal(uploaded(ada, rows), ada)
    assert codes[0] == (
        "bad_row",
        "There are 102 different phases and roles; at most 100 can be mapped. "
        "Is “role” the right column?",
    )


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
@pytest.mark.parametrize("form", ["", "_wide"])
def test_the_real_matrix_becomes_a_draft_without_errors(ada: Person, form: str) -> None:
    path = REAL / f"pagerduty_major_incident{form}.csv"
    rows = read_rows(path.name, path.read_bytes())
    translation = translate_rows(rows, phases={}, roles={})
    roles = dict.fromkeys(translation.unmapped_roles, EXECUTIVE)
    phases = dict.fromkeys(translation.unmapped_phases, "triage")
    version = drafted(uploaded(ada, rows), ada, phases=phases, roles=roles)
    assert "Internal Liaison" in translation.unmapped_roles
    assert version.activities.count() == 15
    assert not [each for each in matrix.findings(version, at=NOW) if each.level == "error"]
