"""Incidents by API: declared, listed, read."""

from datetime import timedelta

import pytest
import time_machine

from incidents.models import Incident
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW

pytestmark = pytest.mark.django_db

DECLARATION = {
    "title": "Card payments fail",
    "services": ["payments"],
    "facts": {"customers_affected": 5000},
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    factories.service()
    return callers.ada()


def declared(caller: Caller, **fields) -> dict:
    response = caller.post("/incidents", DECLARATION | fields)
    assert response.status_code == 201, response.content
    return response.json()


def test_a_declaration_answers_what_it_did(ada) -> None:
    callers.ben()
    said = declared(
        ada, facts={"customers_affected": 5000, "personal_data_exposure": "possible"}
    )
    assert said["reference"] == "INC-1"
    assert said["phase"] == "detection"
    assert said["severity"]["code"] == said["severity"]["computed"] == "sev1"
    assert "customers affected is 5000" in said["severity"]["reasons"][0]
    assert said["matrix_version"] == "standing v1"
    roles = {held["role"]: held["person"] for held in said["assignments"]}
    assert roles[COMMANDER] == "ada"
    assert roles[COMMUNICATIONS] == "ben"
    assert all(held["reason"] for held in said["assignments"])
    assert DEPUTY in [gap["role"] for gap in said["unfilled"]]
    assert said["unfilled"][0]["reasons"]
    assert {"person": "ada", "role": COMMANDER, "kind": "assigned"} in said["messages"]
    assert said["next_update_due_at"] == {
        "internal": "2026-11-23T09:15:00Z",
        "public": "2026-11-23T09:05:00Z",
        "customers": None,
        "executive": None,
        "support": None,
    }
    assert said["legal"]["counsel_due_at"] == "2026-11-23T10:00:00Z"


def test_a_declaration_says_where_the_incident_is(ada) -> None:
    response = ada.post("/incidents", DECLARATION)
    assert ada.client.get(response["Location"]).json()["title"] == "Card payments fail"


def test_without_exposure_counsel_is_not_due(ada) -> None:
    legal = declared(ada)["legal"]
    assert (legal["counsel_due_at"], legal["clocks"]) == (None, [])


def test_an_exercise_is_of_that_kind(ada) -> None:
    reference = declared(ada, exercise=True)["reference"]
    assert Incident.objects.get(reference=reference).kind == Incident.Kind.EXERCISE


def test_an_instant_is_understood_with_its_offset_and_answered_in_utc(ada) -> None:
    reference = declared(ada, detected_at="2026-11-23T09:30:00+01:00")["reference"]
    detected = ada.get(f"/incidents/{reference}").json()["instants"]["detected_at"]
    assert detected == {
        "at": "2026-11-23T08:30:00Z",
        "source": "human",
        "by": "ada",
        "reason": "",
    }


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"services": ["payments", "nowhere"]}, "unknown_service", "services"),
        ({"services": ["pay\0ments"]}, "nul_character", "services.0"),
        ({"scenario": "meteor"}, "unknown_scenario", "scenario"),
        ({"facts": {"customers_afected": 1}}, "unknown_fact", "facts.customers_afected"),
        ({"facts": {"service_tier": 1}}, "fact_is_derived", "facts.service_tier"),
        ({"detected_at": "2026-11-23T08:30:00"}, "instant_without_offset", "detected_at"),
        ({"detected_at": "0001-01-01T00:00:00+14:00"}, "not_an_instant", "detected_at"),
        ({"detected_at": 1763888400}, "not_an_instant", "detected_at"),
        ({"title": "   "}, "title_missing", "title"),
        ({"titel": "Typo"}, "extra_forbidden", "titel"),
    ],
)
def test_a_field_that_cannot_be_is_named_and_nothing_is_written(
    ada, wrong, code, field
) -> None:
    response = ada.post("/incidents", DECLARATION | wrong)
    assert response.status_code == 422
    assert (codes(response), fields(response)) == ([code], [field])
    assert not Incident.objects.exists()


def test_every_missing_field_is_named_at_once(ada) -> None:
    response = ada.post("/incidents", {})
    assert codes(response) == ["missing", "missing"]
    assert set(fields(response)) == {"title", "services"}


