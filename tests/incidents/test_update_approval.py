"""Who approves an update, on what it rests, and what comes of one that will not do."""

from collections.abc import Callable

import pytest

from incidents.models import Customer, OutboxMessage, Update
from incidents.operations import approving, facts, update, verifying, wording
from incidents.rules.findings import Level
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, SUPPORT
from incidents.rules.wording_checks import Remark
from tests import factories
from tests.incidents.lines import line, pin
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    at_once,
    hold,
    incident_under,
    last_act,
    refused,
    scene,
    told,
)

pytestmark = pytest.mark.django_db

OUTSIDE = ("public", "customers", "executive")


@pytest.fixture
def here() -> Scene:
    return scene(facts={"customers_affected": 12, "functionality_lost": "major"})


@pytest.fixture
def ruled(here: Scene) -> Scene:
    """Ben answers for what is published outside, Cleo of support does the work of it."""
    letters = {COMMUNICATIONS: "A", SUPPORT: "R", COMMANDER: "I"}
    pin(here.incident, line("triage", "Speak", letters, "publish_externally"))
    hold(here.incident, here.cleo, SUPPORT)
    return here


def drafted(here: Scene, **fields) -> Update:
    given = {"audience": "public", "text": "We are on it.", "actor": here.ben, "at": LATER}
    return update.draft(here.incident, **(given | fields))


def approve(made: Update, who, **fields) -> Update:
    return update.approve(made, actor=who, at=LATER, **fields)


def published(here: Scene, **fields) -> Update:
    made = approve(drafted(here, **fields), here.ada)
    return update.publish(made, actor=here.ben, at=LATER)


@pytest.fixture
def remarked(monkeypatch) -> Callable[[Level], None]:
    """Let the wording checks find one thing of this level, whatever is written."""

    def find(level: Level) -> None:
        found = Remark("W01", level, "on it", 7, 12, "It says nothing.")
        monkeypatch.setattr(wording, "of_update", lambda update, *, at: (found,))

    return find


# --- drafting


def test_who_does_the_work_of_publishing_drafts_what_goes_outside_and_to_support(ruled) -> None:
    for audience in (*OUTSIDE, "support"):
        assert drafted(ruled, audience=audience, actor=ruled.cleo).drafted_by == ruled.cleo
    with refused("not_your_role", NotPermitted):
        drafted(ruled, audience="internal", actor=ruled.cleo)
    with refused("no_permission", NotPermitted):
        drafted(ruled, actor=ruled.dan)


def test_without_a_word_of_it_stage_and_impact_are_the_incidents(here) -> None:
    made = drafted(here)
    assert (made.stage, made.impact, made.language) == ("investigating", "partial", "en")
    given = drafted(here, stage="identified", impact="major", language="de")
    assert (given.stage, given.impact, given.language) == ("identified", "major", "de")
    here.incident.resolved_at, here.incident.state = LATER, "resolution"
    here.incident.save()
    over = drafted(here)
    assert (over.stage, over.impact) == ("resolved", "none")


@pytest.mark.parametrize("field", ["stage", "impact"])
def test_a_stage_or_impact_nobody_knows_is_refused(here, field) -> None:
    with refused(f"unknown_{field}", Invalid):
        drafted(here, **{field: "on_fire"})


def test_an_update_rests_on_recorded_facts_as_they_were_when_it_was_drafted(here) -> None:
    with refused("unknown_fact", Invalid):
        drafted(here, facts=["safety_risk"])
    made = drafted(here, facts=["customers_affected"])
    assert again(made).facts == [{"name": "customers_affected", "value": 12}]


def test_one_customer_is_spoken_to_only_as_a_customer(here) -> None:
    acme = Customer.objects.create(slug="acme", name="Acme")
    with refused("customer_of_another_audience", Invalid):
        drafted(here, customer=acme)
    assert drafted(here, audience="customers", customer=acme).customer == acme


# --- correcting


def test_a_published_update_is_corrected_by_a_follow_up_that_says_so(here) -> None:
    wrong = published(here, text="Transfers fail.")
    right = published(here, text="Only card payments fail.", corrects=wrong)
    assert (again(right).text, again(right).corrects) == ("Only card payments fail.", wrong)
    assert again(wrong).text == "Transfers fail."
    body = OutboxMessage.objects.filter(kind="update", dedupe_key__contains=f":{right.pk}:")
    assert "Correction of our update of 2026-11-23 09:10 UTC\n\nOnly card" in body[0].body


