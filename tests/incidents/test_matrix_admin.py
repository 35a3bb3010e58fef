"""Leaders import, read, submit and approve matrices in the admin; nobody else does anything."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from incidents.models import Matrix, MatrixUpload, MatrixVersion, Person, Role
from incidents.operations import matrix
from incidents.operations.law import matrix_in_force
from incidents.rules.matrix_sheet import read
from incidents.rules.roles import COMMANDER, DEPUTY, NAMES, SCRIBE
from tests.factories import NOW, SOUND_MATRIX, allow, matrix_version, person, role

pytestmark = pytest.mark.django_db

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"
real_data = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
PERMISSIONS = [
    f"incidents.{act}_matrixversion"
    for act in ("view", "import", "submit", "approve", "withdraw", "export")
]
LIST = "/admin/incidents/matrixversion/"
UPLOAD = f"{LIST}verb/import/"
GOOD = "phase,activity,role,raci\ndeclare,Open the call,Incident Commander,A/R\n"


def leader(name: str) -> Person:
    return allow(person(name, is_staff=True), *PERMISSIONS)


def signed_in(who: Person) -> Client:
    client = Client()
    client.force_login(who)
    return client


@pytest.fixture(autouse=True)
def _roles() -> None:
    for slug in NAMES:
        role(slug)


@pytest.fixture
def ada(client: Client) -> Person:
    """The leader who is signed in."""
    who = leader("ada")
    client.force_login(who)
    return who


def page_of(version: MatrixVersion, verb: str = "") -> str:
    page = reverse("admin:incidents_matrixversion_change", args=[version.pk])
    return page.replace("change/", f"verb/{verb}/") if verb else page


def draft(rows: dict = SOUND_MATRIX, *, maker: Person) -> MatrixVersion:
    version = matrix_version(rows, effective_from=None, slug="new")
    version.maker = maker
    version.save()
    return version


def submitted(maker: Person) -> MatrixVersion:
    return matrix.submit(draft(maker=maker), actor=maker, at=NOW)


def upload(client: Client, content: bytes | str, name: str = "law.csv"):
    content = content.encode() if isinstance(content, str) else content
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


def text_of(response) -> str:
    """The words of a page, tags and white space aside."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("&#x27;", "'").split())


def standings(page) -> set[str]:
    """What the list says of its versions."""
    return set(re.findall(r'<span class="tag[^"]*">([^<]+)</span>', page.content.decode()))


def as_xlsx(path: Path) -> bytes:
    book = Workbook()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# --- the list


def test_an_empty_list_says_what_to_do_first(client: Client, ada: Person) -> None:
    text = text_of(client.get(LIST))
    assert "There is no matrix yet" in text
    assert "Import a matrix" in text


def test_the_list_tells_the_standing_of_every_version(client: Client, ada: Person) -> None:
    matrix_version(slug="old")
    matrix_version(slug="law", effective_from=NOW)
    submitted(ada)
    page = client.get(LIST)
    assert "There is no matrix yet" not in text_of(page)
    assert standings(page) == {"superseded", "in force", "submitted"}


def test_a_list_of_many_versions_asks_no_more_than_one_of_few(
    client: Client, ada: Person, django_assert_max_num_queries
) -> None:
    for _ in range(12):
        matrix_version(slug="law")
    with django_assert_max_num_queries(12):
        client.get(LIST)


# --- the import


def field_of(response, label: str) -> str:
    """The name of the question about this foreign name."""
    form = response.context["form"]
    return next(name for name, field in form.fields.items() if field.label == label)


@real_data
@pytest.mark.parametrize(
    "name", ["pagerduty_major_incident.csv", "pagerduty_major_incident.xlsx"]
)
def test_a_leader_imports_the_real_matrix(client: Client, ada: Person, name: str) -> None:
    path = REAL / "pagerduty_major_incident.csv"
    content = path.read_bytes() if name.endswith("csv") else as_xlsx(path)
    step = upload(client, content, name)
    page = client.get(step.url)
    form = page.context["form"]
    assert form[field_of(page, "Deputy")].initial == DEPUTY
    assert form[field_of(page, "declare")].initial == "detection"
    assert form[field_of(page, "Internal Liaison")].initial == ""
    assert "Still open: Internal Liaison" in text_of(page)
    answers = {field: one.initial or "-" for field, one in form.fields.items() if one.label}
    answers |= {"matrix_name": "Major incidents", "note": "As PagerDuty does it."}

    preview = client.post(step.url, answers | {"preview": "1"})
    assert preview.status_code == 200
    assert "Preview in our names" in text_of(preview)
    assert "R11" in text_of(preview)
    assert not MatrixVersion.objects.exists()

    done = client.post(step.url, answers | {"draft": "1"}, follow=True)
    version = MatrixVersion.objects.get()
    assert done.redirect_chain[-1][0] == page_of(version)
    assert (str(version), version.status, version.maker) == ("Major incidents v1", "draft", ada)
    assert version.activities.count() == 15
    assert not version.activities.filter(cells__role="executive").exists()
    text = text_of(done)
    assert "Bring everyone onto one call and channel" in text
    assert "Communications lead" in text
    assert "made the draft" in text


