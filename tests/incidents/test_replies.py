"""What people reply comes in signed, is kept whatever it says, and acknowledges what it names."""

import json
import time
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from incidents.models import EscalationCall, OutboxMessage, Person, Reply
from incidents.operations import outbox, paging
from incidents.rules import replies, webhook_signature
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.incidents.admin_room import list_of, member, page_of, signed_in, text_of
from tests.incidents.scene import MINUTE, again
from tests.incidents.test_paging import URGENT, stepped
from tests.ways import ALL, composed, way

pytestmark = pytest.mark.django_db

SECRET = "whsec_c2VjcmV0IG9mIHRoZSByZXBsaWVz"
NUMBER = "+49 (30) 123-4567"


@pytest.fixture(autouse=True)
def channels(settings) -> None:
    settings.CHANNELS = ALL
    settings.REPLY_SECRET = SECRET


@pytest.fixture
def zoe() -> Person:
    zoe = factories.person("zoe")
    way(zoe, "sms", NUMBER, wait=5)
    way(zoe, "email")
    return zoe


def sent(who: Person, **fields) -> OutboxMessage:
    message = composed(who, at=timezone.now(), **fields)
    (claimed,) = outbox.claim(timezone.now(), channel="sms", limit=1, lease=MINUTE)
    outbox.settle(claimed, at=timezone.now())
    return again(message)


