"""Alerts by API: handed in by a program, listed, decided; nothing it sends is lost."""

import json

import pytest
import time_machine

from incidents.models import Alert, Incident
from incidents.rules.alerts import LARGEST
from tests import callers, factories
from tests.callers import API, Caller, codes, fields
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ALERT = {
    "source": "grafana",
    "external_id": "a-1",
    "title": "Card payments fail",
    "services": ["payments"],
    "facts": {"customers_affected": 5000},
    "detected_at": "2026-11-23T08:57:00Z",
    "url": "https://grafana.example.com/d/1",
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


def test_a_new_alert_is_201_and_one_seen_before_200(ada) -> None:
    first = ada.post("/alerts", ALERT)
    assert first.status_code == 201
    again = ada.post("/alerts", {**ALERT, "title": "Still down"})
    assert again.status_code == 200
    assert first.json() == again.json()
    assert first["Location"] == f"{API}/alerts/{first.json()['id']}"
    assert ada.get(f"/alerts/{first.json()['id']}").json() == first.json()
    assert first.json() == {
        "id": Alert.objects.get().pk,
        "source": "grafana",
        "external_id": "a-1",
        "title": "Card payments fail",
        "status": "proposed",
        "services": ["payments"],
        "facts": {"customers_affected": 5000},
        "url": "https://grafana.example.com/d/1",
        "detected_at": "2026-11-23T08:57:00Z",
        "received_at": "2026-11-23T09:00:00Z",
        "received_by": "ada",
        "problems": [],
        "incident": None,
        "decided_by": None,
        "decided_at": None,
        "reason": "",
        "payload": ALERT,
    }


def test_whatever_it_says_beside_is_kept_in_the_payload(ada) -> None:
    said = {**ALERT, "labels": {"a\0": "b"}, "services": "payments", "title": None, "facts": 7}
    body = ada.post("/alerts", said)
    assert body.status_code == 201
    assert {one["code"] for one in body.json()["problems"]} == {
        "title_missing", "services_unusable", "facts_unusable", "payload_changed",
    }  # fmt: skip
    assert body.json()["payload"] == {**said, "labels": {"a\ufffd": "b"}}


@pytest.mark.parametrize("said", [r'"\ud800"', "NaN", "1e999", "[" * 300 + "]" * 300])
def test_what_no_database_keeps_is_marked(ada, said) -> None:
    raw = json.dumps(ALERT)[:-1] + f', "odd": {said}}}'
    body = ada.client.post(f"{API}/alerts", raw, content_type="application/json")
    assert body.status_code == 201
    assert [one["code"] for one in body.json()["problems"]] == ["payload_changed"]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"source": "two words"}, "source_unusable", "source"),
        ({"source": None}, "source_unusable", "source"),
        ({"external_id": ""}, "external_id_missing", "external_id"),
        ({"external_id": {}}, "external_id_missing", "external_id"),
    ],
)
def test_only_without_a_source_and_a_name_it_is_refused(ada, said, code, field) -> None:
    refused = ada.post("/alerts", {**ALERT, **said})
    assert (refused.status_code, codes(refused), fields(refused)) == (422, [code], [field])
    assert not Alert.objects.exists()


@pytest.mark.parametrize("body", ["[]", "7", "{", '{"source": "grafana"}'])
def test_what_is_no_alert_at_all_is_refused(ada, body) -> None:
    refused = ada.client.post(f"{API}/alerts", body, content_type="application/json")
    assert refused.status_code == 422
    assert not Alert.objects.exists()


def test_an_alert_too_large_is_refused_unread(ada) -> None:
    refused = ada.post("/alerts", {**ALERT, "labels": "x" * LARGEST})
    assert (refused.status_code, codes(refused)) == (413, ["body_too_large"])
    room = LARGEST - len(json.dumps({**ALERT, "labels": ""}))
    assert ada.post("/alerts", {**ALERT, "labels": "x" * room}).status_code == 201


def test_accepting_answers_the_incident(ada) -> None:
    number = ada.post("/alerts", ALERT).json()["id"]
    accepted = ada.post(f"/alerts/{number}/accept")
    assert accepted.status_code == 200
    document = accepted.json()
    assert (document["title"], document["services"]) == ("Card payments fail", ["payments"])
    assert document["instants"]["detected_at"] == {
        "at": "2026-11-23T08:57:00Z", "source": "auto", "by": "ada",
        "reason": "alert grafana a-1",
    }  # fmt: skip
    assert ada.get(f"/alerts/{number}").json()["incident"] == document["reference"]


