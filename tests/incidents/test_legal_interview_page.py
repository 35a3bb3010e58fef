"""The interview on the page of an incident's law: one question, one press, one act."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.admin import legal_said
from incidents.models import AuditEvent, FactSaid, Incident, LegalClock, Person
from incidents.operations import facts
from incidents.rules.roles import COMMUNICATIONS, COUNSEL
from tests import factories
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.admin_room import member, page_of, said, signed_in, text_of
from tests.incidents.packs import shipped
from tests.incidents.scene import Scene, again, hold, scene

pytestmark = pytest.mark.django_db

EXPOSED = {
    "affected_jurisdictions": ["DE"],
    "data_categories": ["personal_data"],
    "personal_data_exposure": "confirmed",
    "risk_to_individuals": "risk",
}
# However many clocks run and however much was said.
PAGE_QUERIES = 24


@pytest.fixture
def stage() -> Scene:
    made = scene(law_pack=lawful.pack(), legal_profile=lawful.profile())
    for who in (made.ada, made.ben):
        who.is_staff = True
        who.save()
    return made


@pytest.fixture
def ada(stage) -> Client:
    """Commands the incident, and sees it."""
    return signed_in(_sees(stage.ada))


def _sees(who: Person) -> Person:
    return factories.allow(who, "incidents.view_incident", "incidents.view_legalclock")


def law(incident: Incident) -> str:
    return page_of(incident, "law")


def answer(client: Client, incident: Incident, name: str, **more):
    body = {"kind": "fact", "name": name, **more}
    return client.post(law(incident), body)


def record(stage: Scene, **known) -> None:
    facts.record_facts(stage.incident, facts=known, actor=stage.ada, at=timezone.now())


# --- asking


def test_one_question_is_asked_with_why_and_with_what_each_answer_starts(ada, stage) -> None:
    page = ada.get(law(stage.incident))
    asked = page.context["asked"]
    text = text_of(page)
    assert asked.text in text
    assert asked.why in text
    assert "Nobody knows yet" in text
    assert page.context["left"] > 0
    assert f"0 answered, at most {page.context['left']} to go" in text


def test_an_answer_that_starts_duties_names_the_most_urgent(ada, stage) -> None:
    record(stage, affected_jurisdictions=["DE"], data_categories=["personal_data"])
    page = ada.get(law(stage.incident), {"ask": "personal_data_exposure"})
    yes = next(one for one in page.context["asked"].choices if one.value == '"confirmed"')
    assert "EU GDPR" in yes.starts
    assert "(72 h)" in yes.starts


def test_a_question_of_choice_can_be_asked_anew_and_shows_what_was_said(ada, stage) -> None:
    record(stage, personal_data_exposure="possible")
    page = ada.get(law(stage.incident), {"ask": "personal_data_exposure"})
    assert page.context["asked"].name == "personal_data_exposure"
    assert [one.value for one in page.context["asked"].choices if one.is_said] == ['"possible"']


@pytest.mark.parametrize(
    "name",
    ["nothing", "previous_stage", "persons_affected_by_jurisdiction", "risk_to_individuals.DE", "x" * 300],
)  # fmt: skip
def test_a_question_there_is_not_leads_to_the_next_one(ada, stage, name) -> None:
    page = ada.get(law(stage.incident), {"ask": name})
    assert page.status_code == 200
    assert page.context["asked"].name == ada.get(law(stage.incident)).context["asked"].name


# --- answering


def test_an_answer_is_kept_with_who_said_it_and_how_it_is_known(ada, stage) -> None:
    done = answer(
        ada, stage.incident, "personal_data_exposure", value='"possible"', source="the log"
    )
    assert done.status_code == 302
    assert done["Location"] == law(stage.incident)
    row = FactSaid.objects.get(incident=stage.incident)
    assert (row.name, row.value, row.said_by, row.source) == (
        "personal_data_exposure", "possible", stage.ada, "the log",
    )  # fmt: skip
    assert again(stage.incident).facts == {"personal_data_exposure": "possible"}


def test_an_answer_says_what_it_started(ada, stage) -> None:
    record(stage, **{**EXPOSED, "personal_data_exposure": "none"})
    done = answer(ada, stage.incident, "personal_data_exposure", value='"confirmed"')
    (message,) = said(done)
    assert message.startswith("Kept. Started: ")
    assert LegalClock.objects.filter(incident=stage.incident, regime="eu-gdpr-art33").exists()


def test_nobody_knows_is_an_answer_and_its_question_comes_again(ada, stage) -> None:
    name = ada.get(law(stage.incident)).context["asked"].name
    assert answer(ada, stage.incident, name, unknown="1").status_code == 302
    row = FactSaid.objects.get(incident=stage.incident, name=name)
    assert row.is_unknown
    page = ada.get(law(stage.incident))
    assert page.context["asked"].name != name
    assert "nobody knows yet" in text_of(page)
    assert ada.get(law(stage.incident), {"ask": name}).context["asked"].is_reopened


def test_what_nobody_knew_is_offered_again_once_nothing_new_is_left(ada, stage) -> None:
    for _ in range(40):
        asked = ada.get(law(stage.incident)).context["asked"]
        if asked is None:
            break
        ada.post(law(stage.incident), {"kind": asked.kind, "name": asked.name, "unknown": "1"})
    page = ada.get(law(stage.incident))
    assert page.context["asked"] is None
    names = [name for name, _ in page.context["still_open"]]
    assert "personal_data_exposure" in names
    assert "Does anybody know more by now?" in text_of(page)
    assert len(names) == page.context["left"]


def test_several_things_ticked_are_one_answer_and_codes_may_be_typed(ada, stage) -> None:
    answer(
        ada, stage.incident, "affected_jurisdictions",
        value=[json.dumps(["DE"]), json.dumps(["FR"])], others="us-ca, br",
    )  # fmt: skip
    known = again(stage.incident).facts["affected_jurisdictions"]
    assert {"DE", "FR", "US-CA", "BR"} <= {*known}


def test_none_of_these_is_said_apart_from_ticking_nothing(ada, stage) -> None:
    refused = answer(ada, stage.incident, "affected_jurisdictions")
    assert refused.status_code == 409
    assert "Choose an answer" in text_of(refused)
    assert answer(ada, stage.incident, "affected_jurisdictions", none="[]").status_code == 302
    assert again(stage.incident).facts == {"affected_jurisdictions": []}


def test_a_number_is_typed_or_pressed(ada, stage) -> None:
    answer(ada, stage.incident, "persons_affected_total", number="1200")
    assert again(stage.incident).facts["persons_affected_total"] == 1200
    answer(ada, stage.incident, "persons_affected_total", value="499")
    assert again(stage.incident).facts["persons_affected_total"] == 499


def test_counts_by_place_are_added_to_those_said_before(ada, stage) -> None:
    field = "persons_affected_by_jurisdiction"
    record(stage, **{field: {"DE": 20}})
    answer(ada, stage.incident, f"{field}.US-CA", number="7")
    known = again(stage.incident).facts[field]
    assert (known["DE"], known["US-CA"]) == (20, 7)


def test_nobody_knows_how_many_there_are_in_a_place(ada, stage) -> None:
    field = "persons_affected_by_jurisdiction"
    record(stage, affected_jurisdictions=["US-CA", "DE"], **{field: {"DE": 20}})
    done = answer(ada, stage.incident, f"{field}.US-CA", unknown="1")
    assert done.status_code == 302
    assert again(stage.incident).facts[field] == {"DE": 20}


# --- clocks


def test_once_a_duty_runs_on_an_assumed_instant_it_is_asked_for(ada, stage) -> None:
    record(stage, **EXPOSED)
    page = ada.get(law(stage.incident))
    asked = page.context["asked"]
    assert (asked.kind, asked.name) == ("clock", "awareness")
    done = ada.post(
        law(stage.incident),
        {"kind": "clock", "name": "awareness", "value": asked.assumed.value},
    )
    assert done.status_code == 302
    clock = LegalClock.objects.get(incident=stage.incident, regime="eu-gdpr-art33")
    assert (clock.is_assumed, clock.started_at) == (False, NOW)
    assert clock.due_at == NOW + timedelta(hours=72)


def test_an_instant_is_now_or_typed_and_never_in_the_future(ada, stage) -> None:
    record(stage, **EXPOSED)
    body = {"kind": "clock", "name": "awareness"}
    late = ada.post(law(stage.incident), {**body, "when_0": "2199-01-01", "when_1": "10:00"})
    assert late.status_code == 409
    half_typed = {**body, "is_now": "1", "when_0": "2026-11-23", "when_1": ""}
    assert ada.post(law(stage.incident), half_typed).status_code == 302
    typed = {**body, "when_0": "2026-11-23", "when_1": "09:30"}
    assert ada.post(law(stage.incident), typed).status_code == 302
    assert ada.post(law(stage.incident), body).status_code == 409


def test_a_clock_on_its_outer_limit_has_the_event_of_its_own_period_asked_for() -> None:
    # DORA: four hours from the classification; 24 hours from awareness is the most.
    ours = {**lawful.OURS["facts"], "entity_types": ["dora_financial_entity"]}
    made = scene(law_pack=lawful.pack(), legal_profile=lawful.profile({"facts": ours}))
    made.ada.is_staff = True
    made.ada.save()
    record(made, dora_classification="major")
    facts.record_facts(made.incident, clocks={"awareness": NOW}, actor=made.ada, at=NOW)
    initial = LegalClock.objects.get(
        incident=made.incident, regime="eu-dora-art19", stage="initial"
    )
    assert initial.due_at == NOW + timedelta(hours=24)
    client = signed_in(_sees(made.ada))
    asked = client.get(law(made.incident)).context["asked"]
    assert (asked.kind, asked.name) == ("clock", "classification")
    assert initial.title in asked.why
    client.post(law(made.incident), {"kind": "clock", "name": "classification", "unknown": "1"})
    page = client.get(law(made.incident))
    assert page.context["asked"].name != "classification"
    client.post(
        law(made.incident),
        {"kind": "clock", "name": "classification", "value": NOW.isoformat()},
    )
    initial.refresh_from_db()
    assert initial.due_at == NOW + timedelta(hours=4)


def test_not_knowing_is_offered_once_and_says_what_it_starts(ada, stage) -> None:
    record(stage, **{name: EXPOSED[name] for name in EXPOSED if name != "risk_to_individuals"})
    page = ada.get(law(stage.incident), {"ask": "risk_to_individuals"})
    asked = page.context["asked"]
    assert [one.value for one in asked.choices] == ['"none"', '"unlikely"', '"risk"', '"high"']
    assert asked.unknown_starts


def test_an_answer_that_adds_a_notice_to_a_duty_says_so(ada, stage) -> None:
    record(
        stage, affected_jurisdictions=["US-CA"], data_categories=["government_id"],
        personal_data_exposure="confirmed", data_protection_state="none",
    )  # fmt: skip
    page = ada.get(law(stage.incident), {"ask": "persons_affected_by_jurisdiction.US-CA"})
    few, many = page.context["asked"].choices
    assert (few.adds, many.starts) == ("", "")
    assert "Attorney General" in many.adds
    assert "(15 days)" in many.adds


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "affected_jurisdictions", "value": '"\\ud800"'},
        {"name": "affected_jurisdictions", "value": "[" * 100_000},
        {"name": "affected_jurisdictions", "none": "5"},
        {"name": "affected_jurisdictions", "none": '{"DE": 1}'},
        {"name": "data_categories", "value": '[[["personal_data"]]]'},
        {"name": "data_categories", "value": '{"a": [1]}'},
        {"name": "data_categories.DE", "value": '["personal_data"]'},
        {"name": "persons_affected_total", "value": "9" * 5_000},
        {"name": "persons_affected_total", "value": "1e999"},
        {"name": "awareness", "kind": "clock", "value": '{"a": 1}'},
        {"name": "awareness", "kind": "clock", "value": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_what_no_button_says_is_refused_and_the_page_stands(ada, stage, odd) -> None:
    refused = ada.post(law(stage.incident), {"kind": "fact", **odd})
    assert refused.status_code == 409
    assert again(stage.incident).facts == {}
    assert not FactSaid.objects.exists()


def test_a_refused_answer_keeps_what_was_typed_and_ticked(ada, stage) -> None:
    refused = answer(
        ada, stage.incident, "affected_jurisdictions", value='["DE"]', others="Atlantis",
        source="the log",
    )  # fmt: skip
    assert refused.status_code == 409
    page = refused.content.decode()
    assert 'value="ATLANTIS"' in page or 'value="Atlantis"' in page
    assert 'value="the log"' in page
    assert re.search(r'value="\[&quot;DE&quot;\]"\s+checked', page)
    record(stage, **EXPOSED)
    body = {"kind": "clock", "name": "awareness", "when_0": "2199-01-01", "when_1": "10:01"}
    page = ada.post(law(stage.incident), body).content.decode()
    assert 'value="2199-01-01"' in page
    assert 'value="10:01"' in page


# --- what is known, and what is assumed


def test_what_was_said_is_listed_with_who_and_the_profile_apart(ada, stage) -> None:
    record(stage, personal_data_exposure="possible")
    page = ada.get(law(stage.incident))
    known = page.context["known"]
    assert [one.name for one in known.said] == ["personal_data_exposure"]
    assert known.said[0].by == stage.ada
    assert "operates_in" in {one.name for one in known.profile}
    assert {one.name for one in known.assumed} >= {"awareness"}


def test_an_assumption_of_the_data_map_becomes_a_finding_by_one_press(ada, stage) -> None:
    service = factories.service("crm")
    service.holdings.create(
        title="Customers", data_categories=["personal_data"], jurisdictions=["DE"],
        persons={"DE": 40},
    )  # fmt: skip
    stage.incident.services.add(service)
    known = ada.get(law(stage.incident)).context["known"]
    places = next(one for one in known.assumed if one.name == "affected_jurisdictions")
    done = answer(ada, stage.incident, places.name, value=list(places.posted))
    assert done.status_code == 302
    assert again(stage.incident).facts["affected_jurisdictions"] == ["DE"]
    counts = next(
        one for one in known.assumed if one.name == "persons_affected_by_jurisdiction"
    )
    answer(ada, stage.incident, counts.name, value=list(counts.posted))
    assert again(stage.incident).facts["persons_affected_by_jurisdiction"] == {"DE": 40}


def test_what_runs_is_beside_with_the_time_it_is_elsewhere(ada, stage) -> None:
    record(stage, **EXPOSED)
    page = ada.get(law(stage.incident))
    (art33,) = (
        one for one in page.context["clocks"]["due"] if one.row.regime == "eu-gdpr-art33"
    )
    assert art33.zones == ("Thu 26 Nov, 10:00 Europe/Berlin",)
    assert "EU GDPR: communication to affected persons" in {
        one.name for one in page.context["others"]["assess"]
    }
    assert "start assumed: say when" in text_of(page)


# --- who may


def test_what_is_the_same_time_elsewhere_is_not_said_twice(ada, stage) -> None:
    stage.ada.time_zone = "Europe/Berlin"
    stage.ada.save()
    record(stage, **EXPOSED)
    page = ada.get(law(stage.incident))
    (counsel,) = page.context["clocks"]["counsel"]
    assert counsel.zones == ()
    duty = next(one for one in page.context["clocks"]["due"] if one.row.permitted_until)
    assert (duty.zones, duty.allowed) == ((), "")
    text = text_of(page)
    assert text.count("The law allows until") == 1
    assert "Europe/Berlin" not in text.partition("What runs now")[2].partition("Privileged")[0]


def test_an_auditor_reads_it_all_and_answers_nothing(stage) -> None:
    olga = signed_in(member("olga", "auditor"))
    page = olga.get(law(stage.incident))
    assert page.status_code == 200
    assert 'id="answer"' not in page.content.decode()
    assert page.context["may_not"]
    lines = AuditEvent.objects.count()
    assert (
        answer(olga, stage.incident, "personal_data_exposure", value='"possible"').status_code
        == 403
    )
    assert AuditEvent.objects.count() == lines


def test_who_holds_no_role_here_is_told_why_and_refused(stage) -> None:
    rita = signed_in(member("rita", "responder"))
    page = rita.get(law(stage.incident))
    assert 'id="answer"' not in page.content.decode()
    refused = answer(rita, stage.incident, "personal_data_exposure", value='"possible"')
    assert refused.status_code == 409
    assert again(stage.incident).facts == {}


@pytest.mark.parametrize("page", ["law", "law_why"])
def test_dan_must_never_see_it(stage, page) -> None:
    dan = signed_in(member("dana"))
    assert dan.get(page_of(stage.incident, page)).status_code == 403
    assert dan.post(law(stage.incident), {}).status_code == 403
    assert Client().get(page_of(stage.incident, page)).status_code == 302


@pytest.mark.parametrize("page", ["law", "law_why"])
def test_of_a_private_incident_there_is_no_such_page_for_strangers(ada, stage, page) -> None:
    Incident.objects.filter(pk=stage.incident.pk).update(is_private=True)
    root = signed_in(member("root", is_superuser=True))
    assert root.get(page_of(stage.incident, page)).status_code == 404
    assert ada.get(page_of(stage.incident, page)).status_code == 200


# --- once, and at a constant cost


def test_a_form_pressed_twice_answers_once(ada, stage) -> None:
    body = {
        "kind": "fact", "name": "personal_data_exposure", "value": '"possible"',
        "form_key": "abc",
    }  # fmt: skip
    assert ada.post(law(stage.incident), body).status_code == 302
    assert ada.post(law(stage.incident), body).status_code == 302
    assert FactSaid.objects.count() == 1


@pytest.mark.parametrize(
    "places", [["DE"], ["DE", "GB", "US-CA", "US-NY", "CA-QC", "BR", "JP"]]
)
def test_the_page_costs_the_same_however_much_runs(
    ada, stage, places, django_assert_max_num_queries
) -> None:
    record(stage, **EXPOSED | {"affected_jurisdictions": places})
    ada.get(law(stage.incident))
    with django_assert_max_num_queries(PAGE_QUERIES):
        assert ada.get(law(stage.incident)).status_code == 200


# --- without a law


def test_without_a_law_the_page_says_what_to_do_first() -> None:
    made = scene()
    lena = signed_in(member("lena", "leadership"))
    page = lena.get(law(made.incident))
    assert "What to do first" in text_of(page)
    assert reverse("admin:incidents_lawpack_changelist") in page.content.decode()
    hold(made.incident, Person.objects.get(username="lena"), COMMUNICATIONS)
    refused = answer(lena, made.incident, "personal_data_exposure", value='"possible"')
    assert refused.status_code == 409


def test_what_people_wrote_is_shown_as_text(ada, stage) -> None:
    answer(
        ada, stage.incident, "personal_data_exposure", value='"possible"',
        source="<script>alert(1)</script>",
    )  # fmt: skip
    for page in ("law", "law_why"):
        shown = ada.get(page_of(stage.incident, page)).content.decode()
        assert "<script>alert(1)" not in shown
        assert "&lt;script&gt;alert(1)" in shown


def test_counsel_holds_a_role_and_may_answer(stage) -> None:
    nora = member("nora", "responder")
    hold(stage.incident, nora, COUNSEL)
    done = answer(signed_in(nora), stage.incident, "risk_to_individuals", value='"high"')
    assert done.status_code == 302


def test_an_answer_that_starts_a_law_of_low_confidence_says_so() -> None:
    pack = shipped()
    doubtful = next(one for one in pack.regimes.values() if one.is_doubtful)
    assert "low confidence)" in legal_said.starting(pack, [doubtful.id])
    assert legal_said.all_of(pack, [doubtful.id]).endswith("(low confidence)")
    assert "low confidence" not in legal_said.all_of(pack, ["eu-gdpr-art33"])
