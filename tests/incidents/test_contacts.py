"""An address counts once it was shown to reach the person, and while it stays the same."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import ContactProof, OutboxMessage, Person
from incidents.operations import contacts
from incidents.rules.reasons import Invalid, NotPermitted
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import MINUTE, acts, last_act, refused

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def zoe() -> Person:
    zoe = factories.person("zoe", phone="+44 20 7946 0101")
    return factories.allow(zoe, "incidents.verify_person")


@pytest.fixture
def lea() -> Person:
    return factories.allow(
        factories.person("lea"), "incidents.prove_person", "incidents.verify_person"
    )


def code_sent(person: Person, at=NOW) -> str:
    contacts.send_code(person, actor=person, at=at)
    message = OutboxMessage.objects.filter(kind="contact-code").latest("id")
    assert message.address == person.email
    return message.link.rpartition("code=")[2]


def proved(person: Person) -> bool:
    found = contacts.proofs([person])
    return (person.pk, contacts.address(person, "email")) in found


def test_who_has_no_permission_verifies_not_even_their_own_address() -> None:
    dan = factories.person("dan")
    for act in (contacts.send_code, partial(contacts.give_code, code="12345678")):
        with refused("no_permission", NotPermitted):
            act(dan, actor=dan, at=NOW)


def test_the_code_that_was_sent_proves_the_address(zoe) -> None:
    code = code_sent(zoe)
    assert code in OutboxMessage.objects.get().body
    assert not proved(zoe)
    contacts.give_code(zoe, code=f" {code[:4]} {code[4:]}", actor=zoe, at=NOW + 5 * MINUTE)
    proof = ContactProof.objects.get()
    assert (proof.channel, proof.address, proof.means) == ("email", "zoe@example.com", "code")
    assert (proof.proved_at, proof.proved_by) == (NOW + 5 * MINUTE, zoe)
    assert proved(zoe)
    assert acts() == ["send_code", "give_code"]
    assert "zoe@" not in str(last_act().detail)


@pytest.mark.parametrize(("later", "holds"), [(29 * MINUTE, True), (61 * MINUTE, False)])
def test_a_code_holds_for_half_an_hour_at_least_and_an_hour_at_most(zoe, later, holds) -> None:
    code = code_sent(zoe)
    if holds:
        contacts.give_code(zoe, code=code, actor=zoe, at=NOW + later)
        assert proved(zoe)
    else:
        with refused("wrong_code", Invalid):
            contacts.give_code(zoe, code=code, actor=zoe, at=NOW + later)


def test_a_code_is_worth_nothing_to_another_person_or_for_another_address(zoe, lea) -> None:
    code = code_sent(zoe)
    with refused("wrong_code", Invalid):
        contacts.give_code(lea, code=code, actor=lea, at=NOW)
    zoe.email = "zoe@elsewhere.example"
    with refused("wrong_code", Invalid):
        contacts.give_code(zoe, code=code, actor=zoe, at=NOW)


def test_a_changed_address_is_unproved_by_itself(zoe) -> None:
    contacts.give_code(zoe, code=code_sent(zoe), actor=zoe, at=NOW)
    zoe.email = "zoe@elsewhere.example"
    assert not proved(zoe)


def test_nobody_asks_for_a_code_or_gives_it_for_another(zoe, lea) -> None:
    with refused("not_yourself", NotPermitted):
        contacts.send_code(zoe, actor=lea, at=NOW)
    with refused("not_yourself", NotPermitted):
        contacts.give_code(zoe, code="1", actor=lea, at=NOW)


def test_without_an_address_no_code_can_be_sent(zoe) -> None:
    zoe.email = ""
    with refused("no_address"):
        contacts.send_code(zoe, actor=zoe, at=NOW)


def test_a_leader_who_spoke_to_somebody_proves_the_number(zoe, lea) -> None:
    contacts.confirm_spoken(zoe, actor=lea, at=NOW)
    proof = ContactProof.objects.get()
    assert (proof.channel, proof.address, proof.means) == ("voice", zoe.phone, "spoken")
    # Text messages go to the same number.
    assert (zoe.pk, contacts.address(zoe, "sms")) in contacts.proofs([zoe])


def test_who_may_not_prove_and_who_is_it_himself_are_refused(zoe, lea) -> None:
    with refused("no_permission", NotPermitted):
        contacts.confirm_spoken(lea, actor=zoe, at=NOW)
    with refused("about_oneself"):
        contacts.confirm_spoken(lea, actor=lea, at=NOW)
    with refused("no_address"):
        contacts.confirm_spoken(factories.person("nils"), actor=lea, at=NOW)


def test_a_channel_that_is_not_set_up_says_so_and_goes_by_mail() -> None:
    assert contacts.shortfall("email") == ""
    assert contacts.shortfall("sms") == "by e-mail: no text message channel is set up"


# --- pages


def test_on_their_own_page_a_person_asks_for_a_code_and_gives_it() -> None:
    olga = member("olga", "responder")
    browser = signed_in(olga)
    assert "Send me a code" in text_of(browser.get(page_of(olga)))
    assert browser.post(page_of(olga, "send_code")).status_code == 302
    link = OutboxMessage.objects.get().link
    page = browser.get(link)
    code = link.rpartition("=")[2]
    assert f'value="{code}"' in page.content.decode()
    assert not ContactProof.objects.exists()
    assert browser.post(page_of(olga, "give_code"), {"code": "x"}).status_code == 409
    assert browser.post(page_of(olga, "give_code"), {"code": code}).status_code == 302
    assert "gave back the code" in text_of(browser.get(page_of(olga)))


def test_a_leader_confirms_and_finds_who_is_not_verified(zoe) -> None:
    lea = member("lea", "leadership")
    browser = signed_in(lea)
    assert browser.post(page_of(zoe, "confirm_spoken")).status_code == 302
    assert ContactProof.objects.get().proved_by == lea
    assert "zoe" in found(browser, "no")
    zoe.email = "zoe@elsewhere.example"
    zoe.save()
    contacts.give_code(zoe, code=code_sent(zoe, timezone.now()), actor=zoe, at=timezone.now())
    assert found(browser, "yes") == {"zoe"}
    assert "zoe" not in found(browser, "no")


def found(browser: Client, verified: str) -> set[str]:
    page = browser.get(list_of(Person), {"email_verified": verified})
    return {person.username for person in page.context["cl"].result_list}


def test_dan_and_a_responder_may_not_confirm_on_the_page(zoe) -> None:
    for who in (member("dan"), member("rosa", "responder")):
        answer = signed_in(who).post(page_of(zoe, "confirm_spoken"))
        assert answer.status_code == 403
    assert not ContactProof.objects.exists()