def test_whoever_accepts_may_say_it_better_or_attach_it(ada) -> None:
    factories.service("search")
    one, two = (
        ada.post("/alerts", {**ALERT, "external_id": name}).json()["id"] for name in "ab"
    )
    better = {"title": "Search is slow", "services": ["search"], "facts": {}}
    made = ada.post(f"/alerts/{one}/accept", better).json()
    assert (made["title"], made["services"], made["facts"]) == (
        "Search is slow",
        ["search"],
        {},
    )
    attached = ada.post(f"/alerts/{two}/accept", {"into": made["reference"]})
    assert attached.json()["reference"] == made["reference"]
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"into": "INC-99"}, "unknown_incident", "into"),
        ({"services": ["nowhere"]}, "unknown_service", "services"),
        ({"scenario": "flood"}, "unknown_scenario", "scenario"),
        ({"facts": {"customers": 1}}, "unknown_fact", "facts.customers"),
        ({"title": " "}, "title_missing", "title"),
        ({"titel": "x"}, "extra_forbidden", "titel"),
    ],
)
def test_what_cannot_be_accepted_leaves_the_alert_waiting(ada, body, code, field) -> None:
    number = ada.post("/alerts", ALERT).json()["id"]
    refused = ada.post(f"/alerts/{number}/accept", body)
    assert (refused.status_code, codes(refused), fields(refused)) == (422, [code], [field])
    assert ada.get(f"/alerts/{number}").json()["status"] == "proposed"


def test_a_dismissal_is_answered_with_its_reason_and_given_once(ada) -> None:
    number = ada.post("/alerts", ALERT).json()["id"]
    dismissed = ada.post(f"/alerts/{number}/dismiss", {"reason": "A test"})
    assert dismissed.status_code == 200
    assert (dismissed.json()["status"], dismissed.json()["reason"]) == ("dismissed", "A test")
    for verb, body in (("dismiss", {"reason": "No"}), ("accept", {})):
        again = ada.post(f"/alerts/{number}/{verb}", body)
        assert (again.status_code, codes(again)) == (409, ["already_decided"])


def test_alerts_are_listed_by_pages_and_filters(ada, django_assert_max_num_queries) -> None:
    for number in range(5):
        source = "grafana" if number % 2 else "datadog"
        ada.post("/alerts", {**ALERT, "external_id": number, "source": source})
    ada.post(f"/alerts/{Alert.objects.first().pk}/dismiss", {"reason": "A test"})
    with django_assert_max_num_queries(6):
        page = ada.get("/alerts", limit=3).json()
    assert [each["external_id"] for each in page["items"]] == ["4", "3", "2"]
    assert "payload" not in page["items"][0]
    rest = ada.get(page["next"]).json()
    assert ([each["external_id"] for each in rest["items"]], rest["next"]) == (["1", "0"], None)
    assert len(ada.get("/alerts", source="datadog").json()["items"]) == 3
    assert len(ada.get("/alerts", status="dismissed").json()["items"]) == 1
    refused = ada.get("/alerts", state="open")
    assert (refused.status_code, fields(refused)) == (422, ["state"])


def test_an_alert_that_is_not_there_is_a_404(ada) -> None:
    for path in ("/alerts/7/accept", "/alerts/7/dismiss"):
        assert ada.post(path, {"reason": "x"} if "dismiss" in path else {}).status_code == 404
    assert ada.get("/alerts/7").status_code == 404


def test_who_may_not_is_told_so_at_each_address(ada) -> None:
    number = ada.post("/alerts", ALERT).json()["id"]
    dan, auditor = callers.dan(), callers.caller("audrey", "auditor")
    posts = {
        "/alerts": {**ALERT, "external_id": "a-2"},
        f"/alerts/{number}/accept": {},
        f"/alerts/{number}/dismiss": {"reason": "No"},
    }
    for who in (dan, auditor):
        for path, body in posts.items():
            refused = who.post(path, body)
            assert (refused.status_code, codes(refused)) == (403, ["no_permission"]), path
    assert dan.get("/alerts").status_code == 403
    assert dan.get(f"/alerts/{number}").status_code == 403
    assert auditor.get("/alerts").status_code == 200
    assert Alert.objects.count() == 1
