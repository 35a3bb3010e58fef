"""The library in the admin: a list that says how words stand, pages for each act, sheets."""

import csv
import io
from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from incidents.models import AuditEvent, HoldingStatement, Person, StatementCopy, Update
from incidents.operations.agreeing import fingerprint
from incidents.rules.findings import Level
from incidents.rules.roles import COUNSEL
from incidents.rules.shipped_statements import STATEMENTS
from incidents.rules.wording_checks import Remark
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of
from tests.incidents.scene import acts, again, incident_under

pytestmark = pytest.mark.django_db

WORDS = {"title": "Down", "audience": "public", "language": "en", "purpose": "first"}
COLUMNS = (
    "title", "audience", "language", "purpose", "text", "forbidden", "effective_from",
    "review_on", "expires_on",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _calm(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lea() -> Person:
    return member("lea", "leadership")


@pytest.fixture
def client(lea):
    return signed_in(lea)


def draft(**fields) -> HoldingStatement:
    given = {"title": "Down", "audience": "public", "text": "{service} is <b>down</b>."}
    fields.setdefault("maker", member(f"wanda{HoldingStatement.objects.count()}"))
    return HoldingStatement.objects.create(**(given | fields))


def approved(lea: Person, **fields) -> HoldingStatement:
    return draft(status="approved", approver=lea, approved_at=NOW, **fields)


# --- the list


def test_what_is_only_planned_says_that_it_has_no_words(client) -> None:
    planned, written = draft(text=""), draft(text="We are on it.")
    for address in (page_of(planned), page_of(planned, "approve")):
        shown = text_of(client.get(address))
        assert "No words yet: edit the draft." in shown
        assert "used as it stands" not in shown
    assert "None: it is used as it stands." in text_of(client.get(page_of(written)))


def test_the_list_says_how_words_stand_and_how_often_they_were_used(client, lea) -> None:
    made = approved(lea, title="Used", expires_on=date(2026, 11, 1))
    incident = incident_under(factories.severity_scheme(), "sev2")
    for _ in range(3):
        Update.objects.create(
            incident=incident, audience="public", text="x", statement=made, drafted_by=lea,
            drafted_at=NOW,
        )  # fmt: skip
    for _ in range(2):
        StatementCopy.objects.create(statement=made, person=lea, at=NOW)
    page = client.get(list_of(HoldingStatement))
    (row,) = page.context["cl"].result_list
    assert row.uses_counted == 5
    assert "Approved expired" in text_of(page)


@pytest.mark.parametrize(("stands", "expected"), [
    ("usable", {"fine", "soon", "left", "review"}),
    ("soon", {"soon"}),
    ("expired", {"expired"}),
    ("review", {"review"}),
    ("left", {"left"}),
    ("unsigned", {"unsigned"}),
    ("waiting", {"waiting", "signed"}),
    ("", {"fine", "soon", "left", "review", "expired", "unsigned", "waiting", "signed"}),
])  # fmt: skip
def test_the_list_is_narrowed_by_how_words_stand(client, lea, stands, expected) -> None:
    gone = member("gone", is_active=False)
    approved(lea, title="fine", expires_on=date(2027, 6, 1))
    approved(lea, title="soon", expires_on=date(2026, 12, 20))
    approved(lea, title="expired", expires_on=date(2026, 11, 23))
    approved(lea, title="review", review_on=date(2026, 11, 23))
    approved(gone, title="left")
    draft(title="unsigned")
    draft(title="waiting", audience="internal")
    draft(title="signed", cleared_by=lea, cleared_at=NOW)
    page = client.get(list_of(HoldingStatement), {"stands": stands} if stands else {})
    assert {row.title for row in page.context["cl"].result_list} == expected


def test_words_nobody_can_use_say_why(client, lea) -> None:
    approved(member("gone", is_active=False), title="Left")
    approved(lea, title="Later", effective_from=date(2027, 1, 1))
    text = text_of(client.get(list_of(HoldingStatement)))
    assert "Approved approver left" in text
    assert "Approved not yet" in text


def test_the_list_costs_the_same_however_long_it_is(
    client, lea, django_assert_max_num_queries
) -> None:
    for number in range(20):
        approved(lea, title=f"Words {number}")
    client.get(list_of(HoldingStatement))
    with django_assert_max_num_queries(14):
        client.get(list_of(HoldingStatement))


def test_the_words_that_ship_are_added_from_the_list_once(client) -> None:
    address = list_of(HoldingStatement, "unpack")
    assert f"{len(STATEMENTS)} drafts" in text_of(client.get(address))
    assert acts() == []
    page = client.post(address)
    assert (page.status_code, page.url) == (302, list_of(HoldingStatement))
    assert said(page)[0].startswith(f"{len(STATEMENTS)} drafts and 18 scenarios were added.")
    again_page = client.post(address)
    assert again_page.status_code == 409
    assert "are here" in text_of(again_page)
    assert HoldingStatement.objects.count() == len(STATEMENTS)


# --- a page


def test_the_page_shows_the_words_as_text_with_their_blanks_marked(client) -> None:
    made = draft(text="{service}: <script>alert(1)</script> {impact}")
    body = client.get(page_of(made)).content.decode()
    assert "<mark>{service}</mark>: &lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<script>alert(1)" not in body
    assert "{service}, {impact}. Free text: impact." in text_of(client.get(page_of(made)))


def test_the_page_lists_what_must_not_be_claimed(client) -> None:
    body = client.get(page_of(draft(forbidden="All <b>well</b>\nNo loss"))).content.decode()
    assert "<li>All &lt;b&gt;well&lt;/b&gt;</li><li>No loss</li>" in body


def test_the_page_says_where_the_words_were_used_but_not_in_what_is_hidden(client, lea) -> None:
    made = approved(lea)
    scheme = factories.severity_scheme()
    for is_private in (False, True):
        Update.objects.create(
            incident=incident_under(scheme, "sev2", is_private=is_private), audience="public",
            text="x", statement=made, drafted_by=lea, drafted_at=NOW,
        )  # fmt: skip
    text = text_of(client.get(page_of(made)))
    assert "2 times" in text
    assert "INC-1" in text
    assert "INC-2" not in text


def test_a_next_version_is_drafted_from_the_page_of_the_words(client, lea) -> None:
    made = approved(lea, audience="internal", expires_on=date(2027, 1, 1))
    form = client.get(page_of(made, "revise")).context["form"]
    assert form.initial["text"] == made.text
    assert {"audience", "scenario", "language", "purpose"}.isdisjoint(form.fields)
    assert "expires_on" not in form.initial
    page = client.post(page_of(made, "revise"), {"title": "Down", "text": "We look."})
    second = HoldingStatement.objects.get(version=2)
    assert page.url == page_of(second)
    assert (second.text, second.replaces, second.audience) == ("We look.", made, "internal")


def test_counsel_signs_off_what_the_page_shows(lea) -> None:
    made, uma = draft(forbidden="All is well"), member("uma", "responder")
    factories.qualify(uma, COUNSEL)
    counsel, address = signed_in(uma), page_of(made, "clear")
    page = counsel.get(address)
    assert "Must not be claimed: All is well" in text_of(page)
    page = counsel.post(address, {"seen": fingerprint(made), "note": ""})
    assert page.status_code == 302
    assert again(made).cleared_by == uma
    page = signed_in(lea).post(page_of(made, "approve"), {"seen": fingerprint(made)})
    assert page.status_code == 302
    assert again(made).status == "approved"


def test_what_stands_against_an_act_is_said_beforehand(client) -> None:
    made = draft()
    assert "signed off first" in text_of(client.get(page_of(made, "approve")))
    assert "Only somebody qualified as legal counsel" in text_of(
        client.get(page_of(made, "clear"))
    )
    assert "Only approved words have a next version" in text_of(
        client.get(page_of(made, "revise"))
    )


def test_the_wording_checks_are_read_before_it_is_approved(client, monkeypatch) -> None:
    found = (Remark("W99", Level.WARNING, "<i>down</i>", 0, 4, "Say what works."),)
    monkeypatch.setattr("incidents.operations.wording.of_statement", lambda *_, **__: found)
    page = client.get(page_of(draft(audience="internal"), "approve"))
    assert "warning W99 “<i>down</i>” Say what works." in text_of(page)
    assert "<i>down</i>" not in page.content.decode()


def test_dan_sees_nothing_and_does_nothing() -> None:
    made, dan = draft(), signed_in(member("dan"))
    for page in ("change", "write", "revise", "clear", "approve", "retire"):
        assert dan.get(page_of(made, page)).status_code == 403
        assert dan.post(page_of(made, page), {}).status_code == 403
    assert dan.post(list_of(HoldingStatement, "unpack")).status_code == 403
    assert not AuditEvent.objects.exists()


# --- sheets


def sheet(*rows: tuple) -> SimpleUploadedFile:
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    return SimpleUploadedFile("words.csv", out.getvalue().encode())


def bring_in(client, *rows: tuple):
    upload = {"import_file": sheet(*rows), "resource": "0"}
    page = client.post(list_of(HoldingStatement, "import"), upload)
    form = page.context.get("confirm_form")
    address = reverse("admin:incidents_holdingstatement_process_import")
    return client.post(address, form.initial) if form else page


def row(**fields) -> tuple:
    given = {"title": "Down", "audience": "public", "language": "en", "text": "We look."}
    return tuple((given | fields).get(name, "") for name in COLUMNS)


def test_purpose_days_and_what_must_not_be_claimed_come_in_by_sheet(client) -> None:
    said_so = {
        "purpose": "no_news", "forbidden": "No loss\n no LOSS ", "effective_from": "2026-12-01",
        "review_on": "2027-01-01", "expires_on": "2027-02-01",
    }  # fmt: skip
    assert bring_in(client, row(**said_so)).status_code == 302
    made = HoldingStatement.objects.get()
    assert (made.purpose, made.forbidden, made.status) == ("no_news", "No loss", "draft")
    assert (made.effective_from, made.review_on) == (date(2026, 12, 1), date(2027, 1, 1))
    bring_in(client, row(title="Plain"))
    assert HoldingStatement.objects.get(title="Plain").purpose == "first"


@pytest.mark.parametrize("wrong", [
    {"purpose": "gossip"},
    {"forbidden": "x" * 201},
    {"effective_from": "2027-02-01", "expires_on": "2027-01-01"},
    {"text": "{nobody} knows."},
])  # fmt: skip
def test_one_row_that_cannot_be_kept_keeps_all_out(client, wrong) -> None:
    page = bring_in(client, row(title="Good"), row(title="Bad", **wrong))
    assert page.status_code == 200
    assert not HoldingStatement.objects.exists()
    assert bring_in(client, row(title="Good")).status_code == 302


def test_a_sheet_reaches_the_draft_of_several_versions_and_its_signature_is_lost(
    client, lea
) -> None:
    first = approved(lea)
    second = draft(version=2, replaces=first, cleared_by=lea, cleared_at=NOW)
    internal = draft(audience="internal")
    assert bring_in(client, row()).status_code == 302
    assert (again(second).text, again(second).cleared_by) == ("We look.", None)
    assert again(second).maker == lea
    page = bring_in(client, row(purpose="over"))
    assert "draft new words for another use" in text_of(page)
    for untouched in (first, internal):
        assert again(untouched).text == "{service} is <b>down</b>."


def test_without_a_draft_approved_words_are_named_and_stay(client, lea) -> None:
    made = approved(lea)
    page = bring_in(client, row())
    assert "is approved and cannot be changed by an import" in text_of(page)
    assert again(made).text == "{service} is <b>down</b>."
