"""The library by API: listed with filters, and offered for an incident."""

from datetime import date

import pytest
import time_machine

from incidents.api.statements import Sought
from incidents.models import HoldingStatement, Scenario
from tests import callers, factories
from tests.callers import Caller, codes
from tests.factories import NOW
from tests.incidents.scene import incident_under

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada() -> Caller:
    return callers.ada()


@pytest.fixture
def outage() -> Scenario:
    return Scenario.objects.create(slug="outage", name="Outage")


def words(**fields) -> HoldingStatement:
    given = {
        "title": "Down", "audience": "public", "text": "{service} is down: {impact}",
        "forbidden": "All is well\nNo data lost", "status": "approved", "approved_at": NOW,
        "maker": factories.person(), "approver": factories.person(),
    }  # fmt: skip
    return HoldingStatement.objects.create(**(given | fields))


def ids(caller: Caller, **query) -> list[int]:
    response = caller.get("/statements", **query)
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()["items"]]


def test_the_library_is_listed_with_all_that_was_agreed(ada, outage) -> None:
    made = words(scenario=outage, severity="sev1", expires_on=date(2027, 1, 1))
    (one,) = ada.get("/statements").json()["items"]
    assert (one["id"], one["scenario"], one["severity"]) == (made.pk, "outage", "sev1")
    assert (one["blanks"], one["forbidden"]) == (
        ["service", "impact"],
        ["All is well", "No data lost"],
    )
    assert (one["version"], one["replaces"], one["expires_on"]) == (1, None, "2027-01-01")
    assert (one["cleared_by"], one["needs_approval_anew"]) == (None, False)


def test_each_filter_narrows_the_library(ada, outage) -> None:
    here = words(scenario=outage, severity="sev1", purpose="no_news", language="de")
    draft = words(
        audience="support", status="draft", approver=None, approved_at=None,
        expires_on=date(2027, 1, 1),
    )  # fmt: skip
    assert ids(ada, scenario="outage") == ids(ada, severity="sev1") == [here.pk]
    assert ids(ada, scenario="") == ids(ada, severity="") == [draft.pk]
    assert ids(ada, purpose="no_news") == ids(ada, language="de") == [here.pk]
    assert ids(ada, status="draft") == ids(ada, audience="support") == [draft.pk]
    assert ids(ada, usable="true") == [here.pk]
    assert ids(ada, usable="false") == [draft.pk]


def test_what_nobody_knows_is_no_filter(ada) -> None:
    assert codes(ada.get("/statements", scenario="none")) == ["unknown_scenario"]
    assert ada.get("/statements", audience="martians").status_code == 422
    assert codes(ada.get("/statements", colour="red")) == ["extra_forbidden"]
    assert set(Sought.model_fields) >= {"status", "audience", "purpose", "usable"}


def test_the_list_goes_on_where_it_ended(ada) -> None:
    made = [words().pk for _ in range(3)]
    first = ada.get("/statements", limit=2).json()
    assert [one["id"] for one in first["items"]] == made[:2]
    following = ada.get(first["next"])
    assert [one["id"] for one in following.json()["items"]] == made[2:]


def test_what_may_be_said_of_an_incident_is_offered_filled_in(ada, outage) -> None:
    incident = incident_under(factories.severity_scheme(), "sev2", scenario=outage)
    incident.services.add(factories.service("payments", public_name="Card payments"))
    best = words(scenario=outage)
    words(title="Any")
    (one,) = ada.get(f"/incidents/{incident.reference}/statements").json()
    assert (one["statement"], one["audience"]) == (best.pk, "public")
    assert one["text"] == "Card payments is down: {impact}"
    assert one["missing"] == ["impact"]
    assert ada.get(f"/incidents/{incident.reference}/statements?purpose=over").json() == []
    assert ada.get(f"/incidents/{incident.reference}/statements?colour=red").status_code == 422


def test_who_may_not_see_statements_is_told_none(ada) -> None:
    incident = incident_under(factories.severity_scheme(), "sev2")
    words()
    dan = callers.dan()
    for path in ("/statements", f"/incidents/{incident.reference}/statements"):
        assert dan.get(path).status_code == 403
        assert ada.get(path).status_code == 200
    assert ada.get("/incidents/INC-99/statements").status_code == 404
