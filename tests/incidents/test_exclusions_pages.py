"""The pages of the roles kept apart: read by everybody, excluded and lifted by leadership."""

import pytest

from incidents.models import Person, RoleExclusion
from incidents.rules.roles import (
    COMMUNICATIONS,
    COUNSEL,
    EVERY_OTHER,
    EXCLUSIONS,
    RESPONDER,
    SCRIBE,
)
from tests import factories
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea() -> Person:
    for slug in (SCRIBE, COUNSEL, RESPONDER, COMMUNICATIONS):
        factories.role(slug)
    return member("lea", "leadership")


@pytest.fixture
def reader() -> Person:
    return member("rita", "auditor")


def pair(role: str, other: str) -> RoleExclusion:
    return RoleExclusion.objects.get(role=role, other=other)


def test_the_list_says_what_holds_and_explains_the_floor(lea: Person, reader: Person) -> None:
    for who in (lea, reader):
        text = text_of(signed_in(who).get(list_of(RoleExclusion)))
        assert "Communications lead and Responder" in text
        assert "Incident commander and every other role" in text
        assert "The floor stands, whatever is lifted here" in text
        assert "Responder" in text.split("nobody is ever")[1]


def test_the_list_costs_as_many_statements_for_many_pairs(
    lea: Person, django_assert_max_num_queries
) -> None:
    for number in range(20):
        RoleExclusion.objects.create(
            role=f"r{number}", other=SCRIBE, reason="why", made_at=factories.NOW, made_by=lea
        )
    client = signed_in(lea)
    with django_assert_max_num_queries(10):
        client.get(list_of(RoleExclusion))


def test_leadership_excludes_two_roles_and_lifts_them_again(lea: Person) -> None:
    client = signed_in(lea)
    address = list_of(RoleExclusion, "exclude")
    assert client.get(address).status_code == 200
    body = {"role": SCRIBE, "other": COUNSEL, "reason": "Advice needs both hands"}
    assert client.post(address, body).status_code == 302
    made = pair(SCRIBE, COUNSEL)
    assert (made.made_by, made.reason) == (lea, "Advice needs both hands")
    lifting = page_of(made, "lift")
    assert client.get(lifting).status_code == 200
    assert pair(SCRIBE, COUNSEL).lifted_at is None
    assert client.post(lifting, {"reason": "We are few"}).status_code == 302
    assert pair(SCRIBE, COUNSEL).lifted_by == lea
    assert "lifted" in text_of(client.get(page_of(made)))
    assert client.post(lifting, {"reason": "Again"}).status_code == 409


def test_without_a_second_role_every_other_is_meant(lea: Person) -> None:
    body = {"role": SCRIBE, "other": "", "reason": "Who writes along does nothing else"}
    assert signed_in(lea).post(list_of(RoleExclusion, "exclude"), body).status_code == 302
    assert pair(SCRIBE, EVERY_OTHER).lifted_at is None


def test_a_refusal_is_shown_beside_its_field(lea: Person) -> None:
    body = {"role": RESPONDER, "other": COMMUNICATIONS, "reason": "Again"}
    page = signed_in(lea).post(list_of(RoleExclusion, "exclude"), body)
    assert page.status_code == 409
    assert "exclude each other already" in page.context["form"].errors["other"][0]
    assert RoleExclusion.objects.count() == len(EXCLUSIONS)


def test_who_only_reads_is_offered_nothing_and_refused(reader: Person, lea: Person) -> None:
    client, row = signed_in(reader), pair(COMMUNICATIONS, RESPONDER)
    assert "Exclude roles" not in text_of(client.get(list_of(RoleExclusion)))
    assert "Exclude roles" in text_of(signed_in(lea).get(list_of(RoleExclusion)))
    for address in (list_of(RoleExclusion, "exclude"), page_of(row, "lift")):
        assert client.get(address).status_code == 403
        assert client.post(address, {"reason": "why"}).status_code == 403
