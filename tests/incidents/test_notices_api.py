"""Customers and notices over the API: what is promised, what is owed, that it was given."""

import pytest

from incidents.models import Incident
from tests import callers, factories
from tests.callers import Caller, codes, fields
from tests.customers import clause, customer, owed
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Caller:
    factories.law()
    return callers.ada()


@pytest.fixture
def incident(ada: Caller) -> Incident:
    callers.ben()
    body = {"title": "Card payments fail", "services": [factories.service().slug]}
    reference = ada.post("/incidents", body).json()["reference"]
    return Incident.objects.get(reference=reference)


def test_the_incident_lists_its_notices_and_one_is_given(ada, incident) -> None:
    clock = owed(incident)
    said = {"notice": clock.pk, "how": "Called the desk; they thanked us."}
    whole = ada.act(incident.reference, "give-notice", said)
    notice = whole["notices"][0]
    assert (notice["customer"], notice["clause"], notice["given_by"]) == (
        "acme",
        "Incidents",
        "ada",
    )
    assert notice["how"] == "Called the desk; they thanked us."
    assert notice["given_at"] is not None
    assert "desk@" not in str(whole)


def test_given_twice_it_is_refused(ada, incident) -> None:
    said = {"notice": owed(incident).pk, "how": "Called the desk."}
    ada.act(incident.reference, "give-notice", said)
    response = ada.post(f"/incidents/{incident.reference}/give-notice", said)
    assert (response.status_code, codes(response)) == (409, ["notice_given"])


def test_an_unknown_notice_is_named(ada, incident) -> None:
    other = Incident.objects.create(reference="INC-99", title="Another", declared_at=NOW)
    for number in (owed(other).pk, 12345):
        said = {"notice": number, "how": "Called the desk."}
        response = ada.post(f"/incidents/{incident.reference}/give-notice", said)
        assert (response.status_code, codes(response)) == (422, ["unknown_notice"])
        assert fields(response) == ["notice"]


def test_how_it_was_given_is_asked_for(ada, incident) -> None:
    said = {"notice": owed(incident).pk, "how": " "}
    response = ada.post(f"/incidents/{incident.reference}/give-notice", said)
    assert (response.status_code, codes(response)) == (422, ["how_missing"])


def test_customers_are_listed_with_what_is_promised_and_without_addresses(ada) -> None:
    payments, search = factories.service(), factories.service("search")
    acme = customer("acme", payments, search)
    clause(acme, payments, levels=["sev1"], source="MSA 7.2", contact_email="noc@acme.example")
    clause(acme, title="Of old", is_active=False)
    customer("zenith", is_active=False)
    answer = ada.get("/customers")
    items = answer.json()["items"]
    assert [one["slug"] for one in items] == ["acme"]
    assert items[0]["services"] == ["payments", "search"]
    (promised,) = items[0]["clauses"]
    assert (promised["hours"], promised["starts"]) == (4, "detected")
    assert promised["concerns"] == "any"
    assert (promised["levels"], promised["services"]) == (["sev1"], ["payments"])
    assert promised["source"] == "MSA 7.2"
    assert b"acme.example" not in answer.content


def test_many_customers_cost_no_more_statements_than_one(
    ada, django_assert_max_num_queries
) -> None:
    payments = factories.service()
    for number in range(12):
        clause(customer(f"acme{number}", payments), payments)
    with django_assert_max_num_queries(8):
        assert len(ada.get("/customers").json()["items"]) == 12


def test_who_may_not_see_customers_is_refused(ada) -> None:
    response = callers.dan().get("/customers")
    assert (response.status_code, codes(response)) == (403, ["no_permission"])