def hand_in(said: object, channel: str = "sms", **headers: str) -> HttpResponse:
    """By the secret itself, as a provider that cannot sign does it."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {"authorization": f"Bearer {SECRET}", **headers}
    return Client(enforce_csrf_checks=True).post(
        f"/replies/{channel}", body, content_type="application/json", headers=headers
    )


def said(message: OutboxMessage, **fields: str) -> dict[str, str]:
    return {"id": "m1", "from": "+49301234567", "text": f"ok {message.code.lower()}!", **fields}


# --- what it does


def test_a_reply_with_the_code_from_where_it_was_sent_acknowledges(zoe) -> None:
    message = sent(zoe)
    answer = hand_in(said(message))
    assert (answer.status_code, answer.json()) == (200, {"outcome": "acknowledged"})
    assert again(message).acknowledged_by == "reply"
    assert again(message).fall_back_at is None
    assert Reply.objects.get().message == message


def test_a_form_as_twilio_posts_it_is_read_too(zoe) -> None:
    message = sent(zoe)
    form = {"MessageSid": "SM1", "From": "+49301234567", "Body": message.code, "NumMedia": "0"}
    answer = Client().post(
        "/replies/sms", urlencode(form), content_type="application/x-www-form-urlencoded",
        headers={"authorization": f"Bearer {SECRET}"},
    )  # fmt: skip
    assert answer.json() == {"outcome": "acknowledged"}
    assert Reply.objects.get().external_id == "SM1"


@pytest.mark.parametrize(
    "change",
    [
        {"from": "+4930999999"},
        {"text": "ok"},
        {"text": "BCDFGH"},
        {"from": "zoe"},
    ],
)
def test_without_the_code_or_from_elsewhere_it_acknowledges_nothing(zoe, change) -> None:
    message = sent(zoe)
    assert hand_in(said(message, **change)).json() == {"outcome": "unknown"}
    assert again(message).acknowledged_at is None


def test_a_reply_by_another_channel_acknowledges_nothing(zoe) -> None:
    message = sent(zoe)
    assert hand_in(said(message), "voice").json() == {"outcome": "unknown"}
    assert again(message).acknowledged_at is None


def test_who_left_acknowledges_nothing_by_a_reply(zoe) -> None:
    message = sent(zoe)
    Person.objects.filter(pk=zoe.pk).update(is_active=False)
    assert hand_in(said(message)).json() == {"outcome": "unknown"}


def test_the_same_reply_twice_counts_once(zoe) -> None:
    message = sent(zoe)
    assert [hand_in(said(message)).status_code for _ in range(2)] == [200, 200]
    assert Reply.objects.count() == 1


def test_a_reply_answers_the_call_it_was_about() -> None:
    here = stepped({COMMANDER: URGENT})
    way(here.ada, "sms", NUMBER)
    paging.begin(here.incident, at=timezone.now())
    message = OutboxMessage.objects.get(kind="escalation")
    assert hand_in(said(message)).json() == {"outcome": "acknowledged"}
    assert EscalationCall.objects.get().ended == "answered"


# --- who may hand in


def signed(
    body: bytes, *, secret: str = SECRET, at: int = 0, id: str = "msg_1"
) -> dict[str, str]:
    stamp = int(time.time()) + at
    signature = webhook_signature.sign(secret, id=id, timestamp=stamp, body=body)
    return {
        "authorization": "", "webhook-id": id, "webhook-timestamp": str(stamp),
        "webhook-signature": f"v1,AAAA {signature}",
    }  # fmt: skip


def test_a_signature_lets_in(zoe) -> None:
    body = json.dumps(said(sent(zoe))).encode()
    assert hand_in(body, **signed(body)).json() == {"outcome": "acknowledged"}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": ""},
        {"authorization": "Bearer wrong"},
        {"authorization": f"bearer{SECRET}"},
        signed(b"other"),
        {"webhook-timestamp": "9" * 5000, "authorization": "", "webhook-signature": "v1,AAAA"},
        {"webhook-timestamp": "²", "authorization": "", "webhook-signature": "v1,é"},
    ],
)
def test_without_proof_nobody_hands_in_anything(headers) -> None:
    answer = hand_in({"id": "1", "from": "+1", "text": "ok"}, **headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert not Reply.objects.exists()


def test_an_old_signature_and_one_of_another_secret_let_nobody_in() -> None:
    body = b'{"id": "1", "from": "+1", "text": "ok"}'
    for headers in (signed(body, at=-400), signed(body, at=400), signed(body, secret="x")):
        assert hand_in(body, **headers).status_code == 401


def test_without_a_secret_there_is_no_such_address(settings) -> None:
    settings.REPLY_SECRET = ""
    assert hand_in({"id": "1"}, authorization="Bearer ").status_code == 404


def test_an_unknown_channel_and_another_method_are_refused() -> None:
    assert hand_in({"id": "1"}, "pigeon").status_code == 404
    assert Client().get("/replies/sms").status_code == 405


def test_what_is_too_large_is_refused_unread() -> None:
    for size in (replies.LARGEST + 1, 3_000_000):
        assert hand_in(b"x" * size).status_code == 413
    assert not Reply.objects.exists()


# --- what cannot be read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"[]",
        b'{"id": "1"}',
        b'{"id": "1", "from": "+1", "text": ""}',
        b'{"id": "1", "from": {}, "text": true}',
        b'{"id": "1", "from": "+1", "text": "ok", "n": NaN}',
        b'{"id": "1", "from": "+1", "text": "ok", "n": 1e999}',
        b'{"id": "1", "from": "+1", "text": "ok", "n": ' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        json.dumps({"id": "x" * 201, "from": "+1", "text": "ok"}).encode(),
        json.dumps({"id": "1", "from": "x" * 255, "text": "ok"}).encode(),
    ],
)
def test_what_cannot_be_read_is_refused_and_kept(body) -> None:
    answer = hand_in(body)
    assert (answer.status_code, answer.json()) == (400, {"outcome": "unreadable"})
    kept = Reply.objects.get()
    assert kept.problem
    assert kept.message is None


def test_what_no_database_takes_is_left_out_and_the_rest_kept() -> None:
    body = (
        b'{"id": "1\\u0000", "from": "+1", "text": "o\\ud800k\\u0000", "x\\u0000": ["\\u0000"]}'
    )
    assert hand_in(body).json() == {"outcome": "unknown"}
    kept = Reply.objects.get()
    assert (kept.external_id, kept.text) == ("1", "o?k")
    assert kept.payload["x"] == [""]


# --- the list


def test_replies_are_read_in_the_admin_and_written_by_nobody(zoe) -> None:
    hand_in(said(sent(zoe)))
    hand_in(b"not json")
    reader = signed_in(member("olga", "auditor"))
    words = text_of(reader.get(list_of(Reply)))
    assert "acknowledged" in words.lower()
    assert "unreadable" in words.lower()
    row = Reply.objects.filter(outcome="acknowledged").get()
    assert "+49301234567" in text_of(reader.get(page_of(row)))
    leader = signed_in(member("lea", "leadership"))
    assert leader.post(page_of(row), {"text": "other"}).status_code == 403
    assert leader.get(list_of(Reply, "add")).status_code == 403
    assert signed_in(member("dora")).get(list_of(Reply)).status_code == 403


def test_a_reply_about_a_private_incident_is_hidden_from_strangers() -> None:
    here = stepped({COMMANDER: URGENT})
    way(here.ada, "sms", NUMBER)
    paging.begin(here.incident, at=timezone.now())
    hand_in(said(OutboxMessage.objects.get(kind="escalation")))
    here.incident.is_private = True
    here.incident.save()
    row = Reply.objects.get()
    stranger = signed_in(member("olga", "auditor"))
    assert "+49301234567" not in text_of(stranger.get(list_of(Reply)))
    assert stranger.get(page_of(row)).status_code in (302, 404)
    here.ada.is_staff = True
    here.ada.save()
    ada = signed_in(factories.allow(here.ada, "incidents.view_reply"))
    assert "+49301234567" in text_of(ada.get(list_of(Reply)))