def test_one_incident_shows_everything(ada, django_assert_max_num_queries) -> None:
    callers.ben()
    reference = declared(ada)["reference"]
    with django_assert_max_num_queries(22):
        whole = ada.get(f"/incidents/{reference}").json()
    assert whole["title"] == "Card payments fail"
    assert whole["services"] == ["payments"]
    assert whole["facts"] == {"customers_affected": 5000}
    assert whole["declared_by"] == "ada"
    assert whole["instants"]["declared_at"]["source"] == "auto"
    assert whole["instants"]["resolved_at"] is None
    assert whole["timeline"][0]["text"] == "Declared as Severity 1"
    assert {clock["audience"] for clock in whole["clocks"]} == {"internal", "public"}
    assert whole["updates"] == whole["decisions"] == whole["former_assignments"] == []


def test_an_unknown_incident_is_not_found(ada) -> None:
    response = ada.get("/incidents/INC-99")
    assert (response.status_code, codes(response)) == (404, ["not_found"])


# --- the list


@pytest.fixture
def history(ada) -> Caller:
    """Three incidents of three days: INC-1 is sev1 on payments, INC-3 an exercise."""
    factories.service("search")
    for days, differs in enumerate(
        (
            {},
            {"title": "Search is slow", "services": ["search"], "facts": {}},
            {"exercise": True, "facts": {}},
        )
    ):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            declared(ada, **differs)
    return ada


def references(caller: Caller, **query) -> list[str]:
    response = caller.get("/incidents", **query)
    assert response.status_code == 200, response.content
    return [item["reference"] for item in response.json()["items"]]


def test_the_newest_incident_comes_first(history) -> None:
    assert references(history) == ["EX-1", "INC-2", "INC-1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"severity": "sev1"}, ["INC-1"]),
        ({"kind": "exercise"}, ["EX-1"]),
        ({"service": "search"}, ["INC-2"]),
        ({"state": "detection"}, ["EX-1", "INC-2", "INC-1"]),
        ({"state": "closed"}, []),
        ({"state": ["closed", "detection"], "kind": "incident"}, ["INC-2", "INC-1"]),
        ({"q": "SLOW"}, ["INC-2"]),
        ({"q": "inc-1"}, ["INC-1"]),
        ({"since": "2026-11-24T09:00:00Z"}, ["EX-1", "INC-2"]),
        ({"until": "2026-11-24T09:00:00Z"}, ["INC-1"]),
    ],
)
def test_a_filter_narrows_the_list(history, query, found) -> None:
    assert references(history, **query) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"state": "burning"}, "enum"),
        ({"since": "2026-11-24"}, "instant_without_offset"),
        ({"limit": 101}, "less_than_equal"),
        ({"q": "a\0b"}, "nul_character"),
        ({"cursor": "no-cursor"}, "bad_cursor"),
        ({"cursor": "eyJhIjoxfQ=="}, "bad_cursor"),
        ({"severty": "sev1"}, "extra_forbidden"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(history, query, code) -> None:
    response = history.get("/incidents", **query)
    assert (response.status_code, codes(response)) == (422, [code])
    assert fields(response)[0].startswith(next(iter(query)))


def test_pages_lead_through_the_whole_list_and_keep_the_filters(history) -> None:
    first = history.get("/incidents", limit=1, kind="incident").json()
    second = history.get(first["next"]).json()
    assert [item["reference"] for item in first["items"]] == ["INC-2"]
    assert [item["reference"] for item in second["items"]] == ["INC-1"]
    assert second["next"] is None


def test_pages_hold_where_incidents_share_an_instant(ada) -> None:
    Incident.objects.bulk_create(
        Incident(reference=f"INC-{number}", title="Same", declared_at=NOW)
        for number in range(1, 6)
    )
    seen, address = [], "/incidents?limit=2"
    while address:
        said = ada.get(address).json()
        seen += [item["reference"] for item in said["items"]]
        address = said["next"]
    assert seen == ["INC-5", "INC-4", "INC-3", "INC-2", "INC-1"]


def test_fifty_incidents_cost_six_statements(ada, django_assert_num_queries) -> None:
    service = ada.person.owned_services.first() or factories.service("search")
    rows = Incident.objects.bulk_create(
        Incident(reference=f"INC-{number}", title="Some", declared_at=NOW)
        for number in range(60)
    )
    for row in rows:
        row.services.add(service)
    with django_assert_num_queries(6):
        said = ada.get("/incidents").json()
    assert len(said["items"]) == 50
    assert said["items"][0]["services"] == [service.slug]