def test_a_column_we_have_no_role_for_is_asked_for_and_nothing_is_lost(
    client: Client, ada: Person
) -> None:
    step = upload(client, GOOD + "freeze,Stop deployments,Wizard,A/R\n")
    answers = {"matrix_name": "Law", "phase_0": "review", "role_0": COMMANDER, "draft": "1"}
    page = client.post(step.url, answers)
    assert page.status_code == 422
    assert "Say what “freeze” is." in text_of(page)
    assert "Say what “Wizard” is." in text_of(page)
    assert page.context["form"]["phase_0"].value() == "review"
    assert MatrixUpload.objects.get().version is None
    done = client.post(step.url, answers | {"phase_1": "triage", "role_1": "-"})
    assert done.status_code == 302
    assert MatrixVersion.objects.get().activities.get(name="Open the call").phase == "review"


def test_a_forged_choice_is_refused(client: Client, ada: Person) -> None:
    step = upload(client, GOOD)
    answers = {"matrix_name": "Law", "phase_0": "lunch", "role_0": "wizard", "draft": "1"}
    page = client.post(step.url, answers)
    assert page.status_code == 422
    assert "lunch is not one of the available choices" in text_of(page)
    assert not MatrixVersion.objects.exists()


def test_rows_that_are_wrong_stand_in_a_table_with_their_numbers(
    client: Client, ada: Person
) -> None:
    step = upload(client, GOOD + "declare,Open the call,Deputy,X\n,Orphan,Deputy,R\n")
    text = text_of(client.get(step.url))
    assert "3 raci “X” is not R, A, C, I or A/R" in text
    assert "4 phase The phase is missing" in text
    answers = {"matrix_name": "Law", "phase_0": "review", "role_0": COMMANDER, "role_1": DEPUTY}
    refused = client.post(step.url, answers | {"draft": "1"})
    assert refused.status_code == 422
    assert "Row 3, column raci" in text_of(refused)
    assert not MatrixVersion.objects.exists()