def test_only_what_the_same_readers_read_is_corrected(here) -> None:
    unread = drafted(here)
    with refused("corrects_what_is_not_published"):
        drafted(here, corrects=unread)
    said = published(here)
    with refused("corrects_for_another_audience"):
        drafted(here, audience="internal", corrects=said)
    beside = incident_under(here.incident.severity_scheme, "sev2")
    hold(beside, here.ben, COMMUNICATIONS)
    with refused("corrects_another_incident"):
        update.draft(
            beside, audience="public", text="No.", corrects=said, actor=here.ben, at=LATER
        )
    assert drafted(here, corrects=said).corrects == said


def test_a_correction_to_one_customer_goes_to_the_same_customer(here) -> None:
    acme, other = (Customer.objects.create(slug=name, name=name) for name in ("acme", "other"))
    said = published(here, audience="customers", customer=acme)
    assert drafted(here, audience="customers", corrects=said).customer == acme
    with refused("corrects_for_another_audience"):
        drafted(here, audience="customers", corrects=said, customer=other)


# --- who approves


@pytest.mark.parametrize("audience", OUTSIDE)
def test_what_goes_outside_is_approved_by_whom_the_matrix_makes_accountable(
    ruled, audience
) -> None:
    made = drafted(ruled, audience=audience, actor=ruled.cleo)
    with refused("not_your_role", NotPermitted) as caught:
        approve(made, ruled.ada)
    assert "makes the communications lead accountable for what goes outside" in str(
        caught.value
    )
    with refused("no_permission", NotPermitted):
        approve(made, ruled.dan)
    assert approve(made, ruled.ben).approved_by == ruled.ben


def test_what_its_holder_drafted_is_approved_by_command(ruled) -> None:
    made = drafted(ruled)
    with refused("approve_own_update") as caught:
        approve(made, ruled.ben)
    assert "ask the incident commander or leadership to approve it" in str(caught.value)
    with refused("not_your_role", NotPermitted):
        approve(made, ruled.cleo)
    assert approve(made, ruled.ada).approved_by == ruled.ada


@pytest.mark.parametrize("audience", ["internal", "support"])
def test_what_stays_inside_is_approved_by_anybody_here(ruled, audience) -> None:
    made = drafted(ruled, audience=audience, actor=ruled.ada)
    assert approve(made, ruled.cleo).approved_by == ruled.cleo


def test_leadership_is_a_second_pair_of_eyes_everywhere(ruled) -> None:
    assert approve(drafted(ruled, actor=ruled.cleo), ruled.lea).approved_by == ruled.lea


def test_whoever_drafted_any_version_does_not_approve(ruled) -> None:
    made = drafted(ruled)
    update.redraft(made, text="We know why.", actor=ruled.cleo, at=LATER)
    for person in (ruled.ben, ruled.cleo):
        with refused("approve_own_update"):
            approve(made, person)
    assert approve(made, ruled.ada).approved_by == ruled.ada


# --- on what it rests


def test_what_rests_on_an_unverified_fact_is_approved_only_with_a_reason(here) -> None:
    made = drafted(here, facts=["customers_affected", "functionality_lost"])
    verifying.verify_facts(
        here.incident, names=["customers_affected"], source="Logs", actor=here.ada, at=LATER
    )
    with refused("rests_on_unverified") as caught:
        approve(made, here.ada)
    (reason,) = caught.value.reasons
    assert "functionality lost = major, which nobody verified" in reason.message
    assert (reason.field, again(made).status) == ("note", "draft")
    approve(made, here.ada, note="Support sees it too")
    assert again(made).approval_note == "Support sees it too"
    assert last_act().detail["in_spite_of"] == [
        "functionality lost = major, which nobody verified"
    ]


