"""The pages of an update: rewritten, sent back, approved with what stands against it, corrected."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.admin.update_shown import pieces
from incidents.models import Update, VerifiedFact
from incidents.operations import approving, update, verifying, wording
from incidents.rules.findings import Level
from incidents.rules.wording_checks import Remark
from tests import factories
from tests.incidents.admin_room import list_of, page_of, signed_in, text_of
from tests.incidents.scene import LATER, Scene, again, scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
VIEW = ("incidents.view_update", "incidents.view_incident")


@pytest.fixture
def here() -> Scene:
    made = scene(facts={"customers_affected": 12})
    for person in (made.ada, made.ben):
        person.is_staff = True
        person.save()
        factories.allow(person, *VIEW)
    return made


@pytest.fixture
def ada(here: Scene) -> Client:
    return signed_in(here.ada)


def drafted(here: Scene, **fields: Any) -> Update:
    given = {"audience": "public", "text": "We are on it.", "actor": here.ben, "at": LATER}
    return update.draft(here.incident, **(given | fields))


def published(here: Scene, **fields: Any) -> Update:
    made = update.approve(drafted(here, **fields), actor=here.ada, at=LATER)
    return update.publish(made, actor=here.ben, at=LATER)


def test_an_update_without_anything_against_it_is_approved_without_a_word(here, ada) -> None:
    made = drafted(here)
    page = ada.get(page_of(made, "approve_update"))
    assert 'name="note"' not in page.content.decode()
    ada.post(page_of(made, "approve_update"), {"seen": approving.fingerprint(made)})
    assert again(made).approved_by == here.ada


def test_whoever_approves_a_correction_reads_what_it_corrects(here, ada) -> None:
    wrong = published(here, text="Some transfers fail.")
    made = drafted(here, text="All transfers fail.", corrects=wrong)
    assert "Some transfers fail." in text_of(ada.get(page_of(made, "approve_update")))


def test_what_is_not_verified_stands_on_the_page_and_wants_a_reason(here, ada) -> None:
    made = drafted(here, facts=["customers_affected"])
    address = page_of(made, "approve_update")
    page = text_of(ada.get(address))
    assert "What it rests on not verified Customers affected: 12" in page
    without = ada.post(address, {"seen": approving.fingerprint(made)})
    assert (without.status_code, again(made).status) == (409, "draft")
    ada.post(address, {"seen": approving.fingerprint(made), "note": "Support sees it"})
    assert again(made).approval_note == "Support sees it"


def test_what_was_rewritten_meanwhile_is_not_approved(here, ada) -> None:
    made = drafted(here)
    seen = approving.fingerprint(made)
    update.redraft(made, text="Other words.", actor=here.ben, at=LATER)
    answer = ada.post(page_of(made, "approve_update"), {"seen": seen})
    assert (answer.status_code, again(made).status) == (409, "draft")
    assert "Ben rewrote it after you opened it" in text_of(answer)


def test_what_the_checks_remark_on_is_marked_in_the_words(here, ada, monkeypatch) -> None:
    found = Remark("W01", Level.ERROR, "on <it>", 7, 14, "It says nothing.")
    monkeypatch.setattr(wording, "of_update", lambda update, *, at: (found,))
    made = drafted(here, text="We are on <it>.")
    page = ada.get(page_of(made, "approve_update"))
    marked = '<mark class="error" title="It says nothing.">on &lt;it&gt;</mark>.'
    assert marked in page.content.decode()
    # No reason helps, so none is asked for; the page leads to what does.
    assert 'name="note"' not in page.content.decode()
    assert page_of(made, "redraft_update") in page.content.decode()
    said = {"seen": approving.fingerprint(made)}
    answer = ada.post(page_of(made, "approve_update"), said)
    assert (answer.status_code, again(made).status) == (409, "draft")
    assert "“on <it>”: It says nothing. Rewrite it" in text_of(answer)


def test_an_update_is_rewritten_from_how_it_reads(here, ada) -> None:
    made = drafted(here, facts=["customers_affected"])
    page = ada.get(page_of(made, "redraft_update")).content.decode()
    assert "We are on it.</textarea>" in page
    assert "Customers affected: 12 (not verified)" in page
    said = {"text": "We know why.", "stage": "identified", "impact": "major"}
    ada.post(page_of(made, "redraft_update"), said)
    row = again(made)
    assert (row.text, row.stage, row.facts, row.drafted_by) == (
        "We know why.", "identified", [], here.ada,
    )  # fmt: skip


def test_an_update_is_sent_back_and_its_page_says_why(here, ada) -> None:
    made = drafted(here)
    ada.post(page_of(made, "return_update"), {"reason": "Say whom it concerns"})
    assert again(made).status == "returned"
    assert "Sent back: Say whom it concerns" in text_of(ada.get(page_of(made)))


def test_the_page_that_publishes_says_who_hears_it(here, ada) -> None:
    made = update.approve(drafted(here), actor=here.ada, at=LATER)
    said = text_of(ada.get(page_of(made, "publish_update")))
    assert "Who hears it 2 people with a role in INC-1 Checkout is down the status page" in said
    assert "subscribers by e-mail, at most 0" in said
    inside = drafted(here, audience="internal", actor=here.ben)
    update.approve(inside, actor=here.ada, at=LATER)
    assert "status page" not in text_of(ada.get(page_of(inside, "publish_update")))


def test_of_an_exercise_the_page_says_that_nobody_outside_hears_it(here, ada) -> None:
    here.incident.kind = "exercise"
    here.incident.save()
    made = update.approve(drafted(here), actor=here.ada, at=LATER)
    said = text_of(ada.get(page_of(made, "publish_update")))
    assert "nobody else: the incident is an exercise" in said


def test_what_was_published_leads_to_its_correction(here, ada) -> None:
    made = published(here, text="**Transfers** fail.")
    page = ada.get(page_of(made)).content.decode()
    assert "<strong>Transfers</strong> fail." in page
    assert f"?audience=public&amp;corrects={made.pk}" in page
    right = published(here, text="Only cards fail.", corrects=made)
    assert "Correction of our update of" in text_of(ada.get(page_of(right)))


def test_what_was_published_shows_what_it_rested_on_and_what_the_checks_said(here, ada) -> None:
    verifying.verify_facts(
        here.incident, names=["customers_affected"], source="Logs", actor=here.ben, at=LATER
    )
    made = published(here, facts=["customers_affected"])
    said = text_of(ada.get(page_of(made)))
    assert "What it rests on Customers affected: 12" in said
    assert ("What the wording checks said when it was approved" in said) == bool(made.findings)


def test_facts_are_verified_on_the_page_of_the_incident(here, ada) -> None:
    address = page_of(here.incident, "verify_facts")
    assert "Customers affected: 12 (not verified)" in text_of(ada.get(address))
    nothing = ada.post(address, {"source": "The dashboard"})
    assert (nothing.status_code, VerifiedFact.objects.count()) == (409, 0)
    ada.post(address, {"names": ["customers_affected"], "source": "The dashboard"})
    assert VerifiedFact.objects.get().verified_by == here.ada
    assert "Customers affected: 12 (verified)" in text_of(ada.get(address))


def test_the_page_of_the_incident_says_which_facts_are_verified_by_whom(here, ada) -> None:
    page = text_of(ada.get(page_of(here.incident)))
    assert "Customers affected 12 not verified Verify facts" in page
    verifying.verify_facts(
        here.incident, names=["customers_affected"], source="Logs", actor=here.ben, at=LATER
    )
    page = text_of(ada.get(page_of(here.incident)))
    assert "Customers affected 12 verified by Ben, 23 Nov, 09:10: Logs" in page


def test_without_a_fact_the_page_says_what_to_do_first(here, ada) -> None:
    here.incident.facts = {}
    here.incident.save()
    address = page_of(here.incident, "verify_facts")
    assert "No fact is recorded here: record one first." in text_of(ada.get(address))


@pytest.mark.parametrize(
    "verb", ["approve_update", "publish_update", "redraft_update", "return_update"]
)
def test_who_may_nothing_sees_none_of_it(here, verb) -> None:
    here.dan.is_staff = True
    here.dan.save()
    dan = signed_in(here.dan)
    made = drafted(here)
    assert dan.get(page_of(made, verb)).status_code == 403
    assert dan.post(page_of(made, verb), {"reason": "x", "text": "x"}).status_code == 403
    assert dan.get(list_of(Update)).status_code == 403
    assert again(made).status == "draft"


def test_a_text_is_cut_where_remarks_begin_and_end_and_of_two_that_overlap_one_is_shown() -> (
    None
):
    def remark(start: int, end: int) -> Remark:
        return Remark("W01", Level.WARNING, "x", start, end, "Why.")

    found = [(one.text, one.remark is not None) for one in pieces(
        "abcdefgh", [remark(6, 8), remark(1, 4), remark(2, 5), remark(3, 3), remark(7, 99)]
    )]  # fmt: skip
    assert found == [("a", False), ("bcd", True), ("ef", False), ("gh", True)]
    assert [one.text for one in pieces("abc", [])] == ["abc"]


def test_a_promise_is_kept_when_rewriting_until_its_time_has_come(here, ada) -> None:
    now = timezone.now()
    for at, is_kept in ((now, True), (LATER, False)):
        made = drafted(here, promised_next_at=at + 3 * HOUR, at=at)
        form = ada.get(page_of(made, "redraft_update")).context["form"]
        assert (form.initial["promised_next_at"] is not None) == is_kept
