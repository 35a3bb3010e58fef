"""A runbook counts as working from the day its owner, or a leader, says they followed it."""

from datetime import timedelta

import pytest

from incidents.models import Obligation, Person, Service
from incidents.operations import obligations
from incidents.operations.runbooks import check_runbook
from incidents.operations.runbooks import objections as against
from incidents.rules.reasons import NotPermitted
from tests.factories import NOW, allow, person, service
from tests.incidents.scene import again, last_act, refused

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MAY = "incidents.check_runbook_service"


@pytest.fixture
def ada() -> Person:
    """Owns the service."""
    return allow(person("ada"), MAY)


@pytest.fixture
def payments(ada: Person) -> Service:
    return service("payments", owner=ada, runbook_url="https://example.com/runbook")


def test_its_owner_says_that_it_works(payments: Service, ada: Person) -> None:
    obligations.look(NOW)
    assert Obligation.objects.open().about(payments).exists()
    check_runbook(payments, note="Two steps mended", actor=ada, at=NOW + HOUR)
    assert again(payments).runbook_checked_on == NOW.date()
    assert not Obligation.objects.open().about(payments).exists()  # at once
    obligations.look(NOW + HOUR)
    assert not Obligation.objects.open().about(payments).exists()


def test_the_audit_line_keeps_what_was_followed(payments: Service, ada: Person) -> None:
    check_runbook(payments, note=" Two steps mended ", actor=ada, at=NOW)
    line = last_act()
    assert (line.verb, line.actor) == ("check_runbook", ada)
    assert line.detail == {"note": "Two steps mended", "runbook": "https://example.com/runbook"}
    assert payments.history.count() == 2


def test_a_leader_may_say_it_too(payments: Service) -> None:
    lea = allow(person("lea"), MAY, "incidents.lead_incident")
    assert check_runbook(payments, actor=lea, at=NOW).runbook_checked_on == NOW.date()


def test_who_has_no_permission_is_refused(payments: Service) -> None:
    dan = person("dan")
    payments.owner = dan
    payments.save()
    with refused("no_permission", NotPermitted):
        check_runbook(payments, actor=dan, at=NOW)
    assert [each.code for each in against(payments, dan)] == ["no_permission"]


def test_whose_service_it_is_not_is_refused(payments: Service) -> None:
    ben = allow(person("ben"), MAY)
    with refused("not_your_service", NotPermitted):
        check_runbook(payments, actor=ben, at=NOW)
    assert [each.code for each in against(payments, ben)] == ["not_your_service"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"runbook_url": ""}, "no_runbook"), ({"is_active": False}, "service_retired")],
)
def test_there_must_be_something_to_follow(
    payments: Service, ada: Person, fields: dict, code: str
) -> None:
    Service.objects.filter(pk=payments.pk).update(**fields)
    with refused(code):
        check_runbook(payments, actor=ada, at=NOW)
    assert [each.code for each in against(again(payments), ada)] == [code]
