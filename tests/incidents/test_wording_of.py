"""Wording asked with what the database knows: of an update, of words being written, of a statement."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import (
    HoldingStatement,
    Incident,
    Scenario,
    Service,
    Update,
    VerifiedFact,
)
from incidents.operations import wording
from tests import callers, factories
from tests.callers import codes, fields
from tests.factories import NOW
from tests.incidents.scene import LATER, MINUTE, Scene, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


def draft(here: Scene, text: str, **more) -> Update:
    given = {"audience": "public", "stage": "identified", "impact": "partial"} | more
    return Update.objects.create(
        incident=here.incident, text=text, drafted_by=here.ben, drafted_at=NOW, **given
    )


def told(here: Scene, text: str, after: timedelta = MINUTE, **more) -> Update:
    return draft(
        here, text, status="published", approved_by=here.ada, approved_at=NOW,
        published_by=here.ben, published_at=NOW + after, **more,
    )  # fmt: skip


def rules(update: Update) -> set[str]:
    return {each.rule for each in wording.of_update(update, at=LATER)}


def rules_of(incident: Incident | None, text: str, **more) -> set[str]:
    given = {"audience": "public", "at": LATER} | more
    return {each.rule for each in wording.of_text(incident, text=text, **given)}


def statement(here: Scene, text: str, **fields) -> HoldingStatement:
    given = {"title": "Payments", "audience": "public", "maker": here.lea, "text": text}
    return HoldingStatement.objects.create(**(given | fields))


def approved(here: Scene, text: str, **fields) -> HoldingStatement:
    return statement(
        here, text, status="approved", approver=here.ada, approved_at=NOW, **fields
    )


def test_a_code_name_is_internal_and_what_customers_call_it_is_not(here) -> None:
    factories.service("blue-bird", name="Blue bird", public_name="Sign-in and search")
    factories.service("search", public_name="")
    factories.service("ledger-db", name="Ledger store")
    factories.service("gone-away", is_active=False)
    assert "W08" in rules(draft(here, "Blue-bird is slow."))
    assert "W08" in rules(draft(here, "The ledger store is slow."))
    assert "W08" not in rules(draft(here, "Sign-in, search and gone-away are slow."))


def test_a_plain_word_of_a_service_without_a_public_name_is_a_word(here) -> None:
    factories.service("payments")
    assert "W08" not in rules(draft(here, "Payments fail."))
    Service.objects.update(public_name="Card desk")
    assert "W08" in rules(draft(here, "Payments fail."))


def test_a_colleague_is_named_only_inside(here) -> None:
    factories.person("grace", name="Grace Hopper")
    factories.person("will", name="Will")
    factories.person("old", name="Old Colleague", is_active=False)
    text = "Grace Hopper will look into it, as Old Colleague did."
    found = wording.of_update(draft(here, text), at=LATER)
    assert [each.quote for each in found if each.rule == "W12"] == ["Grace Hopper"]
    assert "W12" not in rules(draft(here, text, audience="internal"))


def test_what_the_statements_of_the_scenario_forbid_is_forbidden(here) -> None:
    theirs = Scenario.objects.create(slug="card-payments", name="Card payments")
    other = Scenario.objects.create(slug="other", name="Other")
    approved(here, "…", scenario=theirs, forbidden="your money is safe\n\nno loss")
    approved(here, "…", scenario=None, forbidden="nothing happened")
    approved(here, "…", scenario=other, forbidden="we are open")
    statement(here, "…", scenario=theirs, forbidden="a draft")
    text = "Your money is safe, we are open, nothing happened, this is a draft."
    assert rules_of(here.incident, text) & {"W21"} == {"W21"}
    Incident.objects.update(scenario=theirs)
    here.incident.refresh_from_db()
    found = wording.of_update(draft(here, text), at=LATER)
    quotes = [each.quote for each in found if each.rule == "W21"]
    assert quotes == ["Your money is safe", "nothing happened"]


def test_a_cause_is_verified_while_its_fact_keeps_the_value(here) -> None:
    text = "The outage was caused by a faulty disk."
    assert "W03" in rules(draft(here, text))
    Incident.objects.update(facts={"root_cause": "disk"})
    here.incident.refresh_from_db()
    VerifiedFact.objects.create(
        incident=here.incident, name="root_cause", value="disk", source="The log",
        verified_by=here.ada, verified_at=NOW,
    )  # fmt: skip
    assert "W03" not in rules(draft(here, text))
    Incident.objects.update(facts={"root_cause": "network"})
    here.incident.refresh_from_db()
    assert "W03" in rules(draft(here, text))


def test_what_was_said_before_to_the_same_audience_counts(here) -> None:
    told(here, "Payments fail since 14:05 UTC.")
    told(here, "Payments fail since 11:11 UTC.", audience="executive")
    draft(here, "Payments fail since 12:12 UTC.")
    text = "Payments fail since 13:40 UTC."
    assert "W17" in rules(draft(here, text))
    assert "W17" in rules_of(here.incident, text)
    assert "W17" not in rules(draft(here, text, audience="customers"))
    assert "W17" not in rules_of(None, text)


def test_a_correction_may_contradict_and_what_it_corrected_counts_no_more(here) -> None:
    first = told(here, "Payments fail since 14:05 UTC.")
    text = "Payments fail since 13:40 UTC."
    assert "W17" not in rules(draft(here, text, corrects=first))
    assert "W17" not in rules_of(here.incident, text, corrects=first)
    told(here, text, 2 * MINUTE, corrects=first)
    assert "W17" not in rules(draft(here, text))
    assert "W17" in rules(draft(here, "Payments fail since 14:05 UTC."))


def test_a_published_update_is_asked_with_what_was_before_it(here) -> None:
    first = told(here, "Payments fail since 14:05 UTC.")
    told(here, "Payments fail since 13:40 UTC.", 2 * MINUTE)
    assert "W17" not in rules(first)


def test_services_are_those_it_named_or_those_affected_now(here) -> None:
    factories.service("one", public_name="Payments")
    two = factories.service("two", public_name="Sign-in")
    told(here, "Both are slow.", services=[{"slug": "one", "name": "Payments"}])
    here.incident.services.set([two])
    assert "W19" in rules(draft(here, "It is slow."))
    assert "W19" not in rules(draft(here, "Payments work again."))


def test_a_next_update_promised_beside_the_words_is_named(here) -> None:
    assert "W22" in rules(draft(here, "We look into it."))
    assert "W22" not in rules(draft(here, "We look into it.", promised_next_at=LATER))


def test_blanks_of_a_statement_are_meant_and_others_are_not(here) -> None:
    known = statement(
        here, "Since {time} you cannot use {service}. Next update by {next_update}."
    )
    assert wording.of_statement(known, at=NOW) == ()
    other = statement(here, "Since {time} you cannot pay, [insert reason].", purpose="over")
    found = [(each.rule, each.quote) for each in wording.of_statement(other, at=NOW)]
    assert found == [("W24", "[insert reason]")]
    own = statement(here, "Your money is safe.", purpose="over", forbidden="your money is safe")
    assert [each.rule for each in wording.of_statement(own, at=NOW)] == ["W21"]


def test_words_written_after_a_statement_keep_to_what_it_forbids(here) -> None:
    words = statement(here, "…", forbidden="your money is safe")
    assert "W21" in rules_of(None, "Your money is safe.", statement=words)
    assert "W21" not in rules_of(None, "Your money is safe.")


def test_however_much_was_said_it_takes_six_statements(here) -> None:
    for minute in range(1, 20):
        told(here, f"Update {minute}.", minute * MINUTE)
        factories.service(f"code-name-{minute}", public_name=f"Product {minute}")
    update = Update.objects.select_related("incident").get(
        pk=draft(here, "We look into it. Next update by 10:00 UTC.").pk
    )
    with CaptureQueriesContext(connection) as asked:
        wording.of_update(update, at=LATER)
    assert len(asked) == 6


# By API


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_words_are_checked_by_api_and_nothing_is_stored(clock) -> None:
    factories.law()
    ada = callers.ada()
    said = {"text": "Write to jane.doe@example.com!", "audience": "public", "language": "en"}
    answer = ada.post("/wording/check", said)
    assert answer.status_code == 200
    remarks = answer.json()["remarks"]
    assert [each["rule"] for each in remarks] == ["W22", "W12", "W23"]
    assert remarks[1] | {"message": ""} == {
        "rule": "W12", "level": "error", "quote": "jane.doe@example.com",
        "start": 9, "end": 29, "message": "",
    }  # fmt: skip
    assert not Update.objects.exists()


def test_words_about_an_incident_are_checked_beside_what_was_said(clock) -> None:
    here = scene()
    told(here, "Payments fail since 14:05 UTC.")
    reader = factories.allow(here.cleo, "incidents.view_incident")
    caller = callers.Caller(reader)
    said = {"text": "Payments fail since 13:40 UTC.", "audience": "public"}
    alone, beside = (
        {each["rule"] for each in caller.post("/wording/check", said | more).json()["remarks"]}
        for more in ({}, {"incident": here.incident.reference})
    )
    assert beside - alone == {"W17"}
    Incident.objects.update(is_private=True)
    hidden = caller.post("/wording/check", said | {"incident": here.incident.reference})
    assert (hidden.status_code, fields(hidden)) == (422, ["incident"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": "", "audience": "public"}, "text"),
        ({"text": "x" * 20_001, "audience": "public"}, "text"),
        ({"text": "Hello", "audience": "everybody"}, "audience"),
        ({"text": "Hello", "audience": "public", "to": "all"}, "to"),
        ({"text": "Hello", "audience": "public", "incident": "INC-999"}, "incident"),
    ],
)
def test_what_cannot_be_checked_is_refused_by_its_field(clock, said, field) -> None:
    factories.law()
    answer = callers.ada().post("/wording/check", said)
    assert (answer.status_code, fields(answer)) == (422, [field])


def test_who_may_see_no_incident_checks_no_words(clock) -> None:
    answer = callers.dan().post("/wording/check", {"text": "Hello", "audience": "public"})
    assert (answer.status_code, codes(answer)) == (403, ["no_permission"])
