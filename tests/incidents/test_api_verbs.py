"""The verbs by API: one act each, refused with reasons, never for who may not."""

from datetime import datetime, timedelta

import pytest
import time_machine

from incidents.api.said import Blanks
from incidents.models import (
    AuditEvent,
    Consultation,
    Customer,
    HoldingStatement,
    Incident,
    NoticeClause,
    NoticeClock,
    Proposal,
    Suggestion,
)
from incidents.rules.roles import COUNSEL, SCRIBE
from incidents.rules.verbs import VERBS
from incidents.rules.wording import ALLOWED_BLANKS
from raci_project.api import api
from tests import callers, factories
from tests.callers import VERB_CALLS, Caller, codes, fields
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    factories.service()
    return callers.ada()


@pytest.fixture
def ben(ada) -> Caller:
    return callers.ben()


@pytest.fixture
def incident(ada, ben) -> str:
    """The reference of an incident that ada commands and ben speaks for."""
    said = ada.post(
        "/incidents",
        {
            "title": "Card payments fail",
            "services": ["payments"],
            "facts": {"customers_affected": 5000, "personal_data_exposure": "possible"},
        },
    )
    return said.json()["reference"]


def test_an_incident_is_run_from_declaration_to_close(ada, ben, incident, clock) -> None:
    def later(minutes: int) -> None:
        clock.shift(timedelta(minutes=minutes))

    later(1)
    assert ada.act(incident, "acknowledge")["phase"] == "triage"
    ben.act(incident, "note", {"text": "Errors since the release"})
    draft = ben.act(incident, "updates", {"audience": "public", "text": "We work on it"})
    number = draft["updates"][0]["id"]
    ada.act(incident, f"updates/{number}/approve")
    later(2)
    published = ben.act(incident, f"updates/{number}/publish")
    assert published["updates"][0]["status"] == "published"
    assert published["updates"][0]["approved_by"] == "ada"
    assert published["next_update_due_at"]["public"] == "2026-11-23T09:23:00Z"
    later(1)
    assert ada.act(incident, "advance")["phase"] == "mitigation"
    ada.act(incident, "decide", {"question": "Roll back?", "decision": "Yes"})
    ada.act(incident, "contain")
    ada.act(incident, "mitigate", {"happened_at": "2026-11-23T10:04:00+01:00"})
    assert ada.act(incident, "resolve")["phase"] == "resolution"
    factories.qualify(ben.person, COUNSEL)
    ada.act(incident, "legal/engage-counsel", {"person": "ben", "how": "He was in the room"})
    closed = ada.act(incident, "close", {"note": "Rolled back"})
    assert closed["phase"] == "closed"
    assert closed["review_due_at"] is not None
    assert closed["decisions"][0]["decided_by"] == "ada"
    assert closed["legal"]["clocks"][0]["answered_by"] == "ada"
    assert closed["instants"]["mitigated_at"]["at"] == "2026-11-23T09:04:00Z"
    assert closed["assignments"] == []
    assert {held["person"] for held in closed["former_assignments"]} >= {"ada", "ben"}
    assert "Errors since the release" in [entry["text"] for entry in closed["timeline"]]


OFFER = {"to": "ben", "note": "All is calm"}


@pytest.fixture
def free_ben(ada, ben, incident) -> Caller:
    """He could take command, and holds no role here."""
    factories.qualify(ben.person, "incident_commander")
    factories.person("kim")
    ada.act(incident, "assign", {"role": "communications_lead", "person": "kim",
                                 "reason": "Ben takes command"})  # fmt: skip
    return ben