def test_what_was_verified_and_changed_since_wants_a_reason_too(here) -> None:
    made = drafted(here, facts=["customers_affected"])
    facts.record_facts(
        here.incident, facts={"customers_affected": 90}, actor=here.ada, at=LATER
    )
    verifying.verify_facts(
        here.incident, names=["customers_affected"], source="Logs", actor=here.ada, at=LATER
    )
    with refused("rests_on_unverified") as caught:
        approve(made, here.ada)
    assert "was 12 when it was drafted, now 90" in str(caught.value)
    update.redraft(made, text="Ninety.", actor=here.ben, at=LATER)
    assert approve(made, here.ada).approval_note == ""


def test_what_rests_on_verified_facts_needs_no_reason(here) -> None:
    verifying.verify_facts(
        here.incident, names=["customers_affected"], source="Logs", actor=here.ada, at=LATER
    )
    assert approve(drafted(here, facts=["customers_affected"]), here.ada).status == "approved"


# --- how it is worded


@pytest.mark.parametrize("audience", ["public", "support", "internal"])
def test_what_the_checks_forbid_is_not_approved_whatever_the_reason(
    here, remarked, audience
) -> None:
    remarked(Level.ERROR)
    made = drafted(here, audience=audience)
    with refused("wording_forbids") as caught:
        approve(made, here.ada, note="I like it")
    assert "“on it”: It says nothing." in str(caught.value)
    assert again(made).findings == []


def test_a_warning_wants_a_reason_and_is_kept_with_it(here, remarked) -> None:
    remarked(Level.WARNING)
    made = drafted(here)
    with refused("wording_needs_reason"):
        approve(made, here.ada)
    approve(made, here.ada, note="It is all we know")
    (found,) = again(made).findings
    assert (found["rule"], found["level"], found["quote"]) == ("W01", "warning", "on it")


def test_among_responders_a_warning_is_only_shown(here, remarked) -> None:
    remarked(Level.WARNING)
    assert approve(drafted(here, audience="internal"), here.ada).status == "approved"
    remarked(Level.INFORMATION)
    assert approve(drafted(here), here.ada).status == "approved"


# --- rewriting


def test_rewritten_it_is_a_draft_of_whoever_rewrote_it_and_nobody_approved_it(here) -> None:
    made = approve(drafted(here, facts=["customers_affected"]), here.ada, note="Seen")
    update.redraft(
        made, text=" We know why. ", promised_next_at=LATER + MINUTE, stage="identified",
        impact="major", facts=[], actor=here.ada, at=LATER,
    )  # fmt: skip
    row = again(made)
    assert (row.status, row.text, row.drafted_by) == ("draft", "We know why.", here.ada)
    assert (row.stage, row.impact, row.facts) == ("identified", "major", [])
    assert (row.approved_by, row.approved_at, row.approval_note) == (None, None, "")
    with refused("not_approved"):
        update.publish(made, actor=here.ben, at=LATER)


def test_what_is_left_out_stays_and_a_fact_takes_its_value_of_now(here) -> None:
    made = drafted(here, stage="identified", impact="major", facts=["customers_affected"])
    facts.record_facts(
        here.incident, facts={"customers_affected": 90}, actor=here.ada, at=LATER
    )
    row = again(update.redraft(made, text="Ninety.", actor=here.ben, at=LATER))
    assert (row.stage, row.impact) == ("identified", "major")
    assert row.facts == [{"name": "customers_affected", "value": 90}]


def test_what_was_said_is_not_rewritten_but_corrected(here) -> None:
    made = published(here)
    for act in (
        lambda: update.redraft(made, text="No.", actor=here.ben, at=LATER),
        lambda: update.send_back(made, reason="No.", actor=here.ada, at=LATER),
    ):
        with refused("already_published") as caught:
            act()
        assert "draft a correction instead" in str(caught.value)


def test_rewriting_is_for_who_drafts_and_says_something(here) -> None:
    made = drafted(here)
    with refused("text_missing", Invalid):
        update.redraft(made, text=" ", actor=here.ben, at=LATER)
    with refused("unknown_fact", Invalid):
        update.redraft(made, text="Why.", facts=["colour"], actor=here.ben, at=LATER)
    with refused("not_your_role", NotPermitted):
        update.redraft(made, text="Why.", actor=here.cleo, at=LATER)
    with refused("no_permission", NotPermitted):
        update.redraft(made, text="Why.", actor=here.dan, at=LATER)
    assert again(made).text == "We are on it."


# --- sending back


