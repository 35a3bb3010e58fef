"""A law pack is drafted from one document, approved by a second leader, and never changes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents.documents import read_pack_document
from incidents.models import AuditEvent, LawPack, Person, Role
from incidents.operations import law, law_files, law_pack, legal_profile
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from incidents.rules.roles import COUNSEL, PRIVACY
from tests.factories import NOW, allow, person
from tests.incidents import packs

pytestmark = pytest.mark.django_db

KINDS = ("lawpack", "legalprofile")
ACTS = [
    f"incidents.{act}_{kind}"
    for act in ("draft", "submit", "approve", "withdraw")
    for kind in KINDS
]
LATER = NOW + timedelta(days=3)


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), *ACTS)


@pytest.fixture
def ben() -> Person:
    return allow(person("ben"), *ACTS)


def without(*names: str) -> dict[str, Any]:
    """The shipped pack without these regimes, and without worked cases."""
    document = packs.shipped_document()
    document["regimes"] = [one for one in document["regimes"] if one["id"] not in names]
    document["test_cases"] = []
    return document


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def drafted(who: Person, document: dict[str, Any] | None = None) -> LawPack:
    if document is None:
        return law_pack.draft_shipped(actor=who, at=NOW)
    return law_pack.draft(document=document, actor=who, at=NOW)


def submitted(who: Person, document: dict[str, Any] | None = None) -> LawPack:
    return law_pack.submit(drafted(who, document), actor=who, at=NOW)


def approved(
    maker: Person, checker: Person, document: dict[str, Any] | None = None, **when: datetime
) -> LawPack:
    return law_pack.approve(submitted(maker, document), actor=checker, at=NOW, **when)


# --- drafting


def test_the_shipped_pack_becomes_a_draft_that_says_all_of_it(ada: Person) -> None:
    made = law_pack.draft_shipped(note=" To begin with. ", actor=ada, at=NOW)
    made.refresh_from_db()
    assert (made.number, made.status, made.maker, made.note) == (
        1,
        "draft",
        ada,
        "To begin with.",
    )
    assert made.document == packs.shipped_document()
    assert (made.as_of, made.source) == ("2026-11-23", "ships with this product")
    assert len(law_files.pack_of(made).regimes) == 54
    line = AuditEvent.objects.get(verb="draft_law_pack")
    assert (line.detail["regimes"], line.detail["digest"]) == (54, made.digest)


def test_the_next_draft_has_the_next_number(ada: Person) -> None:
    assert [drafted(ada).number, drafted(ada).number] == [1, 2]


def test_every_problem_is_said_by_its_path_and_nothing_is_written(ada: Person) -> None:
    document = packs.shipped_document()
    document["regimes"][3]["stages"][0]["deadline"]["unit"] = "fortnights"
    document["regimes"][5]["confidence"] = "guess"
    with pytest.raises(Invalid) as refused:
        drafted(ada, document)
    fields = {reason.field for reason in refused.value.reasons}
    assert {"regimes[3].stages[0].deadline.unit", "regimes[5].confidence"} <= fields
    assert not LawPack.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_pack_of_nothing_but_faults_is_said_in_a_length_people_read(ada: Person) -> None:
    document = packs.shipped_document()
    document["regimes"] = [{"id": "!"}] * 500
    with pytest.raises(Invalid) as refused:
        drafted(ada, document)
    assert len(refused.value.reasons) == law_files.MOST_REASONS + 1
    assert codes(refused)[-1] == "law_more_problems"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("evidence: {seen: 2026-11-23}", "evidence.seen"),
        ("evidence: {1: x}", "evidence"),
        ("evidence: {seen: .nan}", "evidence.seen"),
        ("evidence: {seen: 99999999999999999999}", "evidence.seen"),
        ('evidence: {seen: ["a\\0b"]}', "evidence.seen[0]"),
    ],
)
def test_what_no_database_keeps_is_refused_by_its_path(
    ada: Person, text: str, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(ada, {**packs.shipped_document(), **read_pack_document(text)})
    assert [(each.code, each.field) for each in refused.value.reasons] == [
        ("law_not_plain", path)
    ]


def test_half_of_a_character_that_came_as_json_is_refused_by_its_path(ada: Person) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(ada, {**packs.shipped_document(), "evidence": {"seen": ["\ud800"]}})
    assert [each.field for each in refused.value.reasons] == ["evidence.seen[0]"]


@pytest.mark.parametrize("document", [None, [], "x", 7, {}])
def test_what_is_no_pack_is_refused(ada: Person, document: Any) -> None:
    with pytest.raises(Invalid):
        law_pack.draft(document=document, actor=ada, at=NOW)
    assert not LawPack.objects.exists()


def test_what_is_written_out_is_read_back_as_the_same(ada: Person) -> None:
    made = drafted(ada)
    again = law_pack.draft(
        document=read_pack_document(law_files.as_yaml(made)), actor=ada, at=NOW
    )
    assert again.document == made.document
    assert again.digest == made.digest


def test_a_title_of_two_lines_does_not_break_out_of_its_comment(ada: Person) -> None:
    document = packs.shipped_document()
    document["meta"]["title"] = "Ours\nregimes: []"
    made = drafted(ada, document)
    assert read_pack_document(law_files.as_yaml(made)) == document


def test_the_digest_does_not_rest_on_the_order_of_keys() -> None:
    assert law_files.digest({"a": 1, "b": [2]}) == law_files.digest({"b": [2], "a": 1})
    assert law_files.digest({"a": 1}) != law_files.digest({"a": 2})


# --- writing


def test_whoever_writes_a_draft_last_is_its_maker(ada: Person, ben: Person) -> None:
    made = drafted(ada)
    before = made.digest
    law_pack.write(made, document=without("eu-gdpr-art33"), source="Ours", actor=ben, at=NOW)
    made.refresh_from_db()
    assert (made.maker, made.source, len(made.document["regimes"])) == (ben, "Ours", 53)
    assert made.digest != before
    assert "eu-gdpr-art33" not in law_files.pack_of(made).regimes


def test_a_faulty_document_leaves_the_draft_as_it_was(ada: Person) -> None:
    made = drafted(ada)
    with pytest.raises(Invalid):
        law_pack.write(made, document={"meta": {}}, actor=ada, at=NOW)
    made.refresh_from_db()
    assert len(made.document["regimes"]) == 54


def test_what_was_submitted_is_not_written(ada: Person) -> None:
    made = submitted(ada)
    with pytest.raises(Refused) as refused:
        law_pack.write(made, document=without(), actor=ada, at=NOW)
    assert codes(refused) == ["not_a_draft"]


# --- submitting, approving, withdrawing


def test_nobody_approves_their_own_pack_and_another_does(ada: Person, ben: Person) -> None:
    made = submitted(ada)
    with pytest.raises(Refused) as refused:
        law_pack.approve(made, actor=ada, at=NOW)
    assert codes(refused) == ["maker_is_checker"]
    assert law.law_pack_in_force(NOW) is None

    law_pack.approve(made, actor=ben, at=NOW)
    assert law.law_pack_in_force(NOW) == made
    assert len(law.pack_of(made).regimes) == 54
    line = AuditEvent.objects.get(verb="approve_law_pack")
    assert (line.actor, line.detail["digest"]) == (ben, made.digest)


def test_whoever_wrote_a_pack_before_another_did_does_not_approve_it(
    ada: Person, ben: Person
) -> None:
    made = drafted(ada)
    law_pack.write(made, document=without("eu-gdpr-art33"), actor=ben, at=NOW)
    law_pack.submit(made, actor=ada, at=NOW)
    for writer in (ada, ben):
        with pytest.raises(Refused) as refused:
            law_pack.approve(made, actor=writer, at=NOW)
        assert codes(refused) == ["maker_is_checker"]
    third = allow(person("third"), "incidents.approve_lawpack")
    assert law_pack.approve(made, actor=third, at=NOW).checker == third


def test_a_pack_takes_effect_at_its_instant_and_not_before(ada: Person, ben: Person) -> None:
    first = approved(ada, ben)
    second = approved(ada, ben, effective_from=LATER)
    assert law.law_pack_in_force(LATER - timedelta(seconds=1)) == first
    assert law.law_pack_in_force(LATER) == second
    with pytest.raises(Refused) as refused:
        approved(ada, ben, effective_from=NOW - timedelta(days=1))
    assert codes(refused) == ["effective_in_the_past"]


def test_a_draft_is_not_approved_before_it_is_submitted(ada: Person, ben: Person) -> None:
    with pytest.raises(Refused) as refused:
        law_pack.approve(drafted(ada), actor=ben, at=NOW)
    assert codes(refused) == ["not_submitted"]


def test_a_pack_whose_own_worked_case_fails_is_not_submitted(ada: Person) -> None:
    document = packs.shipped_document()
    case = document["test_cases"][0]
    case["expected"]["duty"] = []
    case["expected"]["due"][0]["due_at"] = "2026-02-13T09:20:01+01:00"
    made = drafted(ada, document)
    with pytest.raises(Refused) as refused:
        law_pack.submit(made, actor=ada, at=NOW)
    assert codes(refused) == ["law_case_fails"]
    assert "duty has eu-gdpr-art33 besides" in str(refused.value)
    assert "is due 2026-02-13T09:20:00+01:00" in str(refused.value)
    assert len(law_pack.failing(made)) == 1
    assert law_pack.failing(drafted(ada)) == ()


def test_a_case_that_cannot_be_read_fails_with_its_reason(ada: Person) -> None:
    document = without()
    document["test_cases"] = [
        {"id": "a"},
        {"id": "b", "facts": {"luck": True}, "clocks": {}, "expected": {}},
    ]
    assert law_pack.failing(drafted(ada, document))[0].startswith("a: it does not say what")
    assert "luck" in law_pack.failing(drafted(ada, document))[1]


def test_a_pack_the_profile_in_force_does_not_fit_is_not_submitted(
    ada: Person, ben: Person
) -> None:
    approved(ada, ben)
    profile = legal_profile.draft(
        document={"off": {"eu-gdpr-art34": "We tell nobody twice."}}, actor=ada, at=NOW
    )
    legal_profile.submit(profile, actor=ada, at=NOW)
    legal_profile.approve(profile, effective_from=LATER, actor=ben, at=NOW)
    made = drafted(ada, without("eu-gdpr-art34"))
    with pytest.raises(Refused) as refused:
        law_pack.submit(made, actor=ada, at=NOW)
    assert codes(refused) == ["profile_does_not_fit"]
    assert "eu-gdpr-art34" in str(refused.value)
    law_pack.submit(drafted(ada, without("eu-gdpr-art33")), actor=ada, at=NOW)


def test_what_has_taken_effect_is_not_withdrawn_and_what_has_not_is(
    ada: Person, ben: Person
) -> None:
    with pytest.raises(Refused) as refused:
        law_pack.withdraw(approved(ada, ben), reason="Wrong.", actor=ada, at=NOW)
    assert codes(refused) == ["has_taken_effect"]
    scheduled = approved(ada, ben, effective_from=LATER)
    law_pack.withdraw(scheduled, reason=" Wrong. ", actor=ada, at=NOW)
    assert law.law_pack_in_force(LATER) != scheduled
    assert AuditEvent.objects.get(verb="withdraw_law_pack").detail["reason"] == "Wrong."


def test_an_approved_pack_never_changes(ada: Person, ben: Person) -> None:
    made = approved(ada, ben)
    made.title = "Rewritten"
    with pytest.raises(Refused) as refused:
        made.save()
    assert codes(refused) == ["approved_never_changes"]
    with pytest.raises(DatabaseError), transaction.atomic():
        LawPack.objects.filter(pk=made.pk).update(document={})


# --- who may


@pytest.mark.parametrize("act", ["draft", "draft_shipped", "write", "submit", "withdraw"])
def test_without_the_permission_nothing_may_be_done(act: str, ada: Person) -> None:
    words: dict[str, Any] = {
        "draft": {"document": without()},
        "write": {"document": without()},
        "withdraw": {"reason": "No."},
    }.get(act, {})
    on = () if act.startswith("draft") else (drafted(ada),)
    verb: Callable[..., Any] = getattr(law_pack, act)
    with pytest.raises(NotPermitted) as refused:
        verb(*on, actor=person("dan"), at=NOW, **words)
    assert codes(refused) == ["no_permission"]
    verb(*on, actor=ada, at=NOW, **words)


def test_without_the_permission_nothing_is_approved(ada: Person, ben: Person) -> None:
    made = submitted(ada)
    with pytest.raises(NotPermitted) as refused:
        law_pack.approve(made, actor=person("dan"), at=NOW)
    assert codes(refused) == ["no_permission"]
    law_pack.approve(made, actor=ben, at=NOW)


def test_objections_say_beforehand_what_the_verb_would_say(ada: Person, ben: Person) -> None:
    made = submitted(ada)

    def found(act: str, who: Person) -> list[str]:
        return [each.code for each in law_pack.objections(act, made, who, at=NOW)]

    assert found("approve", ada) == ["maker_is_checker"]
    assert found("approve", ben) == []
    assert found("write", ada) == ["not_a_draft"]
    assert found("withdraw", person("dan")) == ["no_permission"]


def test_a_draft_is_read_once_a_process_and_anew_when_it_changed(ada: Person) -> None:
    made = drafted(ada)
    kept = law_files.pack_of(made)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert law_files.pack_of(LawPack.objects.defer("document").get(pk=made.pk)) is kept
    assert len(queries) == 1
    law_pack.write(made, document=without(), actor=ada, at=NOW)
    assert law_files.pack_of(made) is not kept


def test_the_roles_that_answer_for_the_law_come_with_it(ada: Person) -> None:
    assert not Role.objects.filter(slug=PRIVACY).exists()
    drafted(ada)
    assert Role.objects.get(slug=PRIVACY).reports_to_id == COUNSEL