def test_command_is_offered_with_a_briefing_and_accepted(ada, free_ben, incident) -> None:
    ada.act(incident, "decide", {"question": "Roll back?", "decision": "Yes"})
    body = {**OFFER, "open_questions": "Is data lost?"}
    offered = ada.act(incident, "hand-over", body)["hand_over"]
    assert (offered["giver"], offered["to"], offered["status"]) == ("ada", "ben", "All is calm")
    assert offered["decisions"] == "Roll back? Yes"
    assert offered["next_update"].startswith("public: 2026-11-23 09:05 UTC")
    assert offered["open_questions"] == "Is data lost?"
    again = ada.post(f"/incidents/{incident}/hand-over", body)
    assert (again.status_code, codes(again), fields(again)) == (409, ["offer_open"], ["to"])
    said = free_ben.act(incident, "accept-command")
    assert said["hand_over"] is None
    roles = {held["role"]: held["person"] for held in said["assignments"]}
    assert roles["incident_commander"] == "ben"
    assert ("incident_commander", "ada") in {
        (held["role"], held["person"]) for held in said["former_assignments"]
    }


def test_an_offer_is_declined_with_a_reason_or_withdrawn(ada, free_ben, incident) -> None:
    ada.act(incident, "hand-over", OFFER)
    silent = free_ben.post(f"/incidents/{incident}/decline-command", {})
    assert (silent.status_code, codes(silent)) == (422, ["missing"])
    assert (
        free_ben.act(incident, "decline-command", {"reason": "On a train"})["hand_over"] is None
    )
    ada.act(incident, "hand-over", OFFER)
    assert ada.act(incident, "withdraw-hand-over")["hand_over"] is None
    late = free_ben.post(f"/incidents/{incident}/accept-command")
    assert (late.status_code, codes(late)) == (409, ["no_offer"])


def test_an_offer_is_answered_only_by_whom_it_was_made_to(ada, free_ben, incident) -> None:
    ada.act(incident, "hand-over", OFFER)
    for path, body in (("accept-command", {}), ("decline-command", {"reason": "No"})):
        response = callers.caller(path, "responder").post(f"/incidents/{incident}/{path}", body)
        assert (response.status_code, codes(response)) == (403, ["not_offered_to_you"])
    free_ben.act(incident, "accept-command")


def test_whoever_takes_part_calls_the_commander(ada, ben, incident) -> None:
    said = ben.act(incident, "call-commander")
    assert "Ben calls the commander Ada" in [entry["text"] for entry in said["timeline"]]
    response = ada.post(f"/incidents/{incident}/call-commander")
    assert (response.status_code, codes(response)) == (409, ["calls_himself"])


def test_command_is_not_given_by_who_did_not_see_who_holds_it(ada, free_ben, incident) -> None:
    body = {"role": "incident_commander", "person": "ben", "reason": "Now"}
    blind = ada.post(f"/incidents/{incident}/assign", {**body, "commander_seen": ""})
    assert (blind.status_code, codes(blind)) == (409, ["command_moved"])
    ada.act(incident, "assign", {**body, "commander_seen": "ada"})


def test_severity_departs_from_the_computed_one_with_a_reason(ada, incident) -> None:
    refused = ada.post(f"/incidents/{incident}/classify", {"level": "sev2"})
    assert (refused.status_code, codes(refused)) == (422, ["reason_missing"])
    said = ada.act(incident, "classify", {"level": "sev2", "reason": "Only a test account"})
    assert (said["severity"]["code"], said["severity"]["computed"]) == ("sev2", "sev1")
    assert said["severity_override_reason"] == "Only a test account"


def test_new_facts_are_kept_and_judged(ada, incident) -> None:
    said = ada.act(incident, "legal", {"facts": {"customers_affected": 3}})
    assert said["facts"]["customers_affected"] == 3
    assert said["severity"]["computed"] == "sev2"


def test_escalating_tells_the_people_of_the_level(ada, incident) -> None:
    said = ada.act(incident, "escalate", {"reason": "It grows"})
    assert "Escalated: It grows" in [entry["text"] for entry in said["timeline"]]


def test_a_false_alarm_is_cancelled_for_good(ada, incident) -> None:
    assert ada.act(incident, "cancel", {"reason": "A test alert"})["phase"] == "cancelled"
    response = ada.post(f"/incidents/{incident}/reopen", {"reason": "It came back"})
    assert (response.status_code, codes(response)) == (409, ["wrong_state"])


