"""Holding statements in versions, signed off by counsel, approved anew where the approver left."""

from datetime import date

import pytest

from incidents.models import HoldingStatement, Person, Scenario, Update
from incidents.operations import agreeing, library, statement
from incidents.rules.findings import Level
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COUNSEL
from incidents.rules.wording_checks import Remark
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import LATER, again, incident_under, last_act, refused

pytestmark = pytest.mark.django_db

TODAY, TOMORROW, NEXT_YEAR = NOW.date(), date(2026, 11, 24), date(2027, 11, 23)
WORDS = {"title": "Outage", "text": "{service} is down.", "audience": "public"}


def allowed(username: str, *verbs: str, qualified: tuple[str, ...] = ()) -> Person:
    who = factories.person(username, qualified=qualified)
    return factories.allow(who, *(f"incidents.{verb}_holdingstatement" for verb in verbs))


@pytest.fixture
def writer() -> Person:
    return allowed("wanda", "add", "change", "clear", "approve", qualified=(COUNSEL,))


@pytest.fixture
def counsel() -> Person:
    return allowed("uma", "add", "change", "clear", "approve", qualified=(COUNSEL,))


@pytest.fixture
def checker() -> Person:
    return allowed("carl", "clear", "approve", "retire")


@pytest.fixture
def dan() -> Person:
    return factories.person("dan")


def drafted(writer: Person, **fields) -> HoldingStatement:
    return library.write(None, **(WORDS | fields), actor=writer, at=NOW)


def internal(writer: Person, checker: Person, **fields) -> HoldingStatement:
    """Approved words that need no signature of counsel."""
    made = drafted(writer, audience="internal", **fields)
    return agreeing.approve(made, actor=checker, at=NOW)


def revised(one: HoldingStatement, writer: Person, **fields) -> HoldingStatement:
    given = {"title": "Outage", "text": "We look into {service}."}
    return library.revise(one, **(given | fields), actor=writer, at=LATER)


# --- what is kept beside the words


def test_a_draft_keeps_its_purpose_its_days_and_what_must_not_be_claimed(writer) -> None:
    made = drafted(
        writer, purpose="no_news", forbidden=" No data lost\nno data LOST\n\nAll safe ",
        effective_from=TODAY, review_on=TOMORROW, expires_on=NEXT_YEAR,
    )  # fmt: skip
    row = again(made)
    assert (row.purpose, row.forbidden) == ("no_news", "No data lost\nAll safe")
    days = (row.effective_from, row.review_on, row.expires_on)
    assert days == (TODAY, TOMORROW, NEXT_YEAR)


@pytest.mark.parametrize(("wrong", "code"), [
    ({"purpose": "gossip"}, "unknown_purpose"),
    ({"forbidden": "x" * 201}, "phrase_too_long"),
    ({"review_on": TODAY}, "review_passed"),
    ({"effective_from": NEXT_YEAR, "expires_on": TOMORROW}, "dates_out_of_order"),
    ({"review_on": NEXT_YEAR, "expires_on": TOMORROW}, "dates_out_of_order"),
])  # fmt: skip
def test_what_cannot_be_kept_is_refused(writer, wrong, code) -> None:
    with refused(code, Invalid):
        drafted(writer, **wrong)
    assert not HoldingStatement.objects.exists()


# --- versions


def test_a_next_version_is_a_draft_while_the_one_before_stays_in_use(writer, checker) -> None:
    first = internal(writer, checker)
    second = revised(first, writer, forbidden="All is well")
    row = again(second)
    assert (row.version, row.replaces, row.status, row.maker) == (2, first, "draft", writer)
    assert (row.audience, row.purpose, row.forbidden) == ("internal", "first", "All is well")
    assert list(HoldingStatement.objects.usable(TODAY)) == [first]
    assert last_act().verb == "revise_statement"
    assert last_act().detail["replaces"] == first.pk


def test_approving_it_retires_the_one_before_in_the_same_act(writer, checker) -> None:
    first = internal(writer, checker)
    second = revised(first, writer)
    agreeing.approve(second, actor=checker, at=LATER)
    assert (again(first).status, again(second).status) == ("retired", "approved")
    assert (last_act().verb, last_act().detail["replaces"]) == ("approve_statement", first.pk)


def test_one_that_takes_effect_later_lets_the_one_before_run_until_then(
    writer, checker
) -> None:
    first = internal(writer, checker)
    second = revised(first, writer, effective_from=TOMORROW)
    agreeing.approve(second, actor=checker, at=LATER)
    assert (again(first).status, again(first).expires_on) == ("approved", TOMORROW)
    assert list(HoldingStatement.objects.usable(TODAY)) == [first]
    assert list(HoldingStatement.objects.usable(TOMORROW)) == [second]


