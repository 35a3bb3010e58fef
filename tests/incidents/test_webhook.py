"""Webhooks reach a real receiver, which verifies them as the standard says."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest

from incidents.channels import DeliveryReport, deliver
from incidents.channels import webhook as carrying
from incidents.channels.carrying import RefusedError
from incidents.channels.webhook import WebhookCarrier, require_allowed
from incidents.models import OutboxMessage
from incidents.operations import acknowledging
from incidents.rules.webhook_signature import is_signed, sign
from tests.deliveries import letter
from tests.factories import NOW
from tests.receivers import Received, Receiver

pytestmark = pytest.mark.django_db

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ....").decode()


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_SECRET = ["127.0.0.1"], SECRET
    settings.EMAIL_TIMEOUT = 1
    with Receiver() as receiver:
        yield receiver


def call(receiver: Receiver, **fields) -> OutboxMessage:
    fields.setdefault("address", f"{receiver.url}/hook?team=a%2Fb")
    return letter(channel="webhook", **fields)


def reread(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


def verifies(request: Received) -> bool:
    """As a receiver does it, from the standard's text alone."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    mac = hmac.new(key, head.encode() + request.body, sha256).digest()
    return (
        f"v1,{base64.b64encode(mac).decode()}" in request.headers["webhook-signature"].split()
    )


# --- what is sent


def test_a_receiver_verifies_what_it_is_sent(receiver: Receiver) -> None:
    message = call(
        receiver, subject="INC-2026-0001: Störung", link="/admin/x/", role="scribe", topic="T",
        code="K7F3Q9",
    )  # fmt: skip
    assert deliver(NOW, channel="webhook") == DeliveryReport(sent=1)
    [request] = receiver.requests
    assert (request.method, request.path) == ("POST", "/hook?team=a%2Fb")
    assert verifies(request)
    assert request.json == {
        "id": message.pk,
        "kind": "test",
        "topic": "T",
        "subject": "INC-2026-0001: Störung",
        "body": "Please look.",
        "link": "http://testserver/admin/x/",
        "acknowledge": f"http://testserver{acknowledging.link(message)}",
        "role": "scribe",
        "priority": "notice",
        "created_at": NOW.isoformat(),
    }


def test_a_changed_body_does_not_verify(receiver: Receiver) -> None:
    call(receiver)
    deliver(NOW, channel="webhook")
    [request] = receiver.requests
    changed = request.body.replace(b"look", b"pay!")
    assert not verifies(Received("POST", request.path, request.headers, changed))


def test_another_attempt_has_the_same_id_and_another_message_another(
    receiver: Receiver,
) -> None:
    receiver.status = 503
    call(receiver)
    deliver(NOW, channel="webhook")
    receiver.status = 200
    deliver(NOW + timedelta(minutes=5), channel="webhook")
    call(receiver)
    deliver(NOW + timedelta(minutes=5), channel="webhook")
    first, second, other = (one.headers["webhook-id"] for one in receiver.requests)
    assert first == second != other


# --- what is answered


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (200, "sent"),
        (204, "sent"),
        (400, "dead"),
        (404, "dead"),
        (410, "dead"),
        (301, "pending"),
        (401, "pending"),
        (429, "pending"),
        (500, "pending"),
        (503, "pending"),
    ],
)
def test_what_the_receiver_answers_decides(
    receiver: Receiver, status: int, becomes: str
) -> None:
    message = call(receiver)
    receiver.status = status
    deliver(NOW, channel="webhook")
    assert reread(message).status == becomes
    assert (str(status) in reread(message).last_error) is (becomes != "sent")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status = 307
    receiver.headers = {"Location": f"{receiver.url}/elsewhere"}
    call(receiver)
    deliver(NOW, channel="webhook")
    assert [one.path for one in receiver.requests] == ["/hook?team=a%2Fb"]


def test_a_receiver_that_hangs_or_is_away_does_not_stop_the_others(receiver: Receiver) -> None:
    receiver.hang = 1.5
    hanging = call(receiver)
    away = call(receiver, address="http://127.0.0.1:1/hook?token=s3cr3t-token")
    with WebhookCarrier() as carrier:
        for message in (hanging, away):
            with pytest.raises(Exception, match="cannot be reached") as failed:
                carrier.hand_over(carrier.prepare(message))
            assert "s3cr3t" not in str(failed.value)
            assert failed.value.__cause__ is None
        assert carrier.answers
        receiver.hang = 0
        carrier.hand_over(carrier.prepare(hanging))
    assert len(receiver.requests) == 2


# --- where it may go


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/hook",
        "https://hooks.example@elsewhere.example/hook",
        "https://user:password@hooks.example/hook",
        "https://elsewhere.example\\@hooks.example/hook",
        "https://hooks.example.elsewhere.example/",
        "https://hooks.example:99999/",
        "http://hooks.example/hook",
        "ftp://hooks.example/hook",
        "file:///etc/passwd",
        "//hooks.example/",
        "hooks.example",
        "http://169.254.169.254/latest/meta-data",
        "https://[::1/",
        "",
    ],
)
def test_an_address_that_was_not_allowed_is_refused(settings, address: str) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example"]
    with pytest.raises(RefusedError, match="webhook"):
        require_allowed(address)


@pytest.mark.parametrize("address", ["https://Hooks.Example:8443/a", "http://localhost:1/"])
def test_an_allowed_host_is_called_with_tls_or_on_this_machine(settings, address: str) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example", "localhost"]
    require_allowed(address)


def test_a_refused_address_is_dead_and_nobody_was_asked(receiver: Receiver) -> None:
    message = call(receiver, address="https://elsewhere.example/hook")
    deliver(NOW, channel="webhook")
    assert reread(message).status == "dead"
    assert "WEBHOOK_HOSTS" in reread(message).last_error
    assert receiver.requests == []


def test_a_signature_is_of_its_attempt_and_not_of_the_first(receiver, monkeypatch) -> None:
    monkeypatch.setattr(carrying, "time", SimpleNamespace(time=lambda: 1_700_000_000.9))
    with WebhookCarrier() as carrier:
        carrier.hand_over(carrier.prepare(call(receiver)))
    assert receiver.requests[0].headers["webhook-timestamp"] == "1700000000"


# --- the signature itself


def test_the_standards_own_example_is_signed_alike() -> None:
    signed = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, True),
        ({"now": 1300}, True),
        ({"now": 1301}, False),
        ({"now": 699}, False),
        ({"id": "other"}, False),
        ({"body": b"other"}, False),
        ({"timestamp": "1001"}, False),
        ({"timestamp": "soon"}, False),
        ({"timestamp": ""}, False),
    ],
)
def test_only_what_was_signed_lately_holds(changed: dict, holds: bool) -> None:
    body = json.dumps({"a": 1}).encode()
    signature = f"v1,AAAA {sign('plain secret', id='m', timestamp=1000, body=body)}"
    given = {"id": "m", "timestamp": "1000", "body": body, "now": 1000} | changed
    assert is_signed("plain secret", signature, **given) is holds
    assert not is_signed("", signature, **given)