def test_a_table_that_is_no_matrix_is_kept_and_told_so(client: Client, ada: Person) -> None:
    step = upload(client, "name,colour\nsky,blue\n")
    assert "No header recognised" in text_of(client.get(step.url))


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        (b"", "law.csv", "The submitted file is empty."),
        (b"  \n", "law.csv", "The file is empty"),
        (b"phase,activity\xff\n", "law.csv", "Byte 14 (line 1) is not UTF-8"),
        (b"PK\x03\x04 no workbook", "law.xlsx", "is no workbook, or broken"),
        (b"%PDF-1.4", "law.pdf", "is neither .csv nor .xlsx"),
        (
            b"phase,activity,Lead\ndeclare,=1+1,A/R\n",
            "law.csv",
            "Cell B2 begins like a formula",
        ),
        (b"phase,activity\n" + b"a,b\n" * 5_000, "law.csv", "more than 5000 rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "law.csv", "larger than 5 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_its_form(
    client: Client, ada: Person, content: bytes, name: str, problem: str
) -> None:
    page = upload(client, content, name)
    assert page.status_code == 422
    assert problem in text_of(page)
    assert not MatrixUpload.objects.exists()


def test_cells_may_be_pasted_and_survive_an_error(client: Client, ada: Person) -> None:
    pasted = GOOD.replace(",", "\t")
    page = client.post(UPLOAD, {"text": pasted.replace("declare", "=declare")})
    assert page.status_code == 422
    assert "Cell A2 begins like a formula" in text_of(page)
    assert "=declare" in page.content.decode()
    step = client.post(UPLOAD, {"text": pasted})
    assert MatrixUpload.objects.get().rows == [line.split(",") for line in GOOD.splitlines()]
    assert client.get(step.url).status_code == 200


def test_a_kept_upload_is_offered_until_it_is_used(client: Client, ada: Person) -> None:
    step = upload(client, GOOD, "kept.csv")
    upload(signed_in(leader("ben")), GOOD, "of_ben.csv")
    text = text_of(client.get(UPLOAD))
    assert "kept.csv" in text
    assert "of_ben.csv" not in text
    answers = {"matrix_name": "Law", "phase_0": "review", "role_0": COMMANDER, "draft": "1"}
    client.post(step.url, answers)
    assert "kept.csv" not in text_of(client.get(UPLOAD))


def test_a_file_or_text_must_be_given_and_not_both(client: Client, ada: Person) -> None:
    assert "Choose a file, or paste" in text_of(client.post(UPLOAD, {}))
    both = {"file": SimpleUploadedFile("law.csv", GOOD.encode()), "text": GOOD}
    assert "not both" in text_of(client.post(UPLOAD, both))
    assert not MatrixUpload.objects.exists()


def test_an_import_is_made_once(client: Client, ada: Person) -> None:
    step = upload(client, GOOD)
    answers = {"matrix_name": "Law", "phase_0": "review", "role_0": COMMANDER, "draft": "1"}
    first = client.post(step.url, answers)
    again = client.post(step.url, answers)
    assert first.url == again.url == page_of(MatrixVersion.objects.get())


def test_looking_changes_nothing(client: Client, ada: Person) -> None:
    step = upload(client, GOOD)
    version = draft(maker=ada)
    pages = [LIST, UPLOAD, step.url, f"{step.url}?draft=1&matrix_name=Law", page_of(version)]
    pages += [page_of(version, verb) for verb in ("submit", "approve", "withdraw")]
    for page in pages:
        assert client.get(page).status_code == 200
    assert MatrixVersion.objects.get().is_draft
    assert MatrixUpload.objects.get().version is None


# --- the page and its verbs


def test_the_page_shows_the_matrix_in_words_with_its_findings(
    client: Client, ada: Person
) -> None:
    rows = {
        ("triage", "Direct the response"): {COMMANDER: "A/R", DEPUTY: "I"},
        ("triage", "Guess"): {SCRIBE: "R"},
    }
    page = client.get(page_of(draft(rows, maker=ada)))
    text = text_of(page)
    assert "Errors: to be corrected" in text
    assert "R02 Guess (triage) Nobody is accountable" in text
    head = "Activity Incident commander Deputy commander Scribe"
    assert f"{head} triage Direct the response A/R I" in text
    assert 'tabindex="0"' in page.content.decode()


def test_a_note_or_a_name_is_text_and_never_markup(client: Client, ada: Person) -> None:
    rows = {("triage", "<script>alert(1)</script>"): {COMMANDER: "A/R"}}
    page = client.get(page_of(draft(rows, maker=ada))).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_from_draft_to_law_by_two_leaders(client: Client, ada: Person) -> None:
    version = draft(maker=ada)
    assert client.post(page_of(version, "submit"), {}).status_code == 302

    refused = client.post(page_of(version, "approve"), {})
    assert refused.status_code == 409
    assert "You made this version, and nobody approves their own work" in text_of(refused)
    assert MatrixVersion.objects.get(pk=version.pk).status == "submitted"

    ben = leader("ben")
    done = signed_in(ben).post(page_of(version, "approve"), {}, follow=True)
    version.refresh_from_db()
    assert (version.status, version.checker) == ("approved", ben)
    assert matrix_in_force(version.effective_from) == version
    assert "in force" in text_of(done)


def test_the_refused_verb_is_shown_with_its_reason_beforehand(
    client: Client, ada: Person
) -> None:
    page = client.get(page_of(submitted(ada))).content.decode()
    assert "Approve: You made this version" in page
    assert "Submit: It is submitted" in page


def test_warnings_are_asked_about_and_errors_refused(client: Client, ada: Person) -> None:
    warned = draft({("triage", "Act"): {COMMANDER: "A", DEPUTY: "R"}}, maker=ada)
    page = client.post(page_of(warned, "submit"), {"warnings_reason": ""})
    assert page.status_code == 409
    assert "say why it is submitted all the same" in text_of(page)
    done = client.post(
        page_of(warned, "submit"), {"warnings_reason": "Two people."}, follow=True
    )
    assert "“Two people.”" in text_of(done)
    wrong = draft({("triage", "Act"): {COMMANDER: "R"}}, maker=ada)
    page = client.post(page_of(wrong, "submit"), {})
    assert page.status_code == 409
    assert "1 error, first R02" in text_of(page)


def test_it_may_take_effect_later_and_be_withdrawn_before(client: Client, ada: Person) -> None:
    version = submitted(leader("ben"))
    when = {"effective_from_0": "2126-11-24", "effective_from_1": "09:00"}
    client.post(page_of(version, "approve"), when)
    assert standings(client.get(LIST)) == {"approved"}
    assert client.post(page_of(version, "withdraw"), {"reason": ""}).status_code == 409
    done = client.post(page_of(version, "withdraw"), {"reason": "Not yet."}, follow=True)
    assert "withdrew it" in text_of(done)
    assert MatrixVersion.objects.get(pk=version.pk).status == "withdrawn"


def test_an_approved_version_never_changes(client: Client, ada: Person) -> None:
    version = matrix_version(slug="law")
    before = MatrixVersion.objects.filter(pk=version.pk).values().get()
    history = version.history.latest()
    past = reverse(
        "admin:incidents_matrixversion_simple_history", args=[version.pk, history.history_id]
    )
    ada.is_superuser = True
    ada.save()
    said = {"number": 7, "note": "Rewritten.", "status": "draft"}
    assert client.post(page_of(version), said).status_code == 403
    assert client.post(past, said).status_code == 403
    assert client.get(past).status_code == 200
    refused = client.post(page_of(version, "withdraw"), {"reason": "Oops."})
    assert refused.status_code == 409
    assert "what was law is never withdrawn" in text_of(refused)
    assert MatrixVersion.objects.filter(pk=version.pk).values().get() == before


# --- downloads


@pytest.mark.parametrize("form", ["long", "wide"])
def test_a_version_is_downloaded_and_reads_back_the_same(
    client: Client, ada: Person, form: str
) -> None:
    version = draft(maker=ada)
    grids = []
    for suffix in ("csv", "xlsx"):
        response = client.get(export(version, form, suffix))
        assert f'filename="new-v1-{form}.{suffix}"' in response["Content-Disposition"]
        grids.append(read(cells_of(response.content, suffix)).grid)
    for grid in grids:
        assert [(each.phase, each.name, dict(each.letters)) for each in grid.activities] == [
            (each.phase, each.name, dict(each.letters))
            for each in matrix.grid_of(version).activities
        ]


def export(version: MatrixVersion, form: str, suffix: str) -> str:
    return f"{LIST}{version.pk}/export/{form}.{suffix}"


def cells_of(content: bytes, suffix: str) -> list[list[str]]:
    if suffix == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_no_download_is_a_formula(client: Client, ada: Person) -> None:
    version = draft({("triage", "=cmd()"): {COMMANDER: "A/R"}}, maker=ada)
    for suffix in ("csv", "xlsx"):
        content = client.get(export(version, "wide", suffix)).content
        assert cells_of(content, suffix)[1][1] == "'=cmd()"


def test_there_are_no_other_downloads(client: Client, ada: Person) -> None:
    version = draft(maker=ada)
    assert client.get(export(version, "wide", "csv")).status_code == 200
    assert client.get(export(version, "round", "csv")).status_code == 404
    assert client.get(export(version, "wide", "pdf")).status_code == 404


# --- who may


def test_dan_sees_nothing_and_does_nothing(client: Client, ada: Person) -> None:
    version, step = draft(maker=ada), upload(client, GOOD).url
    dan = signed_in(person("dan", is_staff=True))
    pages = [LIST, UPLOAD, step, page_of(version), export(version, "long", "csv")]
    pages += [page_of(version, verb) for verb in ("submit", "approve", "withdraw")]
    for page in pages:
        assert dan.get(page).status_code == 403
        assert dan.post(page, {}).status_code == 403
    assert client.get(page_of(version)).status_code == 200
    assert MatrixUpload.objects.count() == 1


def test_who_may_only_look_gets_no_verb_and_no_download(client: Client, ada: Person) -> None:
    version = draft(maker=ada)
    auditor = signed_in(allow(person("auditor", is_staff=True), "incidents.view_matrixversion"))
    page = auditor.get(page_of(version))
    assert page.status_code == 200
    assert "Download" not in text_of(page)
    assert page.context["offers"] == []
    assert auditor.get(export(version, "long", "csv")).status_code == 403
    assert auditor.post(page_of(version, "submit"), {}).status_code == 403
    assert auditor.get(UPLOAD).status_code == 403


def test_a_matrix_has_a_description_and_a_slug_nobody_edits(
    client: Client, ada: Person
) -> None:
    law = matrix_version(slug="law").matrix
    client.force_login(
        allow(ada, "incidents.view_matrix", "incidents.change_matrix", "incidents.add_matrix")
    )
    page = f"/admin/incidents/matrix/{law.pk}/change/"
    said = {"name": "Law", "slug": "other", "description": "For all incidents."}
    assert client.post(page, said).status_code == 302
    law.refresh_from_db()
    assert (law.slug, law.description) == ("law", "For all incidents.")
    assert client.get("/admin/incidents/matrix/add/").status_code == 403
    assert Matrix.objects.count() == 1


def test_on_a_first_day_the_roles_the_law_names_can_be_chosen(
    client: Client, ada: Person
) -> None:
    Role.objects.update(reports_to=None)
    Role.objects.all().delete()
    page = client.get(upload(client, "phase,activity,Chief\ndeclare,Open the call,A/R\n").url)
    (chief,) = page.context["form"].role_fields()
    choices = dict(chief.field.choices)
    assert choices[COMMANDER] == NAMES[COMMANDER]