def test_only_one_next_version_is_open(writer, checker) -> None:
    first = internal(writer, checker)
    second = revised(first, writer)
    with refused("is_revised_already"):
        revised(first, writer)
    library.retire(second, reason="Not now.", actor=checker, at=LATER)
    assert revised(first, writer).version == 3


def test_only_approved_words_have_a_next_version(writer, checker) -> None:
    draft = drafted(writer)
    with refused("not_approved"):
        revised(draft, writer)
    first = internal(writer, checker)
    library.retire(first, reason="Old.", actor=checker, at=LATER)
    with refused("not_approved"):
        revised(first, writer)


def test_revising_is_a_standing_permission(writer, checker, dan) -> None:
    first = internal(writer, checker)
    for other in (checker, dan):
        with refused("no_permission", NotPermitted):
            revised(first, other)


def test_a_version_is_written_again_but_not_for_another_use(writer, checker) -> None:
    second = revised(internal(writer, checker), writer)
    with refused("another_use"):
        library.write(second, **WORDS, actor=writer, at=LATER)
    same = WORDS | {"audience": "internal", "text": "We look."}
    assert library.write(second, **same, actor=writer, at=LATER).text == "We look."


# --- legal sign-off


def test_what_leaves_the_company_is_signed_off_before_it_is_approved(
    writer, counsel, checker
) -> None:
    for audience in ("public", "customers"):
        made = drafted(writer, audience=audience)
        with refused("legal_sign_off_missing"):
            agreeing.approve(made, actor=checker, at=LATER)
        agreeing.clear(made, note="As advised.", actor=counsel, at=LATER)
        assert (last_act().verb, last_act().detail["note"]) == (
            "clear_statement",
            "As advised.",
        )
        assert (again(made).cleared_by, again(made).cleared_at) == (counsel, LATER)
        assert agreeing.approve(made, actor=checker, at=LATER).status == "approved"


def test_other_words_need_no_signature(writer, checker) -> None:
    for audience in ("internal", "executive", "support"):
        made = drafted(writer, audience=audience)
        assert agreeing.approve(made, actor=checker, at=LATER).status == "approved"


def test_only_who_is_qualified_as_counsel_today_signs_off(writer, counsel, checker) -> None:
    made = drafted(writer)
    with refused("not_counsel"):
        agreeing.clear(made, actor=checker, at=LATER)
    counsel.qualifications.update(expires_on=TODAY)
    with refused("not_counsel"):
        agreeing.clear(made, actor=counsel, at=LATER)
    counsel.qualifications.update(expires_on=TOMORROW)
    assert agreeing.clear(made, actor=counsel, at=LATER).cleared_by == counsel


def test_counsel_without_the_permission_does_not_sign_off(writer, dan) -> None:
    made = drafted(writer)
    factories.qualify(dan, COUNSEL)
    with refused("no_permission", NotPermitted):
        agreeing.clear(made, actor=dan, at=LATER)


def test_nobody_signs_off_what_they_wrote_a_part_of(writer, counsel) -> None:
    made = drafted(writer)
    with refused("maker_is_checker"):
        agreeing.clear(made, actor=writer, at=LATER)
    library.write(made, **WORDS | {"text": "We look."}, actor=counsel, at=LATER)
    for author in (writer, counsel):
        with refused("maker_is_checker"):
            agreeing.clear(made, actor=author, at=LATER)


def test_any_later_writing_loses_the_signature(writer, counsel, checker) -> None:
    made = drafted(writer)
    agreeing.clear(made, actor=counsel, at=LATER)
    library.write(made, **WORDS, actor=writer, at=LATER)
    assert (again(made).cleared_by, again(made).cleared_at) == (None, None)
    with refused("legal_sign_off_missing"):
        agreeing.approve(made, actor=checker, at=LATER)
    assert agreeing.clear(made, actor=counsel, at=LATER).cleared_by == counsel


def test_whoever_only_signed_off_did_not_write(writer, counsel) -> None:
    made = drafted(writer)
    made._history_user = counsel  # as in a request of hers
    agreeing.clear(made, actor=counsel, at=LATER)
    assert agreeing.approve(made, actor=counsel, at=LATER).approver == counsel


