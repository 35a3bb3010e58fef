"""What is owed, runbooks and attestation over the API: the same verbs under the same rules."""

from datetime import timedelta

import pytest
import time_machine

from incidents.models import Attestation, Service
from incidents.operations import obligations
from incidents.rules.roles import COMMANDER
from tests.callers import Caller, caller, codes, fields
from tests.factories import NOW, matrix_version, qualify, service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_day")]

TODAY = NOW.date()


@pytest.fixture
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ada() -> Caller:
    """Leads, and could command."""
    return caller("ada", "leadership", qualified=(COMMANDER,))


@pytest.fixture
def ben() -> Caller:
    """Responds, and owns a service."""
    found = caller("ben", "responder")
    service("payments", owner=found.person, runbook_url="https://example.com/runbook")
    return found


@pytest.fixture
def dan() -> Caller:
    """May nothing."""
    return caller("dan")


def test_what_is_owed_is_listed_the_soonest_first(ada, ben) -> None:
    matrix_version()
    qualify(ada.person, "scribe", expires_on=TODAY + timedelta(days=5))
    obligations.look(NOW)
    items = ada.get("/obligations").json()["items"]
    assert [(each["what"], each["owner"]) for each in items] == [
        ("qualification", "ada"),
        ("runbook", "ben"),
    ]
    assert items[0]["due_at"] == "2026-11-28T00:00:00Z"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"what": "runbook"}, ["runbook"]),
        ({"owner": "ada"}, ["qualification"]),
        ({"late": "true"}, ["qualification"]),
        ({"late": "false"}, ["runbook"]),
    ],
)
def test_what_is_owed_is_filtered(ada, ben, query, found) -> None:
    qualify(ada.person, "scribe", expires_on=TODAY - timedelta(days=1))
    obligations.look(NOW)
    items = ada.get("/obligations", **query).json()["items"]
    assert [each["what"] for each in items] == found


def test_what_is_owed_comes_in_pages(ada, ben, django_assert_max_num_queries) -> None:
    for number in range(5):
        service(f"s{number}", owner=ben.person, runbook_url="https://example.com/")
    obligations.look(NOW)
    with django_assert_max_num_queries(6):
        page = ada.get("/obligations", limit=4).json()
    rest = ada.get(page["next"]).json()
    ids = {each["id"] for each in page["items"] + rest["items"]}
    assert len(ids) == 6
    assert rest["next"] is None


def test_an_unknown_kind_or_owner_is_named(ada) -> None:
    assert fields(ada.get("/obligations", what="tea")) == ["what"]
    assert codes(ada.get("/obligations", owner="nobody")) == ["unknown_person"]


def test_an_owner_says_that_the_runbook_works(ben) -> None:
    response = ben.post("/services/payments/check-runbook", {"note": "Mended"})
    assert response.json()["runbook_checked_on"] == "2026-11-23"
    assert Service.objects.get().runbook_checked_on == TODAY


def test_whose_service_it_is_not_is_refused(ben, dan) -> None:
    other = caller("eve", "responder")
    assert codes(other.post("/services/payments/check-runbook", {})) == ["not_your_service"]
    assert codes(dan.post("/services/payments/check-runbook", {})) == ["no_permission"]
    assert codes(ben.post("/services/nothing/check-runbook", {})) == ["not_found"]


def test_a_campaign_from_opening_to_close(ada, ben) -> None:
    matrix_version()
    made = ada.post("/attestation-campaigns", {"due_on": "2026-12-07"})
    assert made.status_code == 201
    number = made.json()["id"]
    (own,) = ada.get("/attestations").json()
    assert own["version"] == "Standing v1"
    assert [each["role"] for each in own["asked"]] == [COMMANDER]
    assert ben.get("/attestations").json() == []
    said = ada.post(f"/attestations/{own['id']}/attest", {"answer": "confirmed"})
    assert (said.status_code, said.json()["answer"]) == (200, "confirmed")
    shown = ben.get(f"/attestation-campaigns/{number}").json()
    assert shown["progress"]["confirmed"] == shown["progress"]["asked"] == 1
    assert {"role": "Deputy commander", "asked": 0, "answered": 0} in shown["roles"]
    closed = ada.post(
        f"/attestation-campaigns/{number}/close-campaign", {"note": "All said"}
    ).json()
    assert closed["closed_at"] == "2026-11-23T09:00:00Z"
    (listed,) = ada.get("/attestation-campaigns").json()["items"]
    assert (listed["asked"], listed["answered"]) == (1, 1)


def test_an_objection_without_words_names_its_field(ada) -> None:
    matrix_version()
    ada.post("/attestation-campaigns", {"due_on": "2026-12-07"})
    number = Attestation.objects.get().pk
    response = ada.post(f"/attestations/{number}/attest", {"answer": "objected"})
    assert (response.status_code, fields(response)) == (422, ["note"])


def test_nobody_answers_for_another(ada, ben, dan) -> None:
    matrix_version()
    ada.post("/attestation-campaigns", {"due_on": "2026-12-07"})
    number = Attestation.objects.get().pk
    said = {"answer": "confirmed"}
    assert codes(ben.post(f"/attestations/{number}/attest", said)) == ["not_yours"]
    assert codes(dan.post(f"/attestations/{number}/attest", said)) == ["no_permission"]
    assert codes(ben.post("/attestations/999/attest", said)) == ["not_found"]


def test_only_leadership_opens_and_closes(ben, dan) -> None:
    opening = ben.post("/attestation-campaigns", {"due_on": "2026-12-07"})
    assert codes(opening) == ["no_permission"]
    assert codes(ben.post("/attestation-campaigns/1/close-campaign", {})) == ["no_permission"]
    for path in ("/obligations", "/attestations", "/attestation-campaigns"):
        assert codes(dan.get(path)) == ["no_permission"]
