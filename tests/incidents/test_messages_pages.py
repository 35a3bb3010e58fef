"""Messages in the admin and by API: what is dead is seen, found and sent again."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.models import AuditEvent, OutboxMessage, Outlet
from incidents.operations import outlets
from tests import callers
from tests.callers import codes
from tests.deliveries import incident, letter
from tests.factories import NOW
from tests.incidents.admin_room import list_of, member, page_of, said, signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea() -> Client:
    return signed_in(member("lea", "leadership"))


def dead(**fields) -> OutboxMessage:
    return letter(status="dead", attempts=10, last_error="550 no such user", **fields)


def statuses() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("status", flat=True))


# --- messages


def test_the_list_shows_what_the_provider_answered(lea) -> None:
    dead()
    assert "550 no such user" in text_of(lea.get(list_of(OutboxMessage)))


def test_an_empty_list_says_what_comes_first(lea) -> None:
    assert "Nothing was promised" in text_of(lea.get(list_of(OutboxMessage)))


def test_a_dead_message_is_sent_again_from_its_page(lea) -> None:
    message = dead()
    assert "Send again" in text_of(lea.get(page_of(message)))
    assert lea.post(page_of(message, "resend")).status_code == 302
    assert statuses() == ["pending"]


def test_a_page_says_beforehand_why_a_message_is_not_sent_again(lea) -> None:
    assert "only a dead one is sent again" in text_of(lea.get(page_of(letter(), "resend")))


def test_many_are_sent_again_by_channel(lea) -> None:
    dead(channel="slack")
    dead(channel="slack")
    dead()
    page = list_of(OutboxMessage, "resend_many")
    words = text_of(lea.get(page))
    assert "Slack (2)" in words
    assert "All (3)" in words
    done = lea.post(page, {"channel": "slack"})
    assert said(done) == ["2 messages are in the queue again."]
    assert statuses() == ["pending", "pending", "dead"]


def test_rows_chosen_in_the_list_lead_to_the_page_that_asks(lea) -> None:
    one, other = dead(), dead()
    chosen = {"action": "resend_chosen", "_selected_action": [one.pk]}
    asked = lea.post(list_of(OutboxMessage), chosen)
    assert asked.url == f"{list_of(OutboxMessage, 'resend_many')}?keys={one.pk}"
    assert statuses() == ["dead", "dead"]
    assert f'value="{one.pk}"' in lea.get(asked.url).content.decode()
    lea.post(asked.url, {"keys": str(one.pk)})
    assert statuses() == ["pending", "dead"]
    assert other.status == "dead"


def test_rows_of_which_none_is_dead_lead_nowhere(lea) -> None:
    chosen = {"action": "resend_chosen", "_selected_action": [letter().pk]}
    refused = lea.post(list_of(OutboxMessage), chosen)
    assert "None of these is dead" in said(refused)[0]


@pytest.mark.parametrize("keys", ["one", "1,x"])
def test_numbers_that_are_none_are_said_so(lea, keys: str) -> None:
    dead()
    refused = lea.post(list_of(OutboxMessage, "resend_many"), {"keys": keys})
    assert refused.status_code == 409
    assert "Write numbers" in text_of(refused)
    assert statuses() == ["dead"]


def test_nobody_without_the_permission_sends_again() -> None:
    message, dan = dead(), signed_in(member("audrey", "auditor"))
    assert dan.post(page_of(message, "resend")).status_code == 403
    assert dan.post(list_of(OutboxMessage, "resend_many")).status_code == 403
    assert statuses() == ["dead"]


def test_the_list_costs_the_same_however_many_there_are(lea) -> None:
    dead()
    lea.get(list_of(OutboxMessage))
    with CaptureQueriesContext(connection) as few:
        lea.get(list_of(OutboxMessage))
    for _ in range(20):
        dead()
    with CaptureQueriesContext(connection) as many:
        lea.get(list_of(OutboxMessage))
    assert len(few) == len(many)


# --- outlets


def email() -> Outlet:
    return Outlet.objects.get(pk="email")


def test_a_rate_is_set_by_hand(lea) -> None:
    done = lea.post(page_of(email(), "set_rate"), {"rate_per_minute": 60})
    assert done.status_code == 302
    assert email().rate_per_minute == 60
    assert "At most 60 a minute" in text_of(lea.get(list_of(Outlet)))


def test_a_rate_that_nothing_keeps_stands_beside_its_field(lea) -> None:
    refused = lea.post(page_of(email(), "set_rate"), {"rate_per_minute": 0})
    assert refused.status_code == 409
    assert email().rate_per_minute is None


def test_a_paused_channel_says_so_and_is_tried_again_by_hand(lea) -> None:
    outlets.pause("email", error="mail server away", at=NOW.replace(year=2126))
    words = text_of(lea.get(list_of(Outlet)))
    assert "Paused: its provider is away" in words
    assert "mail server away" in words
    lea.post(page_of(email(), "resume"))
    assert email().paused_until is None
    assert AuditEvent.objects.filter(verb="resume", subject_id="email").exists()


def test_who_may_not_is_not_offered_it() -> None:
    audrey = signed_in(member("audrey", "auditor"))
    assert "Limit its speed" not in text_of(audrey.get(page_of(email())))
    for verb in ("set_rate", "resume"):
        assert audrey.post(page_of(email(), verb)).status_code == 403


# --- the API


def test_messages_are_listed_by_api_and_sent_again() -> None:
    lea = callers.caller("lea", "leadership")
    letter()
    message = dead(topic="INC-1", channel="slack")
    query = "?status=dead&channel=slack&topic=INC-1&kind=test"
    [shown] = lea.get(f"/messages{query}").json()["items"]
    assert (shown["id"], shown["last_error"]) == (message.pk, "550 no such user")
    again = lea.post(f"/messages/{message.pk}/resend")
    assert (again.status_code, again.json()["status"]) == (200, "pending")
    refused = lea.post(f"/messages/{message.pk}/resend")
    assert (refused.status_code, codes(refused)) == (409, ["message_not_dead"])


def test_messages_come_by_pages_the_newest_first() -> None:
    lea = callers.caller("lea", "leadership")
    made = [letter().pk for _ in range(3)]
    first = lea.get("/messages?limit=2").json()
    assert [one["id"] for one in first["items"]] == made[:0:-1]
    assert first["next"]
    rest = lea.client.get(first["next"]).json()
    assert [one["id"] for one in rest["items"]] == made[:1]


def test_who_may_not_see_an_incident_does_not_see_its_messages() -> None:
    lea = callers.caller("lea", "leadership")
    incident(reference="INC-7", is_private=True)
    message = dead(topic="INC-7")
    assert lea.get("/messages").json()["items"] == []
    assert lea.post(f"/messages/{message.pk}/resend").status_code == 404
    assert statuses() == ["dead"]


def test_nobody_without_the_permission_sends_again_by_api() -> None:
    audrey = callers.caller("audrey", "auditor")
    message = dead()
    refused = audrey.post(f"/messages/{message.pk}/resend")
    assert (refused.status_code, codes(refused)) == (403, ["no_permission"])
    assert statuses() == ["dead"]
