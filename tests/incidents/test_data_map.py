"""The data map and the regulators: what an incident assumes of services, whom we would tell."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import DataHolding, Regulator, Service
from incidents.operations import data_map, regulators
from incidents.rules.reasons import NotPermitted, Refused
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import last_act, refused
from tests.mapped import holding, regulator

pytestmark = pytest.mark.django_db


@pytest.fixture
def payments() -> Service:
    return factories.service("payments")


# --- what is assumed


def test_what_the_services_hold_together_is_assumed_in_one_query(payments) -> None:
    holding(payments, data_categories=["payment_card"], jurisdictions=["US-CA"], persons={})
    holding(factories.service("search"))
    with CaptureQueriesContext(connection) as sent:
        found = data_map.assumed(Service.objects.all())
    assert found["data_categories"] == ["health", "payment_card", "personal_data"]
    assert found["affected_jurisdictions"] == ["DE", "US", "US-CA"]
    assert found["persons_affected_total"] == 12_000
    assert len(sent) == 2  # the services, and what they hold


def test_of_other_services_and_of_none_nothing_is_assumed(payments) -> None:
    holding(payments)
    assert data_map.assumed([factories.service("search")]) == data_map.assumed([]) == {}


def test_what_is_inactive_is_not_assumed(payments) -> None:
    holding(payments, is_active=False)
    assert data_map.assumed([payments]) == {}


def test_the_categories_are_those_of_the_law_in_plain_words() -> None:
    found = data_map.categories(at=NOW)
    assert found["government_id"] == "identity papers and numbers"
    assert "none" not in found


# --- verified


@pytest.mark.parametrize(
    ("made", "verb", "permission", "retired", "act"),
    [
        (lambda: holding(factories.service()), data_map.verify, data_map.VERIFY,
         "holding_retired", "verify_holding"),
        (lambda: regulator(), regulators.verify, regulators.VERIFY,
         "regulator_retired", "verify_regulator"),
    ],
)  # fmt: skip
def test_who_may_verifies_and_dan_may_not(made, verb, permission, retired, act) -> None:
    row = made()
    cleo = factories.allow(factories.person("cleo"), permission)
    done = verb(row, note="Asked the owner.", actor=cleo, at=NOW)
    assert (done.verified_on, done.verified_by) == (NOW.date(), cleo)
    assert (last_act().verb, last_act().detail["note"]) == (act, "Asked the owner.")
    with refused("no_permission", NotPermitted):
        verb(row, actor=factories.person("dan"), at=NOW)
    row.is_active = False
    row.save()
    with refused(retired, Refused):
        verb(row, actor=cleo, at=NOW)


# --- regulators


def names(recipients: list[str], places: list[str]) -> list[str]:
    return [row.name for row in regulators.of(recipients, places)]


def test_an_authority_is_found_by_its_code_and_the_place_of_the_people() -> None:
    regulator(name="Berlin", jurisdiction="DE-BE")
    regulator(name="Paris", jurisdiction="FR")
    regulator(name="Anywhere", jurisdiction="")
    regulator(name="London", recipient="ico_uk")
    regulator(name="Closed", jurisdiction="DE", is_active=False)
    assert names(["dpa_eu"], ["DE"]) == ["Anywhere", "Berlin"]
    assert names(["dpa_eu"], []) == ["Anywhere", "Berlin", "Paris"]
    assert names(["ico_uk"], ["DE"]) == ["London"]
    assert names([], ["DE"]) == []


def test_people_are_no_authority() -> None:
    known = regulators.recipients(at=NOW)
    assert "ag_us_ca" in known
    assert "individuals" not in known


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"recipient": "nobody"}, "unknown_recipient"),
        ({"recipient": "individuals"}, "unknown_recipient"),
        ({"jurisdiction": "UK"}, "unknown_place"),
        ({"address": "", "phone": ""}, "channel_missing"),
    ],
)
def test_a_regulator_that_could_not_be_told_is_refused(fields, code) -> None:
    given = {"recipient": "dpa_eu", "address": "https://authority.example"} | fields
    assert [each.code for each in regulators.problems(Regulator(**given), at=NOW)] == [code]


def test_a_sound_one_is_not() -> None:
    sound = Regulator(recipient="dpa_eu", jurisdiction="DE", phone="+49 30 1")
    assert regulators.problems(sound, at=NOW) == []
    row = DataHolding(data_categories=["health"], jurisdictions=["DE"])
    assert data_map.problems(row, at=NOW) == []
