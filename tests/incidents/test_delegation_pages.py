"""Delegations on the incident page and by API: given, shown, taken back; refused to who may not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from incidents.models import Delegation, Person
from incidents.operations.delegation import delegate
from incidents.rules.roles import COMMANDER, SCRIBE
from tests import callers, factories
from tests.callers import codes, fields
from tests.factories import NOW
from tests.incidents.admin_room import page_of, said, signed_in, text_of
from tests.incidents.scene import Scene, acts, again, hold, scene
from tests.incidents.test_admin_incident import PAGE_QUERIES, crowd
from tests.incidents.test_delegation import LAW
from tests.incidents.test_mandates import bound

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stage() -> Scene:
    """In resolution under a matrix that binds the four acts; everybody is staff."""
    made = scene(matrix_version=bound(LAW), state="resolution", resolved_at=NOW)
    for who in (made.ada, made.ben, made.cleo, made.dan, made.lea):
        who.is_staff = True
        who.save()
    for who in (made.ada, made.ben, made.cleo, made.lea):
        factories.allow(who, "incidents.view_incident", "incidents.view_update")
    return made


def give(stage: Scene, **more: Any) -> Delegation:
    told = {
        "role": factories.role(COMMANDER), "act": "stand_down", "to": stage.cleo,
        "ends_at": NOW + HOUR, "reason": "I fetch the vendor.", "actor": stage.ada, "at": NOW,
    } | more  # fmt: skip
    return delegate(stage.incident, **told)


def client_of(who: Person) -> Client:
    return signed_in(Person.objects.get(pk=who.pk))


def offered(who: Person, stage: Scene) -> tuple[set[str], dict[str, str]]:
    """The acts the page offers this person, and those refused with their reason."""
    page = client_of(who).get(page_of(stage.incident)).context
    offers = [page["big"], *page["offers"]] if page["big"] else page["offers"]
    return (
        {one.verb.name for one in offers},
        {one.verb.name: one.reasons[0].message for one in page["refused"]},
    )


# --- the page


def test_the_page_says_whose_each_act_is_and_by_which_line(stage) -> None:
    text = text_of(client_of(stage.cleo).get(page_of(stage.incident)))
    assert "Stand down and close Ada Incident commander, by “End it”." in text
    assert "Publish externally Ben Communications lead, by “Speak to the public”." in text
    assert (
        "Decide on and give legal notice nobody holds it Legal counsel, by “Give notice”. "
        "While nobody holds it, the deputy commander decides, else leadership."
    ) in text


def test_the_page_says_why_not_me(stage) -> None:
    offers, refused = offered(stage.lea, stage)
    assert "close" not in offers
    assert refused["close"] == (
        "The matrix (Standing v1, “End it”) makes the incident commander accountable: only they "
        "or their delegate may do this. Ask them, or have leadership assign you that role."
    )
    assert "close" in offered(stage.ada, stage)[0]


def test_a_delegate_is_offered_the_act_and_the_page_says_for_whom(stage) -> None:
    assert "close" in offered(stage.cleo, stage)[1]
    give(stage)
    assert "close" in offered(stage.cleo, stage)[0]
    text = text_of(client_of(stage.cleo).get(page_of(stage.incident)))
    assert "Cleo may act until 23 Nov, 10:00." in text
    assert "delegated Ada → Cleo" in text
    assert "Take back" not in text
    page = client_of(stage.cleo).post(page_of(stage.incident, "close"), {"note": "Over."})
    assert page.status_code == 302
    assert again(stage.incident).state == "closed"


def test_without_a_matrix_the_page_says_that_the_roles_of_command_decide(stage) -> None:
    stage.incident.matrix_version = None
    stage.incident.save()
    text = text_of(client_of(stage.ada).get(page_of(stage.incident)))
    assert "No matrix is pinned: the commander's roles decide." in text


@pytest.mark.parametrize("given", [0, 5])
def test_the_page_costs_the_same_however_many_are_given(
    stage, given, django_assert_max_num_queries
) -> None:
    crowd(stage.incident, 2)
    for number in range(given):
        give(stage, to=(stage.cleo, stage.ben)[number % 2])
    client = client_of(stage.lea)
    client.get(page_of(stage.incident))
    with django_assert_max_num_queries(PAGE_QUERIES):
        page = client.get(page_of(stage.incident))
    assert len(page.context["delegations"]) == given


def test_the_tiers_of_the_services_cost_the_page_nothing(
    stage, django_assert_max_num_queries
) -> None:
    stage.incident.matrix_version = bound({"stand_down": SCRIBE}, tier_4={SCRIBE: "I"})
    stage.incident.save()
    crowd(stage.incident, 2)
    client = client_of(stage.lea)
    client.get(page_of(stage.incident))
    with django_assert_max_num_queries(PAGE_QUERIES):
        client.get(page_of(stage.incident))


# --- the forms

BODY = {
    "role": COMMANDER, "act": "stand_down", "ends_at_0": "2026-11-23", "ends_at_1": "10:00:00",
    "reason": "I fetch the vendor.",
}  # fmt: skip


def test_the_form_asks_for_my_roles_and_their_acts_only(stage) -> None:
    form = client_of(stage.ada).get(page_of(stage.incident, "delegate")).context["form"]
    assert [role.pk for role in form.fields["role"].queryset] == [COMMANDER]
    assert form.initial["role"] == COMMANDER
    assert [code for code, _ in form.fields["act"].choices] == [
        "", "set_severity", "stand_down", "decide",
    ]  # fmt: skip
    assert form.initial["ends_at"] == NOW + 2 * HOUR


def test_delegating_leads_back_to_the_incident(stage) -> None:
    address = page_of(stage.incident, "delegate")
    page = client_of(stage.ada).post(address, BODY | {"to": stage.cleo.pk})
    assert (page.status_code, page.url) == (302, page_of(stage.incident))
    assert said(page) == ["Delegate: done."]
    made = Delegation.objects.get()
    assert (made.giver, made.to, made.act, made.ends_at) == (
        stage.ada, stage.cleo, "stand_down", NOW + HOUR,
    )  # fmt: skip


def test_a_refusal_stands_on_its_field(stage) -> None:
    address = page_of(stage.incident, "delegate")
    body = BODY | {"to": stage.dan.pk, "ends_at_0": "2026-11-24", "ends_at_1": "09:30:00"}
    page = client_of(stage.ada).post(address, body)
    assert page.status_code == 409
    assert list(page.context["form"].errors) == ["ends_at"]
    page = client_of(stage.ada).post(address, BODY | {"to": stage.dan.pk})
    assert page.context["form"].errors["to"] == [
        "Dan has no permission for “Close”: choose somebody who has."
    ]
    assert not Delegation.objects.exists()


def test_somebody_elses_role_cannot_be_given(stage) -> None:
    page = client_of(stage.ben).post(
        page_of(stage.incident, "delegate"), BODY | {"to": stage.cleo.pk}
    )
    assert page.status_code == 409
    assert list(page.context["form"].errors) == ["role", "act"]
    assert not Delegation.objects.exists()


def test_taking_back_is_one_button_beside_it(stage) -> None:
    made = give(stage)
    client = client_of(stage.ada)
    assert "Take back" in text_of(client.get(page_of(stage.incident)))
    address = page_of(stage.incident, "end_delegation")
    page = client.post(address, {"delegation": made.pk})
    assert (page.status_code, page.url) == (302, page_of(stage.incident))
    assert again(made).revoked_at == NOW
    text = text_of(client.get(page_of(stage.incident)))
    assert "Take back" not in text
    assert "over Ada → Cleo" in text


def test_leadership_takes_it_back_and_others_are_told_whose_it_is(stage) -> None:
    made = give(stage)
    address = page_of(stage.incident, "end_delegation")
    for who in (stage.ben, stage.cleo):
        assert "Take back" not in text_of(client_of(who).get(page_of(stage.incident)))
        assert client_of(who).post(address, {"delegation": made.pk}).status_code == 409
        assert "its giver may, and leadership" in text_of(client_of(who).get(address))
    assert again(made).revoked_at is None
    assert client_of(stage.lea).post(address, {"delegation": made.pk}).status_code == 302
    assert again(made).revoked_at == NOW


def test_a_delegation_of_another_incident_is_not_taken_back_from_here(stage) -> None:
    made = give(stage)
    other = scene_beside(stage)
    address = reverse("admin:incidents_incident_end_delegation", args=[other.pk])
    page = client_of(stage.ada).post(address, {"delegation": made.pk})
    assert page.status_code == 409
    assert again(made).revoked_at is None


def scene_beside(stage: Scene) -> Any:
    made = type(stage.incident).objects.create(
        reference="INC-9", title="Other", declared_at=NOW, state="triage"
    )
    hold(made, stage.ada, SCRIBE)
    return made


def test_who_has_no_right_gets_no_page(stage) -> None:
    client = client_of(stage.dan)
    for verb in ("delegate", "end_delegation"):
        for answer in (client.get, client.post):
            assert answer(page_of(stage.incident, verb), BODY).status_code == 403
    assert acts() == []


# --- the API

SAID = {
    "role": COMMANDER,
    "to": "cleo",
    "ends_at": "2026-11-23T10:00:00Z",
    "reason": "I fetch.",
}


def test_the_api_gives_shows_and_takes_back(stage) -> None:
    ada = callers.Caller(stage.ada)
    reference = stage.incident.reference
    given = ada.act(reference, "delegate", SAID | {"act": "stand_down"})
    (row,) = given["delegations"]
    assert row == {
        "id": Delegation.objects.get().pk, "role": COMMANDER, "act": "stand_down",
        "giver": "ada", "to": "cleo", "reason": "I fetch.",
        "starts_at": "2026-11-23T09:00:00Z", "ends_at": "2026-11-23T10:00:00Z",
        "revoked_at": None,
    }  # fmt: skip
    after = ada.act(reference, f"delegations/{row['id']}/take-back")
    assert after["delegations"][0]["revoked_at"] == "2026-11-23T09:00:00Z"
    response = ada.post(f"/incidents/{reference}/delegations/{row['id']}/take-back")
    assert (response.status_code, codes(response)) == (409, ["delegation_is_over"])


def test_the_api_names_the_field_as_it_was_spelt(stage) -> None:
    ada = callers.Caller(stage.ada)
    address = f"/incidents/{stage.incident.reference}/delegate"
    for body, status, code, field in (
        ({"to": "nobody"}, 422, "unknown_person", "to"),
        ({"to": "ada"}, 409, "delegate_to_self", "to"),
        ({"role": "wizard"}, 422, "unknown_role", "role"),
        ({"act": "dance"}, 422, "act_not_delegable", "act"),
        ({"ends_at": "2026-11-25T10:00:00Z"}, 409, "delegation_too_long", "ends_at"),
        ({"ends_at": "2026-11-23T10:00:00"}, 422, "instant_without_offset", "ends_at"),
    ):
        response = ada.post(address, SAID | body)
        assert (response.status_code, codes(response), fields(response)) == (
            status, [code], [field],
        )  # fmt: skip


def test_the_api_refuses_who_may_not(stage) -> None:
    made = give(stage)
    reference = stage.incident.reference
    take_back = f"/incidents/{reference}/delegations/{made.pk}/take-back"
    for who, code in ((stage.dan, "no_permission"), (stage.ben, "not_yours_to_take_back")):
        response = callers.Caller(who).post(take_back)
        assert (response.status_code, codes(response)) == (403, [code])
    response = callers.Caller(stage.ben).post(f"/incidents/{reference}/delegate", SAID)
    assert (response.status_code, codes(response)) == (403, ["not_your_role"])
    unknown = callers.Caller(stage.ada).post(
        f"/incidents/{reference}/delegations/99999/take-back"
    )
    assert unknown.status_code == 404


def test_by_api_a_delegate_closes_and_a_leader_does_not(stage) -> None:
    give(stage)
    address = f"/incidents/{stage.incident.reference}/close"
    response = callers.Caller(stage.lea).post(address)
    assert (response.status_code, codes(response)) == (403, ["not_your_role"])
    assert callers.Caller(stage.cleo).post(address).status_code == 200
