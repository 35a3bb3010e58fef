"""Changing the affected services: judged anew, owners told, refused where they cannot be."""

import pytest

from incidents.models import Incident, Service
from incidents.operations.affected import set_services
from incidents.rules.reasons import Invalid, NotPermitted
from tests import factories
from tests.incidents.admin_room import member, page_of, signed_in, text_of
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    hold,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    made = scene()
    made.incident.services.add(factories.service("payments"))
    return made


def set_to(here: Scene, *services: Service, **fields) -> Incident:
    given = {"actor": here.ben, "at": LATER} | fields
    return set_services(here.incident, services=services, **given)


def slugs(incident: Incident) -> list[str]:
    return sorted(incident.services.values_list("slug", flat=True))


def test_the_set_is_replaced_and_both_sides_are_kept(here) -> None:
    set_to(here, factories.service("search"), factories.service("login"))
    assert slugs(here.incident) == ["login", "search"]
    detail = last_act().detail
    assert sorted(detail["added"]) == ["login", "search"]
    assert detail["removed"] == ["payments"]
    assert timeline(here.incident)[0].endswith("Payments not affected")
    assert acts() == ["set_services"]


def test_only_the_owners_of_what_is_new_are_told_once_each(here) -> None:
    owner = factories.person("olga")
    both = [factories.service(slug, owner=owner) for slug in ("search", "login")]
    set_to(here, Service.objects.get(slug="payments"), *both)
    assert told("service-affected") == ["olga"]


def test_nobody_is_told_of_an_exercise(here) -> None:
    Incident.objects.update(kind="exercise")
    set_to(here, factories.service("search"))
    assert told("service-affected") == []


def test_severity_is_judged_anew_and_proposed(here) -> None:
    Incident.objects.update(facts={"customers_affected": 5000})
    set_to(here, factories.service("search"))
    incident = again(here.incident)
    assert (incident.level.code, incident.computed_level.code) == ("sev2", "sev1")
    assert incident.is_severity_proposed
    assert told("severity-proposed") == ["ada"]
    assert last_act().detail["proposed"] == "sev1"


def test_the_same_services_again_are_refused(here) -> None:
    payments = Service.objects.get(slug="payments")
    with refused("services_unchanged"):
        set_to(here, payments)
    set_to(here)
    assert slugs(here.incident) == []
    with refused("services_unchanged"):
        set_to(here, at=LATER + MINUTE)


def test_an_unknown_and_a_retired_service_are_refused_with_the_field(here) -> None:
    gone = factories.service("gone", is_active=False)
    with refused("inactive_service", Invalid) as caught:
        set_to(here, gone)
    assert caught.value.reasons[0].field == "services"
    with refused("unknown_service", Invalid):
        set_to(here, Service(pk=999, slug="nothing"))
    assert slugs(here.incident) == ["payments"]


def test_what_was_retired_meanwhile_may_stay_affected(here) -> None:
    Service.objects.filter(slug="payments").update(is_active=False)
    set_to(here, Service.objects.get(slug="payments"), factories.service("search"))
    assert slugs(here.incident) == ["payments", "search"]


def test_it_is_for_those_with_a_role_and_for_leadership(here) -> None:
    search = factories.service("search")
    with refused("not_your_role", NotPermitted):
        set_to(here, search, actor=here.cleo)
    with refused("no_permission", NotPermitted):
        set_to(here, search, actor=here.dan)
    set_to(here, search, actor=here.lea)
    assert slugs(here.incident) == ["search"]


def test_what_is_over_changes_no_more() -> None:
    over = scene(state="closed", closed_at=LATER)
    with refused("wrong_state"):
        set_to(over, factories.service("search"))


# --- the page


def test_the_page_begins_with_what_is_affected_and_changes_it(here) -> None:
    zoe = member("zoe", "responder")
    hold(here.incident, zoe, "responder")
    client, page = signed_in(zoe), page_of(here.incident, "set_services")
    payments, search = Service.objects.get(slug="payments"), factories.service("search")
    shown = client.get(page).context["form"]
    assert shown["services"].value() == [payments.pk]
    assert slugs(here.incident) == ["payments"]
    client.post(page, {"services": [payments.pk, search.pk]})
    assert slugs(here.incident) == ["payments", "search"]


def test_the_page_refuses_what_cannot_be_on_its_field(here) -> None:
    zoe = member("zoe", "responder")
    hold(here.incident, zoe, "responder")
    client, page = signed_in(zoe), page_of(here.incident, "set_services")
    gone = factories.service("gone", is_active=False)
    answer = client.post(page, {"services": [gone.pk]})
    assert answer.status_code == 409
    assert "services" in answer.context["form"].errors
    same = client.post(page, {"services": [Service.objects.get(slug="payments").pk]})
    assert "affected already" in text_of(same)
    assert "services" in same.context["form"].errors


def test_who_may_not_has_no_page(here) -> None:
    page = page_of(here.incident, "set_services")
    assert signed_in(member("eve", "auditor")).get(page).status_code == 403
    assert signed_in(member("fay")).post(page, {"services": []}).status_code == 403
    assert slugs(here.incident) == ["payments"]
