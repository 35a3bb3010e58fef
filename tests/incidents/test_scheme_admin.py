"""Leaders draft, edit, read and approve severity schemes in the admin; nobody else does."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents.documents import MAX_BYTES, read_document
from incidents.models import Person, SeverityScheme
from incidents.operations import scheme
from incidents.operations.law import scheme_in_force
from incidents.rules.default_scheme import DEFAULT_SCHEME
from tests.factories import NOW, severity_scheme
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of

pytestmark = pytest.mark.django_db

SMALL = """levels:
- code: high
  name: High
  criteria:
  - name: Many customers
    predicate: {field: customers_affected, operator: gte, value: 10}
- {code: low, name: Low}
"""
DRAFT = "/admin/incidents/severityscheme/verb/draft/"


@pytest.fixture
def ada() -> Person:
    return member("ada", "leadership")


@pytest.fixture
def leader(ada: Person) -> Client:
    return signed_in(ada)


@pytest.fixture
def drafted(ada: Person) -> SeverityScheme:
    return scheme.draft_default(note="", actor=ada, at=NOW)


def codes(row: SeverityScheme) -> list[str]:
    return list(row.levels.values_list("code", flat=True))


# --- the list


def test_an_empty_list_says_what_to_do_first(leader: Client) -> None:
    text = text_of(leader.get(list_of(SeverityScheme)))
    assert "no incident can be declared" in text
    assert "Draft the next version" in text


def test_the_list_tells_the_standing_of_every_version(leader: Client, ada: Person) -> None:
    severity_scheme(effective_from=NOW - timedelta(days=40))
    severity_scheme()
    severity_scheme(effective_from=timezone.now() + timedelta(days=9))
    scheme.draft_default(note="", actor=ada, at=NOW)
    scheme.submit(scheme.draft_default(note="", actor=ada, at=NOW), actor=ada, at=NOW)
    gone = scheme.draft_default(note="", actor=ada, at=NOW)
    scheme.withdraw(gone, reason="No.", actor=ada, at=NOW)
    rows = leader.get(list_of(SeverityScheme)).context["cl"].result_list
    room = leader.get(list_of(SeverityScheme)).context["cl"].model_admin
    standings = [room.stands(row).split(">")[1].split("<")[0] for row in rows]
    assert standings == [
        "withdrawn",
        "submitted",
        "draft",
        "approved",
        "in force",
        "superseded",
    ]
    assert "no incident can be declared" not in text_of(leader.get(list_of(SeverityScheme)))


# --- drafting and editing


def test_a_draft_begins_with_the_default_where_nothing_is_in_force(leader: Client) -> None:
    text = leader.get(DRAFT).context["form"]["document"].value()
    assert read_document(text) == DEFAULT_SCHEME
    for word in (
        "# All severity levels",
        "workaround_available (bool)",
        "gte",
        "none | degraded",
    ):
        assert word in text
    assert not SeverityScheme.objects.exists()


def test_a_draft_begins_with_what_is_in_force(leader: Client) -> None:
    law = severity_scheme()
    text = leader.get(DRAFT).context["form"]["document"].value()
    assert read_document(text) == scheme.as_document(law)


def test_what_was_typed_is_the_draft(leader: Client, ada: Person) -> None:
    answer = leader.post(DRAFT, {"note": "Fewer.", "document": SMALL.replace("\n", "\r\n")})
    made = SeverityScheme.objects.get()
    assert answer.url == page_of(made)
    assert (made.note, made.maker, codes(made)) == ("Fewer.", ada, ["high", "low"])


def test_a_file_replaces_the_text(leader: Client) -> None:
    file = SimpleUploadedFile("severity.yaml", SMALL.encode())
    leader.post(DRAFT, {"document": "levels: [", "file": file})
    assert codes(SeverityScheme.objects.get()) == ["high", "low"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SMALL.replace("name: High", "name: High: er"), "line 3, column"),
        (SMALL.replace("customers_affected", "luck"), "there is no fact luck"),
        (SMALL.replace("code: low", "code: high"), "the code “high” stands 2 times"),
        ("", "Begin with `levels:`"),
        ("x" * (MAX_BYTES + 1), "larger than 64 KiB"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    leader: Client, text: str, problem: str
) -> None:
    page = leader.post(DRAFT, {"note": "Why.", "document": text})
    assert page.status_code == 409
    assert problem in text_of(page)
    assert page.context["form"]["document"].value() == text
    assert page.context["form"]["note"].value() == "Why."
    assert not SeverityScheme.objects.exists()


def test_a_file_that_is_too_large_is_refused(leader: Client) -> None:
    file = SimpleUploadedFile("severity.yaml", b"x" * (MAX_BYTES + 1))
    page = leader.post(DRAFT, {"document": SMALL, "file": file})
    assert "larger than 64 KiB" in text_of(page)
    assert not SeverityScheme.objects.exists()


def test_a_draft_is_edited_as_the_document_it_is(
    leader: Client, drafted: SeverityScheme
) -> None:
    page = leader.get(page_of(drafted, "write"))
    assert read_document(page.context["form"]["document"].value()) == DEFAULT_SCHEME
    answer = leader.post(page_of(drafted, "write"), {"document": SMALL})
    assert answer.url == page_of(drafted)
    assert codes(drafted) == ["high", "low"]


def test_what_was_submitted_is_not_edited(
    leader: Client, ada: Person, drafted: SeverityScheme
) -> None:
    scheme.submit(drafted, actor=ada, at=NOW)
    page = leader.post(page_of(drafted, "write"), {"document": SMALL})
    assert (page.status_code, len(codes(drafted))) == (409, 4)
    assert "only a draft can be changed" in text_of(page)


# --- the page and its acts


def test_the_page_says_each_level_in_words_with_its_acts(
    leader: Client, drafted: SeverityScheme
) -> None:
    text = text_of(leader.get(page_of(drafted)))
    for words in (
        "A revenue service is gone",
        "at most 1",
        "Legal counsel within 15 min",
        "first within 5 min, then every 20 min for 120 min, then every 60 min",
        "None: whatever no higher level takes.",
        "No severity scheme is in force",
        "Edit the draft",
        "made the draft",
    ):
        assert words in text


def test_the_page_is_never_posted_to(leader: Client, drafted: SeverityScheme) -> None:
    assert leader.post(page_of(drafted), {"number": 9}).status_code == 403
    assert leader.get(page_of(drafted)).status_code == 200


def test_what_is_downloaded_is_what_an_import_reads(
    leader: Client, drafted: SeverityScheme
) -> None:
    address = f"/admin/incidents/severityscheme/{drafted.pk}/scheme.yaml"
    answer = leader.get(address)
    assert read_document(answer.content) == DEFAULT_SCHEME
    assert "severity-scheme-v1.yaml" in answer.headers["Content-Disposition"]
    assert signed_in(member("dan")).get(address).status_code == 403
    assert leader.get(address.replace(str(drafted.pk), "999")).status_code == 404


def test_two_leaders_make_it_law(leader: Client, drafted: SeverityScheme) -> None:
    leader.post(page_of(drafted, "submit"))
    refused = leader.post(page_of(drafted, "approve"), {})
    assert refused.status_code == 409
    assert "nobody approves their own work" in text_of(refused)
    assert scheme_in_force(timezone.now()) is None

    answer = signed_in(member("ben", "leadership")).post(page_of(drafted, "approve"), {})
    assert said(answer) == ["It is approved."]
    assert scheme_in_force(timezone.now()) == drafted
    assert "in force" in text_of(leader.get(page_of(drafted)))


def test_a_draft_is_withdrawn_with_a_reason_that_its_page_keeps(
    leader: Client, drafted: SeverityScheme
) -> None:
    assert leader.post(page_of(drafted, "withdraw"), {"reason": ""}).status_code == 409
    leader.post(page_of(drafted, "withdraw"), {"reason": "Too strict."})
    assert "“Too strict.”" in text_of(leader.get(page_of(drafted)))


@pytest.mark.parametrize("group", ["responder", "planner", "auditor"])
def test_other_groups_read_and_do_nothing(group: str, drafted: SeverityScheme) -> None:
    client = signed_in(member("cleo", group))
    assert "Edit the draft" not in text_of(client.get(page_of(drafted)))
    assert client.post(DRAFT, {"document": SMALL}).status_code == 403
    for act in ("write", "submit", "approve", "withdraw"):
        assert client.post(page_of(drafted, act), {"document": SMALL}).status_code == 403
    drafted.refresh_from_db()
    assert drafted.is_draft