def test_a_closed_incident_is_reopened_with_its_reason(ada, incident) -> None:
    for verb in ("acknowledge", "resolve", "close"):
        ada.act(incident, verb)
    assert ada.act(incident, "reopen", {"reason": "It came back"})["phase"] == "mitigation"


def test_of_two_who_acknowledge_the_second_is_refused(ada, incident) -> None:
    ada.act(incident, "acknowledge")
    response = ada.post(f"/incidents/{incident}/acknowledge")
    assert (response.status_code, codes(response)) == (409, ["wrong_state"])


def test_one_cannot_approve_ones_own_update(ada, ben, incident) -> None:
    draft = ben.act(incident, "updates", {"audience": "internal", "text": "We know"})
    address = f"updates/{draft['updates'][0]['id']}/approve"
    response = ben.post(f"/incidents/{incident}/{address}")
    assert (response.status_code, codes(response)) == (409, ["approve_own_update"])
    assert ada.act(incident, address)["updates"][0]["status"] == "approved"


def test_an_update_belongs_to_its_incident(ada, ben, incident) -> None:
    draft = ben.act(incident, "updates", {"audience": "internal", "text": "We know"})
    number = draft["updates"][0]["id"]
    Incident.objects.create(reference="INC-9", title="Other", declared_at=NOW)
    assert ada.post(f"/incidents/INC-9/updates/{number}/approve").status_code == 404
    assert ada.post(f"/incidents/{incident}/updates/{number}/approve").status_code == 200


def test_the_phase_a_caller_names_must_be_the_next(ada, incident) -> None:
    ada.act(incident, "acknowledge")
    response = ada.post(f"/incidents/{incident}/advance", {"to": "resolution"})
    assert (response.status_code, codes(response)) == (409, ["wrong_state"])
    assert ada.act(incident, "advance", {"to": "mitigation"})["phase"] == "mitigation"


