"""A legal profile says what we are, is approved by a second leader, and decides what concerns us."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents.models import AuditEvent, LegalProfile, Person
from incidents.operations import law, law_files, law_pack, legal_profile
from incidents.rules.legal_profile import concerning
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests.factories import NOW, allow, person
from tests.incidents.test_law_pack_operations import ACTS, approved, codes, without

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)
GERMAN: dict[str, Any] = {
    "facts": {
        "operates_in": ["DE"],
        "data_roles": ["controller"],
        "entity_types": ["business"],
    },
    "sectors": ["digital_providers"],
}


@pytest.fixture
def ada() -> Person:
    return allow(person("ada"), *ACTS)


@pytest.fixture
def ben() -> Person:
    return allow(person("ben"), *ACTS)


def drafted(who: Person, document: dict[str, Any] | None = None) -> LegalProfile:
    return legal_profile.draft(
        document=GERMAN if document is None else document, actor=who, at=NOW
    )


def in_force(
    maker: Person, checker: Person, document: dict[str, Any] | None = None, **when: datetime
) -> LegalProfile:
    made = legal_profile.submit(drafted(maker, document), actor=maker, at=NOW)
    return legal_profile.approve(made, actor=checker, at=NOW, **when)


def concerned(row: LegalProfile) -> set[str]:
    pack = law_files.shipped_pack()
    return set(concerning(pack, law.profile_of(row, pack)))


# --- drafting and writing


def test_a_profile_becomes_a_draft_before_there_is_any_pack(ada: Person) -> None:
    made = drafted(ada)
    assert (made.number, made.status, made.maker, made.document) == (1, "draft", ada, GERMAN)
    assert AuditEvent.objects.get(verb="draft_legal_profile").detail["operates_in"] == ["DE"]


def test_what_it_says_rules_regimes_out_and_what_it_leaves_open_does_not(ada: Person) -> None:
    said, nothing = concerned(drafted(ada)), concerned(drafted(ada, {}))
    assert said < nothing
    assert "eu-gdpr-art33" in said
    assert "us-sec-8k-105" in nothing - said


def test_every_problem_is_said_by_its_path_and_nothing_is_written(ada: Person) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(
            ada, {"facts": {"operates_in": ["Germany"], "persons_affected_total": 3}, "x": 1}
        )
    fields = {reason.field for reason in refused.value.reasons}
    assert {"facts.persons_affected_total", "x"} <= fields
    assert not LegalProfile.objects.exists()


def test_the_next_draft_begins_with_what_is_in_force(ada: Person, ben: Person) -> None:
    assert legal_profile.next_document(NOW) == {}
    in_force(ada, ben)
    assert legal_profile.next_document(NOW) == GERMAN


def test_it_is_read_against_the_pack_in_force_else_the_newest_else_what_ships(
    ada: Person, ben: Person
) -> None:
    assert legal_profile.pack_for(NOW)[1] is None
    newest = law_pack.draft(document=without(), actor=ada, at=NOW)
    assert legal_profile.pack_for(NOW)[1] == newest
    law_pack.withdraw(newest, reason="No.", actor=ada, at=NOW)
    assert legal_profile.pack_for(NOW)[1] is None
    first = approved(ada, ben)
    law_pack.draft(document=without(), actor=ada, at=NOW)
    assert legal_profile.pack_for(NOW)[1] == first


def test_whoever_writes_a_draft_last_is_its_maker(ada: Person, ben: Person) -> None:
    made = drafted(ada)
    legal_profile.write(made, document={"facts": {"operates_in": ["FR"]}}, actor=ben, at=NOW)
    made.refresh_from_db()
    assert (made.maker, made.document["facts"]["operates_in"]) == (ben, ["FR"])


# --- switching by hand


def test_a_regime_is_switched_off_on_and_back_with_the_reason_kept(ada: Person) -> None:
    made = drafted(ada)
    legal_profile.switch(
        made, regime="eu-gdpr-art33", to="off", reason=" No data. ", actor=ada, at=NOW
    )
    made.refresh_from_db()
    assert made.document["off"] == {"eu-gdpr-art33": "No data."}
    assert made.document["facts"] == GERMAN["facts"]
    assert "eu-gdpr-art33" not in concerned(made)
    line = AuditEvent.objects.get(verb="switch_legal_regime")
    assert (line.detail["regime"], line.detail["reason"]) == ("eu-gdpr-art33", "No data.")

    legal_profile.switch(
        made, regime="us-sec-8k-105", to="on", reason="We list in spring.", actor=ada, at=NOW
    )
    assert "us-sec-8k-105" in concerned(made)
    legal_profile.switch(
        made, regime="eu-gdpr-art33", to="on", reason="Yes.", actor=ada, at=NOW
    )
    assert made.document["off"] == {}

    legal_profile.switch(made, regime="us-sec-8k-105", to="follows", actor=ada, at=NOW)
    assert made.document["on"] == {"eu-gdpr-art33": "Yes."}
    with pytest.raises(Refused) as refused:
        legal_profile.switch(made, regime="us-sec-8k-105", to="follows", actor=ada, at=NOW)
    assert codes(refused) == ["switched_already"]


@pytest.mark.parametrize(
    ("regime", "reason", "code"),
    [("eu-gdpr-art33", "  ", "reason_missing"), ("eu-luck", "Why.", "regime_unknown")],
)
def test_a_switch_wants_a_reason_and_a_regime_there_is(
    ada: Person, regime: str, reason: str, code: str
) -> None:
    made = drafted(ada)
    with pytest.raises(Refused) as refused:
        legal_profile.switch(made, regime=regime, to="off", reason=reason, actor=ada, at=NOW)
    assert codes(refused) == [code]
    made.refresh_from_db()
    assert made.document == GERMAN


def test_what_was_submitted_is_neither_written_nor_switched(ada: Person) -> None:
    made = legal_profile.submit(drafted(ada), actor=ada, at=NOW)
    for act in (
        lambda: legal_profile.write(made, document={}, actor=ada, at=NOW),
        lambda: legal_profile.switch(
            made, regime="eu-gdpr-art33", to="off", reason="No.", actor=ada, at=NOW
        ),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["not_a_draft"]


# --- submitting, approving, withdrawing


def test_nobody_approves_their_own_profile_and_another_does(ada: Person, ben: Person) -> None:
    made = legal_profile.submit(drafted(ada), actor=ada, at=NOW)
    with pytest.raises(Refused) as refused:
        legal_profile.approve(made, actor=ada, at=NOW)
    assert codes(refused) == ["maker_is_checker"]
    assert law.legal_profile_in_force(NOW) is None
    legal_profile.approve(made, effective_from=LATER, actor=ben, at=NOW)
    assert law.legal_profile_in_force(NOW) is None
    assert law.legal_profile_in_force(LATER) == made


def test_a_switch_by_another_does_not_let_its_author_approve_a_profile(
    ada: Person, ben: Person
) -> None:
    made = drafted(ada)
    legal_profile.switch(
        made, regime="eu-gdpr-art33", to="off", reason="Asked counsel", actor=ben, at=NOW
    )
    legal_profile.submit(made, actor=ada, at=NOW)
    for writer in (ada, ben):
        with pytest.raises(Refused) as refused:
            legal_profile.approve(made, actor=writer, at=NOW)
        assert codes(refused) == ["maker_is_checker"]
    third = allow(person("third"), "incidents.approve_legalprofile")
    assert legal_profile.approve(made, actor=third, at=NOW).checker == third


def test_it_must_fit_every_pack_that_is_law_or_will_be(ada: Person, ben: Person) -> None:
    approved(ada, ben)
    approved(ada, ben, without("eu-gdpr-art34"), effective_from=LATER)
    made = drafted(ada, {"off": {"eu-gdpr-art34": "We tell nobody twice."}})
    with pytest.raises(Refused) as refused:
        legal_profile.submit(made, actor=ada, at=NOW)
    assert codes(refused) == ["profile_does_not_fit"]
    assert "By Law pack v2" in str(refused.value)
    legal_profile.write(made, document={"off": {"eu-gdpr-art33": "No."}}, actor=ada, at=NOW)
    legal_profile.submit(made, actor=ada, at=NOW)


def test_what_has_taken_effect_is_not_withdrawn_and_what_has_not_is(
    ada: Person, ben: Person
) -> None:
    with pytest.raises(Refused) as refused:
        legal_profile.withdraw(in_force(ada, ben), reason="Wrong.", actor=ada, at=NOW)
    assert codes(refused) == ["has_taken_effect"]
    scheduled = in_force(ada, ben, effective_from=LATER)
    legal_profile.withdraw(scheduled, reason="Wrong.", actor=ada, at=NOW)
    assert law.legal_profile_in_force(LATER) != scheduled


def test_an_approved_profile_never_changes(ada: Person, ben: Person) -> None:
    made = in_force(ada, ben)
    made.document = {}
    with pytest.raises(Refused) as refused:
        made.save()
    assert codes(refused) == ["approved_never_changes"]


# --- who may


@pytest.mark.parametrize("act", ["draft", "write", "switch", "submit", "withdraw", "approve"])
def test_without_the_permission_nothing_may_be_done(act: str, ada: Person, ben: Person) -> None:
    words: dict[str, Any] = {
        "draft": {"document": GERMAN},
        "write": {"document": GERMAN},
        "switch": {"regime": "eu-gdpr-art33", "to": "off", "reason": "No."},
        "withdraw": {"reason": "No."},
    }.get(act, {})
    on = () if act == "draft" else (drafted(ada),)
    if act == "approve":
        legal_profile.submit(on[0], actor=ada, at=NOW)
    verb: Callable[..., Any] = getattr(legal_profile, act)
    with pytest.raises(NotPermitted) as refused:
        verb(*on, actor=person("dan"), at=NOW, **words)
    assert codes(refused) == ["no_permission"]
    verb(*on, actor=ben, at=NOW, **words)


def test_objections_say_beforehand_what_the_verb_would_say(ada: Person, ben: Person) -> None:
    made = legal_profile.submit(drafted(ada), actor=ada, at=NOW)

    def found(act: str, who: Person) -> list[str]:
        return [each.code for each in legal_profile.objections(act, made, who, at=NOW)]

    assert found("approve", ada) == ["maker_is_checker"]
    assert found("approve", ben) == []
    assert found("write", ada) == ["not_a_draft"]
    assert found("withdraw", person("dan")) == ["no_permission"]