def test_sent_back_its_drafter_is_told_why_and_rewrites_it(here) -> None:
    made = approve(drafted(here), here.ada)
    update.send_back(made, reason="Say whom it concerns", actor=here.ada, at=LATER)
    row = again(made)
    assert (row.status, row.return_reason) == ("returned", "Say whom it concerns")
    assert (row.approved_by, told("update-returned")) == (None, ["ben"])
    for code, act in (
        ("already_returned", lambda: approve(made, here.lea)),
        ("not_approved", lambda: update.publish(made, actor=here.ben, at=LATER)),
        (
            "already_returned",
            lambda: update.send_back(made, reason="Again", actor=here.ada, at=LATER),
        ),
    ):
        with refused(code):
            act()
    row = update.redraft(made, text="Some card payments fail.", actor=here.ben, at=LATER)
    assert (row.status, row.return_reason) == ("draft", "")
    assert approve(made, here.ada).status == "approved"


def test_sent_back_twice_its_drafter_is_told_twice(here) -> None:
    made = drafted(here)
    for minute in (0, 1):
        at = LATER + minute * MINUTE
        update.send_back(made, reason="No", actor=here.ada, at=at)
        update.redraft(made, text=f"Try {minute}", actor=here.ben, at=at)
    assert told("update-returned") == ["ben", "ben"]


def test_who_sends_back_their_own_is_not_told_of_it(here) -> None:
    update.send_back(drafted(here), reason="I was wrong", actor=here.ben, at=LATER)
    assert told("update-returned") == []


def test_sending_back_is_for_who_takes_part_and_says_why(here) -> None:
    made = drafted(here)
    with refused("reason_missing", Invalid):
        update.send_back(made, reason=" ", actor=here.ada, at=LATER)
    with refused("not_your_role", NotPermitted):
        update.send_back(made, reason="No", actor=here.cleo, at=LATER)
    with refused("no_permission", NotPermitted):
        update.send_back(made, reason="No", actor=here.dan, at=LATER)
    assert again(made).status == "draft"


# --- publishing


@pytest.mark.parametrize(
    ("audience", "name"), [("public", ""), ("customers", ""), ("internal", "Cards")]
)
def test_published_it_keeps_what_its_audience_calls_the_services(here, audience, name) -> None:
    here.incident.services.add(factories.service("cards"), factories.service("psp-gw-2"))
    here.incident.services.filter(slug="psp-gw-2").update(public_name="Card payments")
    made = published(here, audience=audience)
    assert again(made).services == [
        {"slug": "cards", "name": name},
        {"slug": "psp-gw-2", "name": "Card payments"},
    ]


def test_what_support_may_say_is_no_act_of_the_matrix(ruled) -> None:
    made = approve(drafted(ruled, audience="support"), ruled.ada)
    update.publish(made, actor=ruled.ada, at=LATER)
    assert not ruled.incident.performances.exists()
    update.publish(approve(drafted(ruled), ruled.ada), actor=ruled.ben, at=LATER)
    assert ruled.incident.performances.count() == 1


# --- races


def test_what_was_rewritten_after_it_was_read_is_not_approved(here) -> None:
    made = drafted(here)
    seen = approving.fingerprint(made)
    update.redraft(made, text="Other words.", actor=here.ben, at=LATER)
    with refused("changed_meanwhile"):
        approve(made, here.ada, seen=seen)
    assert approve(made, here.ada, seen=approving.fingerprint(again(made))).status == "approved"


def test_of_two_who_send_back_at_once_one_does(committing) -> None:
    here = scene()
    made = drafted(here)
    outcomes = at_once(
        lambda: update.send_back(again(made), reason="No", actor=here.ada, at=LATER)
    )
    assert sorted(outcomes) == ["already_returned", "done"]
    assert told("update-returned") == ["ben"]


def test_what_is_sent_back_while_it_is_published_is_one_of_both(committing) -> None:
    here = scene()
    made = approve(drafted(here), here.ada)
    acts = iter([
        lambda: update.send_back(again(made), reason="No", actor=here.ada, at=LATER),
        lambda: update.publish(again(made), actor=here.ben, at=LATER),
    ])  # fmt: skip
    outcomes = at_once(lambda: next(acts)())
    assert sorted(outcomes) in (["already_published", "done"], ["done", "not_approved"])
