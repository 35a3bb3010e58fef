"""Facts and levels said on pages of an incident: what cannot be is refused beside its field."""

import pytest

from incidents.models import Classification, Incident
from tests import factories
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import again, hold, scene

pytestmark = pytest.mark.django_db

CONTRADICTION = {"customers_affected": "0", "customers_affected_percent": "5"}


@pytest.fixture
def incident() -> Incident:
    return scene(facts={"customers_affected": 10}).incident


@pytest.fixture
def commander(incident):
    incident.assignments.all().delete()
    zoe = member("zoe", "responder")
    hold(incident, zoe, "incident_commander")
    return signed_in(zoe)


def test_contradictory_facts_are_refused_where_an_incident_is_declared(
    incident, commander
) -> None:
    said = {"title": "Trouble", "services": [factories.service().pk], **CONTRADICTION}
    page = commander.post(list_of(Incident, "declare"), said)
    assert page.status_code == 409
    assert list(page.context["form"].errors) == ["customers_affected_percent"]
    assert Incident.objects.count() == 1


def test_an_unknown_service_is_refused_where_an_incident_is_declared(
    incident, commander
) -> None:
    page = commander.post(list_of(Incident, "declare"), {"title": "Trouble", "services": [999]})
    assert page.status_code == 409
    assert list(page.context["form"].errors) == ["services"]
    assert Incident.objects.count() == 1


def test_contradictory_facts_are_refused_where_they_are_recorded(incident, commander) -> None:
    page = commander.post(page_of(incident, "record_facts"), CONTRADICTION)
    assert page.status_code == 409
    assert list(page.context["form"].errors) == ["customers_affected_percent"]
    assert again(incident).facts == {"customers_affected": 10}


def test_a_proposed_level_is_declined_on_the_page_of_classifying(incident, commander) -> None:
    commander.post(page_of(incident, "record_facts"), {"customers_affected": "5000"})
    assert again(incident).is_severity_proposed
    page = page_of(incident, "classify")
    without = commander.post(page, {"level_code": "sev2"})
    assert without.status_code == 409
    assert "write why it stays so though the criteria say Severity 1" in text_of(without)
    commander.post(page, {"level_code": "sev2", "reason": "Only test accounts"})
    assert not again(incident).is_severity_proposed
    assert Classification.objects.get().kind == "kept"