@pytest.mark.parametrize(
    ("verb", "body", "code", "field"),
    [
        ("assign", {"role": "wizard", "person": "ben"}, "unknown_role", "role"),
        ("assign", {"role": "deputy_commander", "person": "nobody"}, "unknown_person", "person"),
        ("hand-over", {"to": "nobody", "note": "Calm"}, "unknown_person", "to"),
        ("hand-over", {"to": "ben"}, "missing", "note"),
        ("classify", {"level": "sev9"}, "unknown_level", "level"),
        ("note", {"text": "\0"}, "nul_character", "text"),
        ("note", {"text": "a\ud800"}, "half_a_character", "text"),
        ("updates", {"audience": "public", "text": "\udfffa"}, "half_a_character", "text"),
        ("note", {"text": "x", "happened_at": "2026-11-23T09:00:00"},
         "instant_without_offset", "happened_at"),
        ("contain", {"when": "now"}, "extra_forbidden", "when"),
        ("advance", {"to": "nirvana"}, "enum", "to"),
        ("legal", {"facts": {"customers_affected": -1}}, "fact_out_of_range",
         "facts.customers_affected"),
        ("updates", {"audience": "moon", "text": "x"}, "enum", "audience"),
        ("updates", {"audience": "public", "statement": 99}, "unknown_statement", "statement"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_named(ada, incident, verb, body, code, field) -> None:
    lines = AuditEvent.objects.count()
    response = ada.post(f"/incidents/{incident}/{verb}", body)
    assert response.status_code == 422
    assert (codes(response), fields(response)) == ([code], [field])
    assert AuditEvent.objects.count() == lines


def test_a_successor_who_cannot_is_named_as_the_caller_spelt_it(ada, incident) -> None:
    response = ada.post(f"/incidents/{incident}/hand-over", {"to": "ben", "note": "Calm"})
    assert response.status_code == 409
    assert set(zip(codes(response), fields(response), strict=True)) == {
        ("not_qualified", "to"),
        ("holds_another_role", "to"),
    }
    assign = {"role": "incident_commander", "person": "ben", "reason": "He asked for it"}
    response = ada.post(f"/incidents/{incident}/assign", assign)
    assert fields(response) == ["person", "person"]


def test_every_blank_of_a_statement_can_be_said() -> None:
    filled = {
        name: NOW if kind is datetime else "words" for name, kind in ALLOWED_BLANKS.items()
    }
    assert Blanks.model_validate(filled).model_dump() == filled
    assert set(Blanks.model_fields) == set(filled)


# --- who may


@pytest.mark.parametrize("verb", VERBS)
def test_who_has_no_permission_is_refused_whatever_he_says(incident, verb) -> None:
    path = f"/incidents/{incident}/{VERB_CALLS[verb][0]}" if verb != "declare" else "/incidents"
    response = callers.dan().post(path, {"nonsense": True})
    assert (response.status_code, codes(response)) == (403, ["no_permission"])


@pytest.mark.parametrize("verb", VERB_CALLS)
def test_who_may_only_read_may_not_act(incident, verb) -> None:
    auditor = callers.caller("eve", "auditor")
    path, body = VERB_CALLS[verb]
    assert auditor.get(f"/incidents/{incident}").status_code == 200
    response = auditor.post(f"/incidents/{incident}/{path}", body)
    assert (response.status_code, codes(response)) == (403, ["no_permission"])


def _rows_of(incident: str, ada: Caller) -> dict[str, int]:
    """What a body of the verbs of adherence names, by its key in this database."""
    law = Incident.objects.get(reference=incident)
    activity = law.matrix_version.activities.first()
    asked = Consultation.objects.create(
        incident=law, activity=activity, question="?", asked_by=ada.person, asked_at=NOW,
        proceeds_at=NOW,
    )  # fmt: skip
    waiting = Proposal.objects.create(
        incident=law, question="?", text="Yes", proposed_by=ada.person, proposed_at=NOW
    )
    suggested = Suggestion.objects.create(
        incident=law, role=factories.role(SCRIBE), why="?", reason="?", made_at=NOW
    )
    words = HoldingStatement.objects.create(
        title="Down", audience="public", text="It is down.", status="approved",
        maker=ada.person, approver=factories.person(), approved_at=NOW,
    )  # fmt: skip
    customer = Customer.objects.create(slug="acme", name="Acme")
    clause = NoticeClause.objects.create(customer=customer, title="24 hours", hours=24)
    owed = NoticeClock.objects.create(incident=law, clause=clause, started_at=NOW)
    return {
        "activity": activity.pk, "consultation": asked.pk, "proposal": waiting.pk,
        "suggestion": suggested.pk, "statement": words.pk, "notice": owed.pk,
    }  # fmt: skip


# Whose these are says the offer, not a role: see above.
OFFERED = {"accept_command", "decline_command", "answer_call"}


@pytest.mark.parametrize("verb", sorted(set(VERB_CALLS) - OFFERED))
def test_who_has_no_role_here_is_told_whose_act_it_is(ada, incident, verb) -> None:
    draft = ada.act(incident, "updates", {"audience": "internal", "text": "We know"})
    path, body = VERB_CALLS[verb]
    path = path.replace("/1/", f"/{draft['updates'][0]['id']}/")
    there = _rows_of(incident, ada)
    body = {name: there.get(name, value) for name, value in body.items()}
    response = callers.cleo().post(f"/incidents/{incident}/{path}", body)
    assert response.status_code == 403
    assert "not_your_role" in codes(response)


def test_every_verb_of_the_law_has_an_address() -> None:
    said = api.get_openapi_schema()["paths"].values()
    operations = {each["post"]["operationId"] for each in said if "post" in each}
    assert operations >= set(VERBS)
    assert set(VERB_CALLS) | {"declare"} == set(VERBS)


def test_row_history_names_the_caller(ada, incident) -> None:
    ada.act(incident, "acknowledge")
    row = Incident.objects.get(reference=incident).history.first()
    assert row.history_user == ada.person


def test_the_audit_line_of_a_refusal_is_none(ada, incident) -> None:
    lines = AuditEvent.objects.count()
    ada.post(f"/incidents/{incident}/close")
    assert AuditEvent.objects.count() == lines
