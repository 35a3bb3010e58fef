"""The lists a caller picks from, and severity asked beforehand."""

from datetime import date, timedelta

import pytest
import time_machine

from incidents.models import AuditEvent, Dependency, Incident
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    return callers.ada()


def test_services_name_their_owner_and_what_they_need(ada) -> None:
    payments, ledger = factories.service("payments", tier=1), factories.service("ledger")
    factories.service("retired", is_active=False)
    Dependency.objects.create(upstream=ledger, downstream=payments)
    said = ada.get("/services").json()
    assert [item["slug"] for item in said["items"]] == ["ledger", "payments"]
    assert said["items"][1] == {
        "slug": "payments",
        "name": "Payments",
        "tier": 1,
        "owner": "payments-owner",
        "team": "platform",
        "is_revenue_generating": False,
        "handles_personal_data": False,
        "depends_on": ["ledger"],
    }
    assert said["next"] is None


def test_people_show_what_they_are_qualified_for_today_and_no_addresses(ada) -> None:
    ben = factories.person("ben", qualified=("scribe",))
    factories.qualify(ben, "support_lead", expires_on=date(2026, 11, 23))
    factories.person("gone", is_active=False)
    response = ada.get("/people")
    people = {item["username"]: item for item in response.json()["items"]}
    assert people["ben"] == {
        "username": "ben",
        "name": "Ben",
        "team": "platform",
        "qualified_for": ["scribe"],
    }
    assert "gone" not in people
    assert "@" not in response.content.decode()


def test_roles_are_listed_by_slug(ada) -> None:
    slugs = [item["slug"] for item in ada.get("/roles").json()["items"]]
    assert slugs == sorted(slugs)
    assert "incident_commander" in slugs


def test_the_matrix_in_force_shows_its_version(ada) -> None:
    factories.matrix_version(slug="next", effective_from=NOW + timedelta(days=1))
    items = {item["slug"]: item for item in ada.get("/matrices").json()["items"]}
    assert items["standing"]["version"] == 1
    assert items["next"]["version"] is None
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        items = {item["slug"]: item for item in ada.get("/matrices").json()["items"]}
    assert items["next"]["effective_from"] == "2026-11-24T09:00:00Z"
    assert items["standing"]["version"] is None


@pytest.mark.parametrize("path", ["/services", "/people", "/roles", "/matrices"])
def test_lists_come_in_pages(ada, path) -> None:
    for slug in ("payments", "ledger"):
        factories.service(slug)
        factories.matrix_version(slug=slug)
    seen, address = [], f"{path}?limit=1"
    while address:
        said = ada.get(address).json()
        seen += [item.get("slug") or item["username"] for item in said["items"]]
        address = said["next"]
    assert len(seen) > 1
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("path", ["/services", "/people"])
def test_a_list_costs_the_same_however_long(ada, path, django_assert_max_num_queries) -> None:
    for number in range(20):
        factories.service(f"service{number}")
    with django_assert_max_num_queries(5):
        assert len(ada.get(path).json()["items"]) >= 20


# --- severity


def test_severity_is_computed_with_its_reasons_and_nothing_is_stored(ada) -> None:
    factories.service()
    lines = AuditEvent.objects.count()
    said = ada.post(
        "/severity/evaluate",
        {"services": ["payments"], "facts": {"customers_affected": 1000}},
    ).json()
    assert said["code"] == "sev1"
    assert "customers affected is 1000" in said["reasons"][0]
    calm = ada.post("/severity/evaluate", {"services": ["payments"], "facts": {}}).json()
    assert calm["code"] == "sev2"
    assert "customers affected is not known (counted as 0)" in calm["not_fired"][0]
    assert AuditEvent.objects.count() == lines
    assert not Incident.objects.exists()


def test_severity_of_an_unknown_service_is_refused(ada) -> None:
    response = ada.post("/severity/evaluate", {"services": ["nowhere"], "facts": {}})
    assert (response.status_code, codes(response)) == (422, ["unknown_service"])
    assert fields(response) == ["services"]


def test_without_a_scheme_in_force_severity_is_refused() -> None:
    response = callers.ada().post("/severity/evaluate", {"services": [], "facts": {}})
    assert (response.status_code, codes(response)) == (409, ["no_severity_scheme"])
