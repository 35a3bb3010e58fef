"""Leaders import, read, compare and approve law packs in the admin; nobody else does."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from incidents.documents import MAX_PACK_BYTES, read_pack_document, write_document
from incidents.models import LawPack, Person
from incidents.operations import law_pack, legal_profile
from incidents.operations.law import law_pack_in_force
from tests.factories import NOW
from tests.incidents import packs
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of

pytestmark = pytest.mark.django_db

IMPORT = list_of(LawPack, "draft")
SHIPPED = list_of(LawPack, "draft_shipped")
COMPARE = list_of(LawPack, "compare")
AT = NOW - timedelta(days=400)  # what is approved then, is law whatever day it is


@pytest.fixture
def ada() -> Person:
    return member("ada", "leadership")


@pytest.fixture
def ben() -> Person:
    return member("ben", "leadership")


@pytest.fixture
def leader(ada: Person) -> Client:
    return signed_in(ada)


@pytest.fixture
def drafted(ada: Person) -> LawPack:
    return law_pack.draft_shipped(note="To begin with.", actor=ada, at=AT)


@pytest.fixture
def in_force(drafted: LawPack, ada: Person, ben: Person) -> LawPack:
    law_pack.submit(drafted, actor=ada, at=AT)
    return law_pack.approve(drafted, actor=ben, at=AT)


def changed() -> dict[str, Any]:
    """The shipped pack a year on: one regime gone, one with another period."""
    document = packs.shipped_document()
    document["regimes"] = [one for one in document["regimes"] if one["id"] != "us-ncua-72h"]
    document["regimes"][0]["stages"][0]["deadline"]["value"] = 96
    document["test_cases"] = []
    return document


def profile_in_force(document: dict[str, Any], maker: Person, checker: Person) -> None:
    row = legal_profile.draft(document=document, actor=maker, at=AT)
    legal_profile.submit(row, actor=maker, at=AT)
    legal_profile.approve(row, actor=checker, at=AT)


# --- the list


def test_an_empty_list_says_what_to_do_first_and_does_it_with_one_click(leader: Client) -> None:
    page = leader.get(list_of(LawPack))
    assert "There is no law pack yet" in text_of(page)
    assert page.content.decode().count("Draft the shipped pack") == 1
    leader.post(SHIPPED, {"form_key": "k"})
    assert LawPack.objects.get().as_of == "2026-11-23"
    assert "There is no law pack yet" not in text_of(leader.get(list_of(LawPack)))


def test_who_may_only_read_is_told_whom_to_ask() -> None:
    text = text_of(signed_in(member("cleo", "auditor")).get(list_of(LawPack)))
    assert "ask a leader to do so" in text
    assert "Draft the shipped pack" not in text


def test_the_list_does_not_load_the_documents(leader: Client, in_force: LawPack) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert "in force" in text_of(leader.get(list_of(LawPack)))
    assert not [each for each in queries if '"document"' in each["sql"]]


# --- importing


def test_what_was_pasted_is_the_draft(leader: Client, ada: Person) -> None:
    words = {"note": "Ours.", "source": "Counsel", "document": write_document(changed())}
    answer = leader.post(IMPORT, words)
    made = LawPack.objects.get()
    assert answer.url == page_of(made)
    assert (made.note, made.source, made.maker) == ("Ours.", "Counsel", ada)
    assert made.document == changed()


def test_a_file_replaces_the_text(leader: Client) -> None:
    file = SimpleUploadedFile("pack.yaml", write_document(changed()).encode())
    leader.post(IMPORT, {"document": "regimes: [", "file": file})
    assert len(LawPack.objects.get().document["regimes"]) == 53


def test_every_problem_is_said_by_its_path_and_what_the_file_said_is_kept(
    leader: Client,
) -> None:
    document = changed()
    document["regimes"][3]["stages"][0]["deadline"]["unit"] = "fortnights"
    document["regimes"][4]["confidence"] = "<b>guess</b>"
    text = write_document(document)
    file = SimpleUploadedFile("pack.yaml", text.encode())
    page = leader.post(IMPORT, {"note": "Why.", "document": "", "file": file})
    assert page.status_code == 409
    for problem in ("regimes[3].stages[0].deadline.unit", "regimes[4].confidence"):
        assert problem in text_of(page)
    assert page.context["form"]["document"].value() == text
    assert page.context["form"]["note"].value() == "Why."
    assert "<b>guess</b>" not in page.content.decode()
    assert not LawPack.objects.exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"meta: [", "This is no YAML: line"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * (MAX_PACK_BYTES + 1), "larger than 1024 KiB"),
        (b"a: &a {b: 1}\nc: {<<: *a}", "write it out instead"),
    ],
)
def test_what_is_no_document_is_refused(leader: Client, content: bytes, problem: str) -> None:
    page = leader.post(IMPORT, {"file": SimpleUploadedFile("pack.yaml", content)})
    assert page.status_code == 409
    assert problem in text_of(page)
    assert not LawPack.objects.exists()


def test_nothing_given_is_said(leader: Client) -> None:
    assert "Choose a file, or paste the pack" in text_of(leader.post(IMPORT, {"document": " "}))


def test_the_content_of_a_draft_is_replaced(leader: Client, drafted: LawPack) -> None:
    leader.post(page_of(drafted, "write"), {"document": write_document(changed())})
    drafted.refresh_from_db()
    assert len(drafted.document["regimes"]) == 53


# --- the page of a version


def test_the_page_says_each_regime_in_words(leader: Client, drafted: LawPack) -> None:
    text = text_of(leader.get(page_of(drafted)))
    for words in (
        "Regimes 54 Stages 132 Low confidence 3 Worked cases 25",
        "54 of 54 listed",
        "72 hours from awareness",
        "Our own target, not law: 72 hours from awareness",
        "where the affected people live: any of the EEA",
        "GDPR art. 33(1)",
        "application of art. 3(5) Reg. 1182/71 to 72 hours",
        "low confidence",
        "No law pack is in force",
        "No legal profile is in force",
        "made the draft",
    ):
        assert words in text
    assert text.count("not legal advice") == 1


def test_the_page_takes_the_same_few_queries_whatever_is_listed(
    leader: Client, in_force: LawPack, ada: Person, ben: Person
) -> None:
    profile_in_force({"facts": {"operates_in": ["DE"]}}, ada, ben)
    leader.get(page_of(in_force))

    def queries(asked: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert leader.get(page_of(in_force) + asked).status_code == 200
        return len(found)

    assert queries("") == queries("?q=nobodysuch") <= 20


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ({"q": "acquirer visa"}, ["pci-card-brands"]),
        ({"q": "nobodysuch"}, []),
        ({"place": "SG"}, ["sg-pdpa", "sg-mas-trm"]),
        ({"status": "voluntary"}, ["hk-pdpo-voluntary"]),
        ({"place": "AE", "confidence": "low"}, ["ae-pdpl-federal"]),
        ({"place": "nowhere"}, None),
    ],
)
def test_the_regimes_are_narrowed(
    leader: Client, drafted: LawPack, asked: dict[str, str], listed: list[str] | None
) -> None:
    rows = leader.get(page_of(drafted), asked).context["regimes"]
    names = [row.regime.id for row in rows]
    assert len(names) == 54 if listed is None else names == listed


def test_what_could_concern_us_is_marked_and_can_be_listed_alone(
    leader: Client, in_force: LawPack, ada: Person, ben: Person
) -> None:
    profile_in_force(
        {"facts": {"entity_types": ["business"], "contract_clause_types": []}}, ada, ben
    )
    ours = leader.get(page_of(in_force), {"ours": "yes"}).context["regimes"]
    others = leader.get(page_of(in_force), {"ours": "no"}).context["regimes"]
    assert len(ours) + len(others) == 54
    assert "eu-gdpr-art33" in {row.regime.id for row in ours}
    assert "us-sec-8k-105" in {row.regime.id for row in others}
    assert all(row.concerns for row in ours)
    assert not any(row.concerns for row in others)


def test_the_page_is_never_posted_to(leader: Client, drafted: LawPack) -> None:
    assert leader.post(page_of(drafted), {"number": 9}).status_code == 403
    assert leader.get(page_of(drafted)).status_code == 200


def test_a_failing_case_is_said_on_the_page_and_stops_the_submission(
    leader: Client, ada: Person
) -> None:
    document = packs.shipped_document()
    document["test_cases"][0]["expected"]["duty"] = []
    made = law_pack.draft(document=document, actor=ada, at=NOW)
    assert "duty has eu-gdpr-art33 besides" in text_of(leader.get(page_of(made)))
    refused = leader.post(page_of(made, "submit"))
    assert refused.status_code == 409
    assert "A worked case of the pack fails" in text_of(refused)


def test_what_is_downloaded_is_what_an_import_reads(leader: Client, drafted: LawPack) -> None:
    address = page_of(drafted, "document")
    answer = leader.get(address)
    assert read_pack_document(answer.content) == drafted.document
    assert "law-pack-v1.yaml" in answer.headers["Content-Disposition"]
    assert signed_in(member("dan")).get(address).status_code == 403
    assert leader.get(address.replace(str(drafted.pk), "999")).status_code == 404


# --- approving and comparing


def test_two_leaders_make_it_law(leader: Client, ben: Person, drafted: LawPack) -> None:
    leader.post(page_of(drafted, "submit"))
    refused = leader.post(page_of(drafted, "approve"), {})
    assert refused.status_code == 409
    assert "nobody approves their own work" in text_of(refused)
    assert law_pack_in_force(timezone.now()) is None
    answer = signed_in(ben).post(page_of(drafted, "approve"), {})
    assert said(answer) == ["It is approved."]
    assert law_pack_in_force(timezone.now()) == drafted


def test_the_checker_sees_what_changes_what_concerns_us_first(
    in_force: LawPack, ada: Person, ben: Person
) -> None:
    profile_in_force({"facts": {"entity_types": ["business"]}}, ada, ben)
    made = law_pack.draft(document=changed(), note="A year on.", actor=ada, at=NOW)
    law_pack.submit(made, actor=ada, at=NOW)
    page = signed_in(ben).get(page_of(made, "approve"))
    assert [each.regime for each in page.context["changes"]] == [
        "eu-gdpr-art33",
        "us-ncua-72h",
    ]
    assert [each.concerns_us for each in page.context["changes"]] == [True, False]
    text = text_of(page)
    assert "A year on." in text
    assert "was 72 hours" in text
    assert "96 hours" in text
    assert text.count("not legal advice") == 1


def test_any_two_versions_are_compared(leader: Client, in_force: LawPack, ada: Person) -> None:
    made = law_pack.draft(document=changed(), actor=ada, at=NOW)
    page = leader.get(COMPARE, {"a": in_force.pk, "b": made.pk})
    assert "from Law pack v1 to Law pack v2" in text_of(page)
    assert {each.kind for each in page.context["changes"]} == {"changed", "removed"}
    back = leader.get(COMPARE, {"a": made.pk, "b": in_force.pk})
    assert {each.kind for each in back.context["changes"]} == {"changed", "added"}
    same = leader.get(COMPARE, {"a": in_force.pk, "b": in_force.pk})
    assert "Both say the same" in text_of(same)


def test_without_an_address_the_law_is_compared_with_what_was_before_it(
    leader: Client, in_force: LawPack
) -> None:
    assert "everything in it is new" in text_of(leader.get(COMPARE))
    for asked in ("x", "999", "9" * 30):
        assert leader.get(COMPARE, {"b": asked}).status_code == 404


def test_where_there_is_no_pack_there_is_nothing_to_compare(leader: Client) -> None:
    assert "There is no law pack yet" in text_of(leader.get(COMPARE))
    assert signed_in(member("dan")).get(COMPARE).status_code == 403


# --- who may


@pytest.mark.parametrize("group", ["responder", "planner", "auditor"])
def test_other_groups_read_and_do_nothing(group: str, drafted: LawPack) -> None:
    client = signed_in(member("cleo", group))
    text = text_of(client.get(page_of(drafted)))
    assert "72 hours from awareness" in text
    assert "Replace the content" not in text
    words = {"document": write_document(changed()), "reason": "No."}
    for address in (IMPORT, SHIPPED):
        assert client.post(address, words).status_code == 403
    for act in ("write", "submit", "approve", "withdraw"):
        assert client.post(page_of(drafted, act), words).status_code == 403
    drafted.refresh_from_db()
    assert drafted.is_draft


def test_who_sees_nothing_sees_no_pack(drafted: LawPack) -> None:
    client = signed_in(member("dan"))
    for address in (
        list_of(LawPack),
        page_of(drafted),
        reverse("admin:incidents_lawpack_draft"),
    ):
        assert client.get(address).status_code == 403
