"""The law of an incident by API: what is known and by whom, clocks, filings, decisions, notes."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine

from incidents.models import AuditEvent, Filing, Incident
from incidents.operations import law
from incidents.rules.roles import COMMANDER, COUNSEL, PRIVACY
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW
from tests.incidents import lawful
from tests.incidents.packs import shipped

pytestmark = pytest.mark.django_db

ART33 = "eu-gdpr-art33"
CLOCK = f"{ART33}--notification"
KNOWN = {
    "personal_data_exposure": "confirmed",
    "affected_jurisdictions": ["DE"],
    "data_categories": ["personal_data"],
    "risk_to_individuals": "risk",
}
DATA = b"%PDF-1.7 as it was sent"
FILE = {"name": "notice.pdf", "type": "application/pdf", "content": b64encode(DATA).decode()}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
    law.forget()


@pytest.fixture
def ada() -> Caller:
    """Commands, under a law pack and a profile in force."""
    factories.law()
    factories.service()
    lawful.pack()
    lawful.profile()
    return callers.ada()


@pytest.fixture
def lena(ada) -> Caller:
    """Counsel."""
    return callers.caller("lena", "leadership", qualified=(COUNSEL,))


@pytest.fixture
def incident(ada, lena) -> str:
    """Personal data of people in Germany is out; lena is counsel."""
    said = {"title": "Laptop stolen", "services": ["payments"], "facts": KNOWN}
    reference = ada.post("/incidents", said).json()["reference"]
    ada.act(reference, "legal/engage-counsel", {"person": "lena", "how": "By telephone"})
    return reference


def clock_of(whole: dict[str, Any], kind: str = CLOCK) -> dict[str, Any]:
    return next(each for each in whole["legal"]["clocks"] if each["kind"] == kind)


def law_of(caller: Caller, incident: str) -> dict[str, Any]:
    response = caller.get(f"/incidents/{incident}/legal")
    assert response.status_code == 200, response.content
    return response.json()


def test_a_declaration_answers_with_the_duties_and_their_clocks(ada) -> None:
    said = {"title": "Laptop stolen", "services": ["payments"], "facts": KNOWN}
    legal = ada.post("/incidents", said).json()["legal"]
    assert legal["counsel_due_at"] == "2026-11-23T10:00:00Z"
    assert ART33 in legal["duty"]
    assert legal["notes"] == 0
    found = next(each for each in legal["clocks"] if each["kind"] == CLOCK)
    assert (found["regime"], found["stage"]) == (ART33, "notification")
    assert (found["started_at"], found["due_at"]) == (
        "2026-11-23T09:00:00Z",
        "2026-11-26T09:00:00Z",
    )
    assert found["permitted_until"] == "2026-11-26T10:00:00Z"
    assert (found["is_assumed"], found["is_fixed"], found["outcome"]) == (True, True, "")
    assert found["recipients"]


def test_without_a_law_in_force_only_our_own_hour_runs() -> None:
    factories.law()
    factories.service()
    ada = callers.ada()
    said = {"title": "Laptop stolen", "services": ["payments"], "facts": {}}
    reference = ada.post("/incidents", said).json()["reference"]
    ada.act(reference, "legal", {"facts": {"personal_data_exposure": "possible"}})
    found = law_of(ada, reference)
    assert (found["law_pack"], found["legal_profile"]) == (None, None)
    assert found["counsel_due_at"] == "2026-11-23T10:00:00Z"
    assert found["duty"] == found["open_questions"] == found["due"] == []
    assert found["next_question"] is None


def test_facts_clocks_and_what_nobody_knows_are_kept_with_who_said_so(ada, incident) -> None:
    whole = ada.act(
        incident,
        "legal",
        {
            "facts": {"persons_affected_total": 120},
            "clocks": {"awareness": "2026-11-23T09:30:00+01:00"},
            "unknown": ["data_protection_state"],
            "source": "The owner of the laptop",
        },
    )
    assert clock_of(whole)["due_at"] == "2026-11-26T08:30:00Z"
    assert clock_of(whole)["is_assumed"] is False
    found = law_of(ada, incident)
    facts = {each["name"]: each for each in found["facts"]}
    said = facts["persons_affected_total"]
    assert (said["value"], said["origin"], said["said_by"]) == (120, "said", "ada")
    assert (said["said_at"], said["how"]) == ("2026-11-23T09:00:00Z", "The owner of the laptop")
    assert facts["data_protection_state"]["origin"] == "unknown"
    assert facts["operates_in"]["origin"] == "profile"
    instants = {each["name"]: each for each in found["known_clocks"]}
    assert instants["awareness"]["origin"] == "said"
    assert instants["awareness"]["value"] == "2026-11-23T08:30:00+00:00"
    assert found["due"][0]["due_at"] == "2026-11-26T09:30:00+01:00"
    assert found["open_questions"]
    assert (found["law_pack"], found["legal_profile"]) == (1, 1)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"clocks": {"awareness": "2026-11-23T10:00:00Z"}}, None, "clocks.awareness"),
        ({"clocks": {"awareness": "yesterday"}}, "not_an_instant", "clocks.awareness"),
        ({"clocks": {"panic": "2026-11-23T08:00:00Z"}}, "unknown_clock", "clocks.panic"),
        ({"facts": {"weather": 1}}, "unknown_fact", "facts.weather"),
        ({"unknown": ["weather"]}, "unknown_fact", None),
        ({}, "facts_missing", None),
    ],
)
def test_what_cannot_be_known_is_refused_by_its_path(ada, incident, said, code, field) -> None:
    response = ada.post(f"/incidents/{incident}/legal", said)
    assert response.status_code == 422, response.content
    assert code in (None, *codes(response))
    assert field in (None, *fields(response))


def test_counsel_is_engaged_once_and_the_hour_stops(ada, lena) -> None:
    said = {"title": "Laptop stolen", "services": ["payments"], "facts": KNOWN}
    incident = ada.post("/incidents", said).json()["reference"]
    body = {"person": "lena", "how": "By telephone", "engaged_at": "2026-11-23T09:00:00Z"}
    whole = ada.act(incident, "legal/engage-counsel", body)
    hour = clock_of(whole, "counsel")
    assert (hour["outcome"], hour["answered_by"]) == ("met", "ada")
    assert "lena" in [each["person"] for each in whole["assignments"]]
    again = ada.post(f"/incidents/{incident}/legal/engage-counsel", body)
    assert (again.status_code, codes(again)) == (409, ["counsel_engaged"])
    unknown = ada.post(f"/incidents/{incident}/legal/engage-counsel", body | {"person": "una"})
    assert (unknown.status_code, fields(unknown)) == (422, ["person"])


def test_a_notice_is_filed_with_its_evidence_which_is_not_sent_back(
    lena, incident, clock
) -> None:
    clock.shift(timedelta(hours=2))
    body = {
        "sent_at": "2026-11-23T10:30:00Z",
        "recipient": "Berlin commissioner",
        "reference": "B-77",
        "note": "By their portal",
        "file": FILE,
    }
    whole = lena.act(incident, f"legal/{CLOCK}/file", body)
    found = clock_of(whole)
    assert (found["outcome"], found["answered_at"]) == ("met", "2026-11-23T10:30:00Z")
    (filed,) = law_of(lena, incident)["filings"]
    assert (filed["kind"], filed["reference"], filed["sent_by"]) == (CLOCK, "B-77", "lena")
    assert (filed["file_name"], filed["sha256"]) == ("notice.pdf", sha256(DATA).hexdigest())
    assert "content" not in filed
    assert bytes(Filing.objects.get().file) == DATA


def test_filings_are_shown_to_who_may_view_them(clock, lena, incident) -> None:
    clock.shift(timedelta(hours=2))
    lena.act(incident, f"legal/{CLOCK}/file", {"sent_at": "2026-11-23T10:30:00Z"})
    eve = callers.caller("eve")
    factories.allow(eve.person, "incidents.view_incident")
    assert law_of(eve, incident)["filings"] == []
    factories.allow(eve.person, "incidents.view_filing")
    assert len(law_of(eve, incident)["filings"]) == 1


def test_a_file_of_five_mebibytes_is_taken_and_a_larger_one_is_not(lena, incident) -> None:
    def sent(size: int) -> Any:
        content = b64encode(b"x" * size).decode()
        body = {"sent_at": "2026-11-23T09:00:00Z", "file": {"name": "a", "content": content}}
        return lena.post(f"/incidents/{incident}/legal/{CLOCK}/file", body)

    mebibyte = 1024 * 1024
    assert sent(5 * mebibyte).status_code == 200
    over = sent(5 * mebibyte + 1)
    assert (over.status_code, codes(over), fields(over)) == (422, ["file_too_large"], ["file"])
    assert sent(6 * mebibyte).status_code == 413
    empty = sent(0)
    assert (empty.status_code, codes(empty), fields(empty)) == (422, ["file_empty"], ["file"])


@pytest.mark.parametrize("content", ["not base64!", "é", 7, "abc"])
def test_what_is_no_base64_is_named(lena, incident, content) -> None:
    body = {"sent_at": "2026-11-23T09:00:00Z", "file": {"name": "a", "content": content}}
    response = lena.post(f"/incidents/{incident}/legal/{CLOCK}/file", body)
    assert (response.status_code, codes(response)) == (422, ["not_base64"])
    assert fields(response) == ["file.content"]


def test_the_clock_of_counsel_is_no_duty_and_an_unknown_one_is_not_found(
    lena, incident
) -> None:
    body = {"sent_at": "2026-11-23T09:00:00Z"}
    counsel = lena.post(f"/incidents/{incident}/legal/counsel/file", body)
    assert (counsel.status_code, codes(counsel)) == (422, ["not_a_duty"])
    for act in ("file", "stand-down", "keep"):
        said = body if act == "file" else {"reason": "None"}
        response = lena.post(f"/incidents/{incident}/legal/nothing/{act}", said)
        assert (response.status_code, codes(response)) == (404, ["not_found"])


def test_counsel_stands_a_clock_down_and_keeps_one_that_is_doubted(lena, incident) -> None:
    keep = lena.post(f"/incidents/{incident}/legal/{CLOCK}/keep", {"reason": "To be safe"})
    assert (keep.status_code, codes(keep)) == (409, ["not_doubted"])
    lena.act(incident, "legal", {"facts": {"risk_to_individuals": "unlikely"}})
    doubted = clock_of(lena.get(f"/incidents/{incident}").json())
    assert (doubted["outcome"], bool(doubted["doubt"])) == ("", True)
    whole = lena.act(incident, f"legal/{CLOCK}/keep", {"reason": "To be safe"})
    assert clock_of(whole)["doubt"] == ""
    whole = lena.act(incident, f"legal/{CLOCK}/stand-down", {"reason": "No risk to anybody"})
    assert clock_of(whole)["outcome"] == "stood_down"
    found = law_of(lena, incident)["decisions"]
    assert [(one["decision"], one["reason"], one["decided_by"]) for one in found] == [
        ("keep", "To be safe", "lena"),
        ("stand_down", "No risk to anybody", "lena"),
    ]
    late = lena.post(f"/incidents/{incident}/legal/{CLOCK}/stand-down", {"reason": "Again"})
    assert (late.status_code, codes(late)) == (409, ["already_settled"])


def test_a_decision_not_to_notify_enters_the_register(lena, incident) -> None:
    body = {"regime": ART33, "reason": "The disk was encrypted"}
    whole = lena.act(incident, "legal/not-to-notify", body)
    assert clock_of(whole)["outcome"] == "stood_down"
    (found,) = law_of(lena, incident)["decisions"]
    assert (found["decision"], found["regime"]) == ("not_to_notify", ART33)
    assert found["confidence"] == shipped().regimes[ART33].confidence
    wrong = lena.post(f"/incidents/{incident}/legal/not-to-notify", body | {"regime": "moon"})
    assert (wrong.status_code, codes(wrong)) == (422, ["unknown_regime"])


def test_privileged_notes_are_read_by_few_and_counted_by_all(ada, lena, incident) -> None:
    whole = lena.act(incident, "legal/notes", {"text": "Between us: the bag was open"})
    assert whole["legal"]["notes"] == 1
    assert "Between us" not in str(whole)
    (note,) = lena.get(f"/incidents/{incident}/legal/notes").json()["items"]
    assert (note["text"], note["written_by"]) == ("Between us: the bag was open", "lena")
    command = factories.role(COMMANDER)
    assert Incident.objects.get().assignments.filter(role=command, person=ada.person).exists()
    assert ada.get(f"/incidents/{incident}/legal/notes").status_code == 200
    for other in (
        callers.ben(),
        callers.caller("eve", "auditor"),
        callers.caller("zoe", "leadership"),
    ):
        assert law_of(other, incident)["notes"] == 1
        response = other.get(f"/incidents/{incident}/legal/notes")
        assert (response.status_code, codes(response)) == (403, ["privileged"])
    factories.qualify(callers.caller("pia", "responder").person, PRIVACY)
    assert "Between us" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize("path", ["legal", "legal/notes"])
def test_dan_finds_no_law_of_an_incident(incident, path) -> None:
    response = callers.dan().get(f"/incidents/{incident}/{path}")
    assert (response.status_code, codes(response)) == (403, ["no_permission"])


@pytest.mark.parametrize("path", ["legal", "legal/notes"])
def test_the_law_of_a_private_incident_is_not_there_for_others(lena, incident, path) -> None:
    Incident.objects.update(is_private=True)
    other = callers.caller("zoe", "leadership")
    assert other.get(f"/incidents/{incident}/{path}").status_code == 404
    assert lena.get(f"/incidents/{incident}/{path}").status_code == 200


def test_the_law_costs_as_many_statements_however_many_clocks(
    ada, incident, django_assert_max_num_queries
) -> None:
    def cost() -> tuple[int, int]:
        with django_assert_max_num_queries(26) as whole:
            ada.get(f"/incidents/{incident}")
        with django_assert_max_num_queries(15) as law:
            law_of(ada, incident)
        return len(whole), len(law)

    before = cost()
    row = Incident.objects.get()
    for number in range(40):
        row.legal_clocks.create(kind=f"more-{number}", title="?", basis="?", due_at=NOW)
    assert cost() == before
