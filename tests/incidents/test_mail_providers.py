"""Mail by a provider's own API: the URL says all, and the provider's answer is understood."""

import json
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import parse_qs

import pytest

from incidents.channels import DeliveryReport, deliver
from incidents.models import OutboxMessage
from raci_project import mail_providers
from tests.deliveries import letter
from tests.factories import NOW, person
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db

URLS = {
    "brevo": "brevo://KEY@",
    "mailersend": "mailersend://TOKEN@",
    "mailgun": "mailgun://KEY@mg.example.com",
    "mailjet": "mailjet://KEY:SECRET@",
    "mandrill": "mandrill://KEY@",
    "postmark": "postmark://TOKEN@",
    "resend": "resend://KEY@",
    "sparkpost": "sparkpost://KEY@",
}


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.DEFAULT_FROM_EMAIL = "incidents@example.com"
    with Receiver() as receiver:
        yield receiver


def set_up(settings, url: str, receiver: Receiver) -> None:
    settings.EMAIL_BACKEND = mail_providers.backend(url)
    settings.ANYMAIL = mail_providers.anymail(f"{url}?api_url={receiver.url}/v", timeout=1)


def reread(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


def posted(receiver: Receiver) -> dict[str, str]:
    [request] = receiver.requests
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def test_every_provider_is_tried_here_and_documented(settings) -> None:
    assert set(URLS) == set(mail_providers.PROVIDERS)
    documented = (settings.BASE_DIR / "docs" / "channels.md").read_text()
    assert [url for url in URLS.values() if f"`{url}`" not in documented] == []


@pytest.mark.parametrize("name", URLS)
def test_each_provider_is_asked_with_its_key_to_send_the_mail(
    receiver: Receiver, settings, name: str
) -> None:
    set_up(settings, URLS[name], receiver)
    message = letter(person("ada"), subject="INC-2026-0001: Störung", topic="INC-2026-0001")
    deliver(NOW)
    [request] = receiver.requests
    said = request.body + b" ".join(value.encode() for value in request.headers.values())
    assert request.path.startswith("/v/")
    assert b"ada@example.com" in said or b"ada%40example.com" in said
    assert b"topic.INC-2026-0001" in said
    assert reread(message).last_error != "mail provider away"


def test_a_mail_goes_out_by_a_provider(receiver: Receiver, settings) -> None:
    set_up(settings, URLS["mailgun"], receiver)
    receiver.body = b'{"id": "<1@mg.example.com>", "message": "Queued. Thank you."}'
    message = letter(person("ada"), subject="INC-2026-0001: Störung", link="/admin/x/")
    assert deliver(NOW) == DeliveryReport(sent=1)
    said = posted(receiver)
    assert receiver.requests[0].path == "/v/mg.example.com/messages"
    assert parseaddr(said["from"])[1] == "incidents@example.com"
    assert (said["to"], said["subject"]) == ("ada@example.com", "INC-2026-0001: Störung")
    assert "http://testserver/admin/x/" in said["text"]
    assert "http://testserver/admin/x/" in said["html"]
    assert (said["o:tracking-opens"], said["o:tracking-clicks"]) == ("no", "no")
    assert f"<{message.pk}." in said["h:Message-Id"]


INACTIVE = (
    "You tried to send to a recipient that has been marked as inactive.\n Found inactive "
    "addresses: ada@example.com.\n Inactive recipients are ones that have generated a hard bounce."
)


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        (INACTIVE, "dead", "the mail provider refuses the recipient"),
        ("Said another way.", "pending", "the mail provider does not say what became of it"),
    ],
)
def test_a_recipient_the_provider_refuses_is_dead_and_what_it_does_not_say_is_not_sent(
    receiver: Receiver, settings, said: str, status: str, why: str
) -> None:
    set_up(settings, URLS["postmark"], receiver)
    receiver.status = 422
    receiver.body = json.dumps({"ErrorCode": 406, "Message": said}).encode()
    message = letter(person("ada"))
    deliver(NOW)
    assert (reread(message).status, reread(message).last_error) == (status, why)


@pytest.mark.parametrize("status", [401, 402, 429])
def test_a_provider_that_lets_nobody_in_is_away(receiver, settings, status: int) -> None:
    set_up(settings, URLS["mailgun"], receiver)
    receiver.status = status
    messages = [letter(), letter()]
    deliver(NOW)
    assert [reread(message).attempts for message in messages] == [0, 0]
    assert [reread(message).status for message in messages] == ["pending", "pending"]
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 422, 500, 503])
def test_what_may_be_our_fault_or_theirs_is_tried_again(
    receiver: Receiver, settings, status: int
) -> None:
    set_up(settings, URLS["mailgun"], receiver)
    receiver.status, receiver.body = status, b'{"message": "from is not a valid address"}'
    message = letter()
    deliver(NOW)
    assert (reread(message).status, reread(message).attempts) == ("pending", 1)
    assert f"answered {status}" in reread(message).last_error
    assert "not a valid address" in reread(message).last_error


def test_a_provider_that_cannot_be_reached_is_away(receiver: Receiver, settings) -> None:
    set_up(settings, URLS["mailgun"], receiver)
    receiver.hang = 1.5
    message = letter()
    deliver(NOW)
    assert (reread(message).status, reread(message).attempts) == ("pending", 0)


def test_an_address_the_provider_cannot_be_given_is_dead(receiver: Receiver, settings) -> None:
    set_up(settings, URLS["mailgun"], receiver)
    broken = letter(address="ada@example.com, eve@")
    assert deliver(NOW) == DeliveryReport(dead=1)
    assert (reread(broken).status, receiver.requests) == ("dead", [])


@pytest.mark.parametrize(
    ("url", "lacks"),
    [
        ("postmark://", "before an @"),
        ("mailgun://mg.example.com", "mailgun://KEY@mg.example.com"),
        ("mailgun://KEY@", "the domain that sends"),
        ("mailjet://KEY@", "key and secret"),
        *((url, "") for url in URLS.values()),
    ],
)
def test_a_url_says_what_it_lacks(url: str, lacks: str) -> None:
    said = mail_providers.problem(url)
    assert (lacks in said) if lacks else said == ""


def test_a_url_sets_what_anymail_knows() -> None:
    url = "mailgun://k%2Fey@mg.example.com?api_url=https://api.eu.mailgun.net/v3"
    assert mail_providers.anymail(url, timeout=15) == {
        "MAILGUN_API_KEY": "k/ey",
        "MAILGUN_SENDER_DOMAIN": "mg.example.com",
        "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
        "REQUESTS_TIMEOUT": 15,
        "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
    }
    assert mail_providers.anymail("brevo://KEY@", timeout=15) == {
        "BREVO_API_KEY": "KEY",
        "REQUESTS_TIMEOUT": 15,
    }


@pytest.mark.parametrize("name", URLS)
def test_each_provider_is_handed_the_calendar_entry_of_an_invitation(
    receiver: Receiver, settings, name: str
) -> None:
    set_up(settings, URLS[name], receiver)
    entry = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
    message = letter(person("ada"), calendar=entry)
    deliver(NOW)
    [request] = receiver.requests
    assert b"invitation.ics" in request.body
    assert "unsupported" not in reread(message).last_error.lower()
