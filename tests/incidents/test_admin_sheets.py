"""Spreadsheets of the catalogue, in and out: preview, then all rows or none, and never a formula."""

import csv
import io
import zipfile
from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from openpyxl import Workbook, load_workbook

from incidents import sheets
from incidents.models import (
    AuditEvent,
    Dependency,
    HoldingStatement,
    Person,
    Scenario,
    Service,
    Team,
)
from incidents.operations.sheets import record_import
from incidents.rules.reasons import NotPermitted
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, said, signed_in, text_of
from tests.incidents.scene import again, last_act, refused

pytestmark = pytest.mark.django_db

TEAMS = ("slug", "name", "lead")
PEOPLE = (
    "username", "name", "email", "team", "manager", "time_zone", "phone", "works_from",
    "works_until", "works_weekends", "is_active",
)  # fmt: skip
SERVICES = ("slug", "name", "tier", "owner", "team")
EDGES = ("upstream", "downstream", "strength")
WORDS = ("title", "scenario", "audience", "language", "text", "expires_on")
CSV, XLSX = "0", "1"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path) -> None:
    """Previews keep a copy of the file; not in the developer's folders."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lea() -> Person:
    return member("lea", "leadership")


@pytest.fixture
def client(lea):
    return signed_in(lea)


def as_csv(*rows: tuple) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def as_xlsx(*rows: tuple) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def preview(client, model: type[Model], content: bytes, name: str = "rows.csv"):
    upload = SimpleUploadedFile(name, content)
    return client.post(list_of(model, "import"), {"import_file": upload, "resource": "0"})


def confirm(client, model: type[Model], page):
    return client.post(list_of(model, "process_import"), page.context["confirm_form"].initial)


def bring_in(client, model: type[Model], content: bytes, name: str = "rows.csv"):
    return confirm(client, model, preview(client, model, content, name))


def wrong(page) -> str:
    """What the preview says is wrong; there is nothing to confirm."""
    assert page.status_code == 200
    assert "confirm_form" not in page.context
    return text_of(page)


# --- rows come in


@pytest.mark.parametrize(("write", "name"), [(as_csv, "rows.csv"), (as_xlsx, "rows.xlsx")])
def test_a_whole_catalogue_comes_in(client, write, name) -> None:
    for model, rows in (
        (Team, [TEAMS, ("payments", "Payments", "")]),
        (Person, [PEOPLE, ("mia", "Mia", "mia@example.com", "payments", "lea", "Europe/Oslo", "+47 22 33", "22:00", "06:00", 0, 1)]),
        (Service, [SERVICES, ("card", "Card", 1, "mia", "payments"), ("app", "App", 2, "lea", "payments")]),
        (Dependency, [EDGES, ("card", "app", "hard")]),
        (HoldingStatement, [WORDS, ("Down", "", "public", "en", "{service} is down.", "")]),
    ):  # fmt: skip
        assert bring_in(client, model, write(*rows), name).status_code == 302
    mia = Person.objects.get(username="mia")
    assert (mia.works_from, mia.works_until, mia.works_weekends) == (time(22), time(6), False)
    assert (mia.team.slug, mia.manager.username, mia.time_zone) == (
        "payments",
        "lea",
        "Europe/Oslo",
    )
    assert mia.phone == "+47 22 33"
    assert Service.objects.get(slug="card").owner == mia
    assert str(Dependency.objects.get().downstream) == "App"
    assert HoldingStatement.objects.get().status == "draft"


def test_a_workbook_s_dates_are_days(client) -> None:
    row = ("Down", "", "public", "en", "We work on it.", date(2027, 3, 1))
    bring_in(client, HoldingStatement, as_xlsx(WORDS, row), "words.xlsx")
    assert HoldingStatement.objects.get().expires_on == date(2027, 3, 1)


def test_a_preview_stores_nothing(client) -> None:
    page = preview(client, Team, as_csv(TEAMS, ("payments", "Payments", "")))
    assert "Payments" in text_of(page)
    assert not Team.objects.filter(slug="payments").exists()
    assert not AuditEvent.objects.exists()


def test_an_import_is_one_audit_line(client, lea) -> None:
    team = factories.team()
    rows = as_csv(TEAMS, ("platform", "Roots", ""), ("a", "A", ""), ("b", "B", ""))
    page = bring_in(client, Team, rows, "teams of may.csv")
    assert said(page) == ["Import finished: 2 new, 1 updated, 0 deleted and 0 skipped teams."]
    line = last_act()
    assert (line.verb, line.actor, line.subject) == (
        "import_sheet",
        lea,
        "Law and incidents | team",
    )
    assert line.detail == {"file": "teams of may.csv", "rows": {"new": 2, "update": 1}}
    assert AuditEvent.objects.count() == 1
    assert team.history.latest().history_user == lea


def test_an_unchanged_row_is_skipped_without_a_version(client) -> None:
    team = factories.team()
    bring_in(client, Team, as_csv(TEAMS, ("", "", ""), ("platform", "Platform", "")))
    assert team.history.count() == 1
    assert last_act().detail["rows"] == {"skip": 2}


def test_columns_are_found_in_any_case_and_order(client) -> None:
    bring_in(client, Team, as_csv(("Name", " SLUG "), ("Payments", "payments")))
    assert Team.objects.get(slug="payments").name == "Payments"


def test_a_preview_is_confirmed_once(client) -> None:
    page = preview(client, Team, as_csv(TEAMS, ("payments", "Payments", "")))
    assert confirm(client, Team, page).status_code == 302
    again_ = confirm(client, Team, page)
    assert (again_.status_code, again_.url) == (302, list_of(Team, "import"))
    assert said(again_)[-1] == (
        "This preview was confirmed before or is gone. Upload the file again."
    )
    assert AuditEvent.objects.count() == 1


def test_what_no_longer_fits_when_confirmed_brings_in_no_row(client) -> None:
    rows = as_csv(TEAMS, ("payments", "Payments", ""), ("loans", "Loans", "mia"))
    mia = factories.person("mia")
    page = preview(client, Team, rows)
    mia.username = "mia.new"
    mia.save()
    late = confirm(client, Team, page)
    assert said(late) == [
        "Nothing was imported: some rows no longer fit. Upload the file again."
    ]
    assert set(Team.objects.values_list("slug", flat=True)) == {"platform"}
    assert not AuditEvent.objects.exists()


# --- rows that do not fit


@pytest.mark.parametrize(
    ("model", "header", "good", "bad", "words"),
    [
        (Team, TEAMS, ("a", "A", ""), ("b", "B", "nobody"), "There is no person “nobody”"),
        (Team, TEAMS, ("a", "A", ""), ("b", "", ""), "This field cannot be blank"),
        (Team, TEAMS, ("a", "A", ""), ("b c", "B", ""), "Enter a valid “slug”"),
        (Team, TEAMS, ("a", "A", ""), ("b", "=HYPERLINK(1)", ""), "begins like a formula"),
        (Team, TEAMS, ("a", "A", ""), ("b", "@SUM(1)", ""), "begins like a formula"),
        (Person, PEOPLE[:3], ("mia", "Mia", "m@example.com"), ("no", "No", "no mail"),
         "Enter a valid email address"),
        (Person, ("username", "name", "time_zone"), ("mia", "Mia", "UTC"), ("no", "No", "CET+1"),
         "is not an IANA time zone"),
        (Person, ("username", "name", "works_from"), ("mia", "Mia", ""), ("no", "No", "09:00"),
         "Give both hours, or neither"),
        (Person, ("username", "name", "team"), ("mia", "Mia", ""), ("no", "No", "none"),
         "There is no team “none”"),
        (Service, SERVICES, ("a", "A", 1, "lea", "platform"), ("b", "B", 1, "lea", "none"),
         "There is no team “none”"),
        (Service, SERVICES, ("a", "A", 1, "lea", "platform"), ("b", "B", 1, "nobody", "platform"),
         "There is no person “nobody”"),
        (Service, SERVICES, ("a", "A", 1, "lea", "platform"), ("b", "B", 1, "", "platform"),
         "This field cannot be null"),
        (Service, SERVICES, ("a", "A", 1, "lea", "platform"), ("b", "B", 9, "lea", "platform"),
         "service_tier_one_to_four"),
        (Dependency, EDGES, ("one", "two", "hard"), ("one", "three", "hard"),
         "There is no service “three”"),
        (Dependency, EDGES, ("one", "two", "hard"), ("one", "one", "hard"),
     "no_service_depends_on_itself"),
        (HoldingStatement, WORDS, ("A", "", "public", "en", "x", ""),
         ("B", "none", "public", "en", "x", ""), "There is no scenario “none”"),
        (HoldingStatement, WORDS, ("A", "", "public", "en", "x", ""),
         ("B", "", "public", "en", "{secret}", ""), "secret"),
        (HoldingStatement, WORDS, ("A", "", "public", "en", "x", ""),
         ("B", "", "martians", "en", "x", ""), "is not a valid choice"),
    ],
)  # fmt: skip
def test_one_bad_row_is_named_and_no_row_comes_in(
    client, model, header, good, bad, words
) -> None:
    for slug in ("one", "two"):
        factories.service(slug)
    before = model.objects.count()
    page = preview(client, model, as_csv(header, good, bad))
    text = wrong(page)
    assert words in text
    result = page.context["result"]
    numbers = [row.number for row in result.invalid_rows] + [n for n, _ in result.row_errors()]
    assert numbers == [2]
    assert model.objects.count() == before
    assert bring_in(client, model, as_csv(header, good)).status_code == 302
    assert model.objects.count() == before + 1


# --- files that cannot be read


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (sheets.MAX_UNPACKED_BYTES + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("rows.csv", b"  \n", "The file is empty"),
        ("rows.csv", "slug,name\nä,Ä".encode("latin-1"), "is not UTF-8"),
        ("rows.csv", b"slug,name\na,\x00", "NUL"),
        ("rows.csv", b'slug,name\n"a,A\n', "check the quotes"),
        ("rows.csv", b"slug,name\n" + b"a,A\n" * sheets.MAX_ROWS, "split the file"),
        ("rows.csv", b"slug,name\n" + b"x" * sheets.MAX_BYTES, "larger than"),
        ("rows.csv", b"slug,name\na," + b"x" * 3000, "shorten it"),
        ("rows.csv", b"slug,name\n", "No valid data"),
        ("rows.xlsx", b"no workbook", "is no workbook, or broken"),
        ("rows.xlsx", bomb(), "larger than"),
        ("rows.ods", b"anything", "neither .csv nor .xlsx"),
        ("rows.csv", b"name\nPayments\n", "The sheet has no column slug"),
        ("rows.csv", b"slug,name,name\na,A,B\n", "Keep one column of each name: name"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(client, name, content, words) -> None:
    assert words in wrong(preview(client, Team, content, name))
    assert not Team.objects.filter(slug="a").exists()


def test_a_file_that_cannot_be_read_is_not_kept(client, tmp_path) -> None:
    wrong(preview(client, Team, b"no workbook", "rows.xlsx"))
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_no_copy_of_a_file_stays_once_it_came_in(client, tmp_path) -> None:
    page = preview(client, Team, as_csv(TEAMS, ("a", "A", "")))
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1
    confirm(client, Team, page)
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("name", ["../../../etc/passwd", "nothing", "."])
def test_a_forged_confirmation_reads_no_other_file(client, name) -> None:
    body = {"import_file_name": name, "original_file_name": "x", "format": CSV}
    assert client.post(list_of(Team, "process_import"), body).status_code in (200, 302)
    assert not AuditEvent.objects.exists()


def test_a_forged_format_is_refused(client) -> None:
    page = preview(client, Team, as_csv(TEAMS, ("a", "A", "")))
    body = page.context["confirm_form"].initial | {"format": "9"}
    assert client.post(list_of(Team, "process_import"), body).status_code == 200
    assert not Team.objects.filter(slug="a").exists()


# --- what a sheet never reaches


def test_rights_and_passwords_never_travel_in_a_sheet(client) -> None:
    mia = factories.person("mia")
    mia.set_password("known to Mia alone")
    mia.save()
    header = ("username", "name", "is_superuser", "is_staff", "password", "groups")
    rows = as_csv(
        header, ("mia", "Mia Two", 1, 1, "x", "leadership"), ("new", "New", 1, 1, "x", "")
    )
    bring_in(client, Person, rows)
    for who in (again(mia), Person.objects.get(username="new")):
        assert not (who.is_superuser or who.is_staff or who.groups.exists())
    assert again(mia).name == "Mia Two"
    assert again(mia).check_password("known to Mia alone")
    assert not Person.objects.get(username="new").has_usable_password()


def test_a_superuser_is_changed_by_a_superuser_s_sheet_only(client) -> None:
    root = member("root", is_superuser=True)
    rows = as_csv(("username", "email"), ("root", "taken@example.com"))
    assert "root is a superuser" in wrong(preview(client, Person, rows))
    bring_in(signed_in(root), Person, rows)
    assert again(root).email == "taken@example.com"


def test_an_approved_statement_is_never_changed_by_a_sheet(client, lea) -> None:
    made = HoldingStatement.objects.create(
        title="Down", text="Agreed.", audience="public", status="approved", approved_at=NOW,
        maker=factories.person("wanda"), approver=lea,
    )  # fmt: skip
    page = preview(
        client, HoldingStatement, as_csv(WORDS, ("Down", "", "public", "en", "New.", ""))
    )
    assert "is approved and cannot be changed by an import" in wrong(page)
    same = as_csv(WORDS, ("Down", "", "public", "en", "Agreed.", ""))
    assert bring_in(client, HoldingStatement, same).status_code == 302
    assert again(made).text == "Agreed."
    assert made.history.count() == 1


def test_whoever_imports_new_words_cannot_approve_them(client, lea) -> None:
    made = HoldingStatement.objects.create(
        title="Down", text="Old.", audience="public", maker=factories.person("wanda")
    )
    bring_in(client, HoldingStatement, as_csv(WORDS, ("Down", "", "public", "en", "New.", "")))
    assert (again(made).text, again(made).maker) == ("New.", lea)


# --- rows go out


def take_out(client, model: type[Model], kind: str, *columns: str):
    prefix = f"{model._meta.model_name}resource_"
    prefix = prefix.replace("holdingstatementresource", "statementresource")
    body = {"format": kind, "resource": "0"} | {f"{prefix}{name}": "on" for name in columns}
    return client.post(list_of(model, "export"), body)


def test_no_cell_of_an_export_is_a_formula(client) -> None:
    for start in "=+-@\t":
        Team.objects.create(slug=f"t{ord(start)}", name=f"{start}cmd|' /C calc'!A0")
    text = take_out(client, Team, CSV, *TEAMS).content.decode()
    names = [row["name"] for row in csv.DictReader(io.StringIO(text))]
    book = load_workbook(io.BytesIO(take_out(client, Team, XLSX, *TEAMS).content))
    cells = [cell for row in book.active.iter_rows(min_row=2) for cell in row]
    assert len(names) == 6
    assert not any(name.startswith(("=", "+", "-", "@", "\t")) for name in names)
    assert not any(cell.data_type == "f" for cell in cells)
    assert not any(str(cell.value or "").startswith(("=", "+", "-", "@")) for cell in cells)


@pytest.mark.parametrize(("kind", "name"), [(CSV, "out.csv"), (XLSX, "out.xlsx")])
def test_an_export_comes_back_in_unchanged(client, lea, kind, name) -> None:
    factories.person("mia", name="=1+1", phone="+47 22 33", manager=lea)
    out = take_out(client, Person, kind, *PEOPLE).content
    versions = Person.history.count()
    page = bring_in(client, Person, out, name)
    assert said(page) == ["Import finished: 0 new, 0 updated, 0 deleted and 2 skipped people."]
    assert Person.history.count() == versions


def test_an_export_names_owner_team_and_scenario_by_their_keys(client) -> None:
    factories.service("card", owner=factories.person("mia"))
    scenario = Scenario.objects.create(slug="outage", name="Outage")
    HoldingStatement.objects.create(
        title="Down",
        text="x",
        audience="public",
        maker=factories.person("w"),
        scenario=scenario,
    )
    rows = take_out(client, Service, CSV, *SERVICES).content.decode().splitlines()
    assert rows == ["slug,name,tier,owner,team", "card,Card,3,mia,platform"]
    assert (
        "Down,outage,public" in take_out(client, HoldingStatement, CSV, *WORDS).content.decode()
    )


def test_an_export_tells_nothing_of_passwords(client) -> None:
    page = client.get(list_of(Person, "export")).content.decode()
    assert "personresource_phone" in page
    assert "personresource_password" not in page


# --- the record


def test_an_import_is_recorded_for_those_who_may_import(lea) -> None:
    dan = factories.person("dan")
    with refused("no_permission", NotPermitted):
        record_import(Team, file="x.csv", counts={"new": 1}, actor=dan, at=NOW)
    record_import(Team, file="x" * 300, counts={"new": 1}, actor=lea, at=NOW)
    assert last_act().detail == {"file": "x" * 200, "rows": {"new": 1}}
