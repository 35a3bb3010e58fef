"""Severity by API: why, why not, what is proposed; what cannot be judged is refused by its field."""

import pytest
import time_machine

from incidents.models import Incident
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW

pytestmark = pytest.mark.django_db

CONTRADICTION = {"customers_affected": 0, "customers_affected_percent": 5}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ada() -> Caller:
    factories.law()
    factories.service()
    return callers.ada()


@pytest.fixture
def incident(ada) -> str:
    said = ada.post("/incidents", {"title": "Card payments fail", "services": ["payments"]})
    return said.json()["reference"]


def severity_of(caller: Caller, incident: str) -> dict:
    return caller.get(f"/incidents/{incident}").json()["severity"]


def test_what_fired_and_what_did_not_are_both_told(ada, incident) -> None:
    said = severity_of(ada, incident)
    assert (said["code"], said["computed"], said["proposed"]) == ("sev2", "sev2", None)
    assert "no criterion of any level holds" in said["reasons"][0]
    assert said["not_fired"][0].startswith("sev1, Many customers")
    # A list says the same, without what did not hold.
    listed = {name: value for name, value in said.items() if name != "not_fired"}
    assert ada.get("/incidents").json()["items"][0]["severity"] == listed


def test_a_proposed_level_stands_there_until_it_is_decided(ada, incident) -> None:
    ada.act(incident, "legal", {"facts": {"customers_affected": 5000}})
    said = severity_of(ada, incident)
    assert (said["code"], said["computed"], said["proposed"]) == ("sev2", "sev1", "sev1")
    ada.act(incident, "classify", {"level": "sev2", "reason": "Only test accounts"})
    said = severity_of(ada, incident)
    assert (said["proposed"], said["override_reason"]) == (None, "Only test accounts")
    again = ada.post(
        f"/incidents/{incident}/classify", {"level": "sev2", "reason": "Only test accounts"}
    )
    assert (again.status_code, codes(again)) == (409, ["level_unchanged"])


def test_services_are_replaced_and_unknown_ones_named(ada, incident) -> None:
    factories.service("search")
    said = ada.act(incident, "set-services", {"services": ["search"]})
    assert said["services"] == ["search"]
    no = ada.post(f"/incidents/{incident}/set-services", {"services": ["search", "serch"]})
    assert (no.status_code, codes(no), fields(no)) == (422, ["unknown_service"], ["services"])
    same = ada.post(f"/incidents/{incident}/set-services", {"services": ["search"]})
    assert (same.status_code, codes(same)) == (409, ["services_unchanged"])
    factories.service("old", is_active=False)
    old = ada.post(f"/incidents/{incident}/set-services", {"services": ["old"]})
    assert (old.status_code, codes(old)) == (422, ["inactive_service"])
    assert ada.get(f"/incidents/{incident}").json()["services"] == ["search"]


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        (CONTRADICTION, "facts_contradict", "facts.customers_affected_percent"),
        ({"minutes_running": 5}, "fact_is_derived", "facts.minutes_running"),
        ({"customers": 5}, "unknown_fact", "facts.customers"),
    ],
)
def test_facts_that_cannot_be_are_refused_wherever_they_are_said(
    ada, incident, facts, code, field
) -> None:
    declared = Incident.objects.count()
    asked = {"services": ["payments"], "facts": facts}
    for path, body in (
        ("/severity/evaluate", asked),
        ("/incidents", {"title": "Trouble", **asked}),
        (f"/incidents/{incident}/legal", {"facts": facts}),
    ):
        no = ada.post(path, body)
        assert (no.status_code, codes(no), fields(no)) == (422, [code], [field])
    assert Incident.objects.count() == declared
    assert ada.get(f"/incidents/{incident}").json()["facts"] == {}


def test_an_unknown_service_is_refused_where_severity_is_asked(ada) -> None:
    no = ada.post("/severity/evaluate", {"services": ["nothing"], "facts": {}})
    assert (no.status_code, codes(no), fields(no)) == (422, ["unknown_service"], ["services"])


def test_what_is_asked_without_an_incident_has_run_for_no_minute(ada) -> None:
    said = ada.post("/severity/evaluate", {"services": ["payments"], "facts": {}}).json()
    assert said["code"] == "sev2"
    assert set(said) == {"code", "reasons", "not_fired"}
