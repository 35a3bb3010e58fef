"""The data map and the regulators over the API: read only, in pages, by who may see them."""

from datetime import date

import pytest
import time_machine

from tests import callers, factories
from tests.callers import Caller
from tests.factories import NOW
from tests.mapped import holding, regulator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    factories.law()
    return callers.ada()


def test_the_data_map_says_what_each_service_holds_and_whether_to_rely_on_it(ada) -> None:
    row = holding(factories.service("payments"), verified_on=date(2026, 11, 1))
    holding(factories.service("gone", is_active=False))
    holding(row.service, "Old", is_active=False)
    assert ada.get("/data-map").json() == {
        "items": [
            {
                "id": row.pk,
                "service": "payments",
                "title": "Accounts",
                "data_categories": ["health"],
                "jurisdictions": ["DE"],
                "persons": {"DE": 12_000},
                "data_role": "controller",
                "protection": "unknown",
                "verified_on": "2026-11-01",
                "is_stale": False,
            }
        ],
        "next": None,
    }


def test_regulators_have_a_channel_and_our_account_there_stays_with_us(ada) -> None:
    regulator(jurisdiction="DE", our_reference="account-4711")
    regulator("Closed", is_active=False)
    answer = ada.get("/regulators")
    (item,) = answer.json()["items"]
    assert (item["recipient"], item["jurisdiction"]) == ("dpa_eu", "DE")
    assert item["address"] == "https://authority.example"
    assert item["is_stale"]
    assert "account-4711" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/data-map", "/regulators"])
def test_they_come_in_pages_and_cost_the_same(ada, path, django_assert_max_num_queries) -> None:
    for number in range(5):
        holding(factories.service(f"service{number}"))
        regulator(f"Authority {number}")
    first = ada.get(f"{path}?limit=3").json()
    assert len(first["items"]) == 3
    assert len(ada.get(first["next"]).json()["items"]) == 2
    with django_assert_max_num_queries(6):
        ada.get(path)


@pytest.mark.parametrize("path", ["/data-map", "/regulators"])
def test_dan_sees_neither_and_nobody_writes_there(ada, path) -> None:
    assert callers.dan().get(path).status_code == 403
    assert ada.post(path, {}).status_code == 405