def test_it_is_signed_off_once_as_a_draft_and_as_it_was_read(writer, counsel, checker) -> None:
    made = drafted(writer)
    seen = agreeing.fingerprint(made)
    library.write(made, **WORDS | {"forbidden": "All safe"}, actor=writer, at=LATER)
    with refused("changed_meanwhile"):
        agreeing.clear(made, seen=seen, actor=counsel, at=LATER)
    agreeing.clear(made, seen=agreeing.fingerprint(made), actor=counsel, at=LATER)
    with refused("already_cleared"):
        agreeing.clear(made, actor=counsel, at=LATER)
    agreeing.approve(made, actor=checker, at=LATER)
    with refused("not_a_draft"):
        agreeing.clear(made, actor=counsel, at=LATER)


# --- approval


def test_an_approval_sets_the_days_or_lets_those_of_the_draft_stand(writer, checker) -> None:
    made = drafted(writer, audience="internal", review_on=TOMORROW, expires_on=NEXT_YEAR)
    agreeing.approve(made, effective_from=TODAY, actor=checker, at=LATER)
    row = again(made)
    days = (row.effective_from, row.review_on, row.expires_on)
    assert days == (TODAY, TOMORROW, NEXT_YEAR)


def test_days_out_of_order_are_not_approved(writer, checker) -> None:
    made = drafted(writer, audience="internal", expires_on=TOMORROW)
    with refused("dates_out_of_order", Invalid):
        agreeing.approve(made, effective_from=NEXT_YEAR, actor=checker, at=LATER)
    assert again(made).status == "draft"


def _remarks(monkeypatch: pytest.MonkeyPatch, *levels: Level) -> None:
    found = tuple(Remark("W99", level, "down", 0, 4, "Say what works.") for level in levels)
    monkeypatch.setattr("incidents.operations.wording.of_statement", lambda *_, **__: found)


def test_what_the_wording_checks_forbid_is_not_approved(writer, checker, monkeypatch) -> None:
    made = drafted(writer, audience="internal")
    _remarks(monkeypatch, Level.ERROR, Level.WARNING)
    with refused("wording_forbids") as caught:
        agreeing.approve(made, note="All the same.", actor=checker, at=LATER)
    assert "Say what works." in str(caught.value)


def test_what_they_warn_of_wants_a_reason(writer, checker, monkeypatch) -> None:
    made = drafted(writer, audience="internal")
    _remarks(monkeypatch, Level.WARNING, Level.INFORMATION)
    with refused("wording_needs_reason") as caught:
        agreeing.approve(made, actor=checker, at=LATER)
    assert caught.value.reasons[0].field == "note"
    agreeing.approve(made, note="It is the name customers use.", actor=checker, at=LATER)
    assert last_act().detail["note"] == "It is the name customers use."


def test_information_is_only_shown(writer, checker, monkeypatch) -> None:
    _remarks(monkeypatch, Level.INFORMATION)
    assert internal(writer, checker).status == "approved"


# --- an approver who left


def test_words_whose_approver_left_are_flagged_and_approved_anew(
    writer, counsel, checker
) -> None:
    made = internal(writer, checker)
    assert not statement.needs_approval_anew(again(made))
    with refused("not_a_draft"):
        agreeing.approve(made, actor=counsel, at=LATER)
    Person.objects.filter(pk=checker.pk).update(is_active=False)
    assert statement.needs_approval_anew(again(made))
    with refused("maker_is_checker"):
        agreeing.approve(again(made), actor=writer, at=LATER)
    agreeing.approve(again(made), actor=counsel, at=LATER)
    assert again(made).approver == counsel
    assert not statement.needs_approval_anew(again(made))


def test_a_draft_or_retired_words_need_none(writer, checker) -> None:
    made = internal(writer, checker)
    library.retire(made, reason="Old.", actor=checker, at=LATER)
    Person.objects.filter(pk=checker.pk).update(is_active=False)
    assert not statement.needs_approval_anew(again(made))
    assert not statement.needs_approval_anew(drafted(writer))


def test_a_scenario_of_an_earlier_version_stays_its_own(writer, checker) -> None:
    outage = Scenario.objects.create(slug="outage", name="Outage")
    first = internal(writer, checker, scenario=outage)
    assert revised(first, writer).scenario == outage


def test_what_was_used_stays_what_was_used(writer, checker) -> None:
    first = internal(writer, checker)
    incident = incident_under(factories.severity_scheme(), "sev2")
    said = Update.objects.create(
        incident=incident, audience="internal", text="x", statement=first, drafted_by=writer,
        drafted_at=NOW,
    )  # fmt: skip
    agreeing.approve(revised(first, writer), actor=checker, at=LATER)
    assert again(said).statement == first
    assert again(first).text == "{service} is down."
