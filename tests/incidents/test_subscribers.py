"""Subscribers: ask, confirm by a mail, leave by one click; nobody learns who is one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.channels.letters import as_mail
from incidents.models import AuditEvent, OutboxMessage, Service, Subscriber
from incidents.operations import places, subscribers, sweeps
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "amelie@example.org"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def service(slug: str, public_name: str) -> Service:
    return factories.service(slug, public_name=public_name)


def subscribe(email: str = ADDRESS, *, at=NOW, services=()) -> None:
    subscribers.subscribe(email=email, services=services, at=at)


def link() -> str:
    """Of the newest mail that asks to confirm."""
    return OutboxMessage.objects.filter(kind="subscribe").order_by("-pk")[0].link


def token() -> str:
    return link().split("/")[3]


def listener(email: str = ADDRESS, *services: Service) -> Subscriber:
    """Somebody who subscribed and confirmed."""
    subscribe(email, services=services)
    subscribers.confirm(token(), at=NOW)
    return Subscriber.objects.get(email=email)


def published(to: Subscriber, **fields) -> OutboxMessage:
    """An update on its way to a subscriber."""
    given = {
        "dedupe_key": f"update:7:sub:{to.pk}", "kind": places.KIND, "address": to.email,
        "subject": "Card payments: partial outage", "body": "We look into it.",
        "link": "/status/incidents/inc-1.html", "topic": "INC-1", "created_at": NOW,
        "due_at": NOW, "next_attempt_at": NOW,
    }  # fmt: skip
    return OutboxMessage.objects.create(**given | fields)


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))


def code_of(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reasons[0].code


# --- asking


def test_who_asks_gets_one_mail_and_nothing_else_before_confirming() -> None:
    subscribe("  Amelie@Example.org ")
    mail = OutboxMessage.objects.get()
    assert (mail.kind, mail.address, mail.recipient) == ("subscribe", ADDRESS, None)
    assert not Subscriber.objects.listening().exists()
    assert acts() == ["subscribe"]


def test_within_ten_minutes_an_address_gets_no_second_mail() -> None:
    subscribe()
    subscribe(at=NOW + 9 * MINUTE)
    assert OutboxMessage.objects.count() == 1
    subscribe(at=NOW + 10 * MINUTE)
    assert OutboxMessage.objects.count() == 2


def test_mails_to_strangers_are_few_in_all(monkeypatch) -> None:
    monkeypatch.setattr(subscribers, "MAILS_IN_ALL", 2)
    for name in "ab":
        subscribe(f"{name}@example.org")
    assert code_of(lambda: subscribe("c@example.org")) == "too_many_now"
    assert OutboxMessage.objects.count() == Subscriber.objects.count() == 2
    subscribe("c@example.org", at=NOW + 10 * MINUTE)
    assert OutboxMessage.objects.count() == 3


def test_more_services_than_a_link_can_carry_are_invalid() -> None:
    many = [service(f"s-{number}", f"Service {number}") for number in range(21)]
    with pytest.raises(Invalid) as refused:
        subscribe(services=many)
    assert refused.value.has("too_many_services")
    subscribe(services=many[:20])
    assert len(link()) <= 300


def test_no_audit_line_says_an_address() -> None:
    one = listener()
    subscribers.unsubscribe(_stop(one), at=NOW)
    lea = factories.allow(factories.person("lea"), subscribers.REMOVE)
    subscribers.remove(one, actor=lea, at=NOW)
    assert acts() == ["subscribe", "confirm", "unsubscribe", "remove"]
    for event in AuditEvent.objects.all():
        assert "@" not in f"{event.subject} {event.detail}"


# --- the mail


def test_the_mail_leads_to_the_page_that_confirms_and_never_into_the_program(settings) -> None:
    settings.SITE_URL = "https://in.example"
    cards = service("card-acq", "Card payments")
    subscribe(services=[cards])
    mail = as_mail(OutboxMessage.objects.get())
    html = mail.alternatives[0].content
    for text in (mail.body, html):
        assert "on Card payments" in text
        assert "/subscribe/confirm/" in text
        assert "/admin/" not in text
        assert "card-acq" not in text
        assert "governance" not in text
    assert "Confirm</a>" in html
    assert {urlsplit(url).netloc for url in re.findall(r'href="([^"]+)"', html)} == {
        "in.example"
    }


def test_an_update_leaves_with_the_headers_of_rfc_8058(settings) -> None:
    settings.SITE_URL = "https://in.example"
    mail = as_mail(published(listener()))
    assert mail.extra_headers["List-Unsubscribe"].startswith(
        "<https://in.example/subscribe/stop/"
    )
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/admin/" not in mail.body


def test_only_an_update_to_a_subscriber_has_a_link_to_leave() -> None:
    one = listener()
    assert subscribers.unsubscribe_link(published(one)).startswith("/subscribe/stop/")
    for fields in (
        {"dedupe_key": "update:7:place:1"},
        {"dedupe_key": "update:8:sub:1", "kind": "update"},
        {"dedupe_key": "update:9:sub:1", "recipient": factories.person()},
    ):
        assert subscribers.unsubscribe_link(published(one, **fields)) == ""


# --- confirming


def test_opening_the_link_changes_nothing_and_the_button_confirms_once() -> None:
    cards = service("card-acq", "Card payments")
    subscribe(services=[cards])
    page = Client().get(link())
    assert "Updates on incidents of Card payments would be sent" in text_of(page)
    assert not Subscriber.objects.listening().exists()
    for _ in range(2):
        assert "You are subscribed" in text_of(Client().post(link()))
    assert list(Subscriber.objects.listening().get().services.all()) == [cards]
    assert acts() == ["subscribe", "confirm"]


def test_a_stranger_who_types_an_address_changes_nothing_for_its_owner() -> None:
    cards = service("card-acq", "Card payments")
    one = listener()
    subscribe(at=NOW + DAY, services=[cards])
    assert Subscriber.objects.listening().get() == one
    assert not one.services.exists()
    subscribers.confirm(token(), at=NOW + DAY)
    assert list(one.services.all()) == [cards]


def test_a_link_to_confirm_holds_three_days() -> None:
    subscribe()
    assert code_of(lambda: subscribers.confirm(token(), at=NOW + 3 * DAY)) == "no_such_link"
    subscribers.confirm(token(), at=NOW + 3 * DAY - MINUTE)
    assert Subscriber.objects.listening().exists()


def test_a_link_from_before_leaving_does_not_bring_back() -> None:
    one = listener()
    subscribers.unsubscribe(_stop(one), at=NOW + MINUTE)
    assert code_of(lambda: subscribers.confirm(token(), at=NOW + 2 * MINUTE)) == "no_such_link"
    subscribe(at=NOW + DAY)
    subscribers.confirm(token(), at=NOW + DAY)
    assert Subscriber.objects.listening().exists()


def test_a_link_made_up_or_cut_off_is_a_clear_404_without_a_way_into_the_program() -> None:
    subscribe()
    wrong = [link().replace(":", "0:"), f"{link()[:-9]}/", "/subscribe/confirm/7/"]
    wrong += [f"/subscribe/stop/{token()}/", "/subscribe/stop/7/"]
    for address in wrong:
        for answer in (Client().get(address), Client().post(address)):
            assert answer.status_code == 404
            assert "This link does not hold" in text_of(answer)
            assert "/admin/" not in answer.text
    assert not Subscriber.objects.listening().exists()


# --- leaving


def _stop(one: Subscriber) -> str:
    shown = OutboxMessage(dedupe_key=f"update:1:sub:{one.pk}", kind=places.KIND)
    return subscribers.unsubscribe_link(shown).split("/")[3]


def test_opening_the_link_to_leave_changes_nothing_and_the_button_ends_it() -> None:
    one = listener()
    address = subscribers.unsubscribe_link(published(one))
    assert "Stop these updates?" in text_of(Client().get(address))
    assert Subscriber.objects.listening().exists()
    assert "You get no more updates" in text_of(Client().post(address))
    assert not Subscriber.objects.listening().exists()


def test_a_mailbox_leaves_with_one_click_without_cookie_or_token() -> None:
    address = subscribers.unsubscribe_link(published(listener()))
    mailbox = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = mailbox.post(address, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.cookies) == (200, {})
    assert not Subscriber.objects.listening().exists()
    assert acts() == ["subscribe", "confirm", "unsubscribe"]


def test_what_waits_for_who_leaves_is_withdrawn_and_what_others_get_is_not() -> None:
    one, other = listener(), listener("bo@example.org")
    waits, held, others = (
        published(one),
        published(one, dedupe_key=f"update:8:sub:{one.pk}", claim="worker"),
        published(other),
    )
    subscribers.unsubscribe(_stop(one), at=NOW)
    for message, status in ((waits, "void"), (held, "pending"), (others, "pending")):
        message.refresh_from_db()
        assert message.status == status


def test_the_link_of_who_was_forgotten_says_that_nothing_is_sent() -> None:
    one = listener()
    address = f"/subscribe/stop/{_stop(one)}/"
    one.delete()
    for answer in (Client().get(address), Client().post(address)):
        assert "You get no more updates" in text_of(answer)


# --- the page


def test_the_page_answers_the_same_whether_the_address_is_known_or_not() -> None:
    listener()
    answers = [
        Client().post("/subscribe/", {"email": email}).content
        for email in (ADDRESS, "new@example.org")
    ]
    assert answers[0] == answers[1]
    assert b"Look into your mailbox" in answers[0]


def test_the_page_offers_services_by_their_public_names_alone() -> None:
    cards = service("card-acq", "Card payments")
    factories.service("kafka-7", public_name="")
    shown = Client().get("/subscribe/")
    assert "Card payments" in text_of(shown)
    assert "kafka" not in shown.text.lower()
    Client().post("/subscribe/", {"email": ADDRESS, "services": [cards.pk]})
    assert subscribers.asked_by(token(), at=NOW).services == (cards,)


def test_what_is_no_address_is_said_beside_the_field() -> None:
    for email, words in (("", "Write your e-mail address."), ("amelie", "valid email")):
        answer = Client().post("/subscribe/", {"email": email})
        assert answer.status_code == 422
        assert words in text_of(answer)
    assert not Subscriber.objects.exists()


def test_a_program_that_fills_in_everything_is_thanked_and_ignored() -> None:
    answer = Client().post("/subscribe/", {"email": ADDRESS, "website": "https://spam.example"})
    assert "Look into your mailbox" in text_of(answer)
    assert not Subscriber.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_too_many_at_once_are_asked_to_come_back(monkeypatch) -> None:
    monkeypatch.setattr(subscribers, "MAILS_IN_ALL", 0)
    answer = Client().post("/subscribe/", {"email": ADDRESS})
    assert answer.status_code == 429
    assert "try again in ten minutes" in text_of(answer)


def test_the_form_wants_its_own_page_before_it() -> None:
    assert Client(enforce_csrf_checks=True).post("/subscribe/", {}).status_code == 403


# --- forgetting


def test_who_never_confirms_is_forgotten_and_so_is_where_the_mail_went() -> None:
    subscribe()
    listener("bo@example.org")
    sweeps.sweep(NOW + 3 * DAY - MINUTE)
    assert Subscriber.objects.count() == 2
    sweeps.sweep(NOW + 3 * DAY)
    assert list(Subscriber.objects.values_list("email", flat=True)) == ["bo@example.org"]
    assert not OutboxMessage.objects.filter(address=ADDRESS).exists()


def test_forgetting_many_asks_no_more_than_forgetting_one() -> None:
    statements = []
    for emails in (["a@example.org"], ["b@example.org", "c@example.org", "d@example.org"]):
        for email in emails:
            subscribe(email)
        with CaptureQueriesContext(connection) as asked:
            assert subscribers.forget_unconfirmed(NOW + 3 * DAY) == len(emails)
        statements.append(len(asked))
    assert statements[0] == statements[1]
    assert set(OutboxMessage.objects.values_list("address", flat=True)) == {"erased"}


def test_the_mails_of_who_is_forgotten_are_found_by_their_keys() -> None:
    subscribe()
    found = OutboxMessage.objects.filter(subscribers._asked_of(Subscriber.objects.get()))
    assert found.count() == 1
    if connection.vendor == "sqlite":  # where a prefix alone is no index's
        assert "SEARCH" in found.order_by().explain()


def test_who_left_is_forgotten_a_month_later_in_every_message() -> None:
    left, stays = listener(), listener("bo@example.org")
    published(left)
    subscribers.unsubscribe(_stop(left), at=NOW)
    assert subscribers.forget_left(NOW + 30 * DAY - MINUTE) == 0
    assert subscribers.forget_left(NOW + 30 * DAY) == 1
    assert list(Subscriber.objects.all()) == [stays]
    assert not OutboxMessage.objects.filter(address=ADDRESS).exists()


def test_who_is_removed_is_forgotten_in_every_message() -> None:
    one = listener()
    waits = published(one)
    lea = factories.allow(factories.person("lea"), subscribers.REMOVE)
    subscribers.remove(one, actor=lea, at=NOW)
    waits.refresh_from_db()
    assert (waits.status, waits.address) == ("void", "erased")
    assert not OutboxMessage.objects.filter(address=ADDRESS).exists()
    assert not Subscriber.objects.exists()


def test_who_may_not_removes_nobody() -> None:
    one, dan = listener(), factories.person("dan")
    with pytest.raises(NotPermitted) as refused:
        subscribers.remove(one, actor=dan, at=NOW)
    assert refused.value.has("no_permission")
    assert Subscriber.objects.filter(pk=one.pk).exists()


# --- the admin


def test_leadership_sees_masked_addresses_and_forgets_one() -> None:
    one, lea = listener(), signed_in(member("lea", "leadership"))
    for address in (list_of(Subscriber), page_of(one), page_of(one, "remove")):
        page = lea.get(address)
        assert page.status_code == 200
        assert ADDRESS not in page.text
    assert "a…@example.org" in text_of(lea.get(list_of(Subscriber)))
    answer = lea.post(page_of(one, "remove"), {})
    assert (answer.status_code, answer.url) == (302, list_of(Subscriber))
    assert not Subscriber.objects.exists()


def test_the_whole_address_finds_it_and_a_part_of_it_does_not() -> None:
    listener()
    lea = signed_in(member("lea", "leadership"))
    assert "a…@" in text_of(lea.get(list_of(Subscriber), {"q": ADDRESS}))
    assert "a…@" not in text_of(lea.get(list_of(Subscriber), {"q": "amelie"}))


@pytest.mark.parametrize("group", ["responder", "planner", "auditor"])
def test_who_sees_everything_else_does_not_see_these_addresses(group) -> None:
    one, they = listener(), signed_in(member("they", group))
    for address in (list_of(Subscriber), page_of(one), page_of(one, "remove")):
        assert they.get(address).status_code == 403


def test_nobody_reads_their_addresses_among_the_messages_nor_confirms_for_them() -> None:
    one = listener()
    rows = [OutboxMessage.objects.get(), published(one)]
    they = signed_in(member("they", "responder"))
    for row in rows:
        page = they.get(page_of(row))
        assert page.status_code == 200
        assert ADDRESS not in page.text
        assert "a…@example.org" in text_of(page)
        assert "/subscribe/confirm/" not in page.text
    to_a_place = published(one, dedupe_key="update:7:place:1", address="room@example.org")
    assert "room@example.org" in they.get(page_of(to_a_place)).text


def test_dan_sees_none_of_it() -> None:
    one, dan = listener(), signed_in(member("dan"))
    for address in (list_of(Subscriber), page_of(one)):
        assert dan.get(address).status_code == 403
    assert dan.post(page_of(one, "remove"), {}).status_code == 403
    assert Subscriber.objects.filter(pk=one.pk).exists()
