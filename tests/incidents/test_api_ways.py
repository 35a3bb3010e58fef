"""By the API a person says how they are reached, and that a message arrived."""

import json

import pytest
from django.http import HttpResponse

from incidents.models import AuditEvent, Incident
from tests import callers, factories
from tests.callers import API, Caller, codes
from tests.deliveries import incident
from tests.incidents.scene import again
from tests.ways import ALL, composed, way

pytestmark = pytest.mark.django_db

SAID = {
    "page": [
        {"channel": "sms", "address": "+49301234567", "wait_minutes": 5},
        {"channel": "email"},
    ]
}


@pytest.fixture(autouse=True)
def channels(settings) -> None:
    settings.CHANNELS = ALL


@pytest.fixture
def zoe() -> Caller:
    return callers.caller("zoe", "responder")


def put(who: Caller, whose: str, body: object) -> HttpResponse:
    return who.client.put(
        f"{API}/people/{whose}/ways", json.dumps(body), content_type="application/json"
    )


def test_a_person_says_how_they_are_reached_and_reads_it(zoe) -> None:
    said = put(zoe, "zoe", SAID)
    assert said.status_code == 200, said.content
    assert said.json() == zoe.get("/people/zoe/ways").json()
    first, second = said.json()["page"]
    assert first == {
        "channel": "sms", "address": "+49301234567", "wait_minutes": 5, "is_set_up": True,
        "verified_at": None,
    }  # fmt: skip
    assert second["address"] == "zoe@example.com"
    assert said.json()["notice"] == []


def test_leadership_says_it_for_others_and_a_responder_does_not(zoe) -> None:
    lea = callers.caller("lea", "leadership")
    assert put(lea, "zoe", SAID).status_code == 200
    refused = put(zoe, "lea", SAID)
    assert (refused.status_code, codes(refused)) == (403, ["not_yourself"])


def test_who_may_not_see_or_say_it_is_refused(zoe) -> None:
    dan = callers.caller("dan")
    assert codes(dan.get("/people/zoe/ways")) == ["no_permission"]
    assert codes(put(dan, "dan", SAID)) == ["no_permission"]
    auditor = callers.caller("ines", "auditor")
    assert auditor.get("/people/zoe/ways").status_code == 200
    assert codes(put(auditor, "ines", SAID)) == ["no_permission"]


def test_what_cannot_be_a_way_is_named_with_its_purpose(zoe) -> None:
    wrong = {"page": [{"channel": "sms", "address": "12"}], "digest": [{"channel": "owl"}]}
    answer = put(zoe, "zoe", wrong)
    assert answer.status_code == 422
    reasons = answer.json()["reasons"]
    assert {(one["field"], one["code"]) for one in reasons} == {
        ("page", "unfit_address"), ("digest", "unknown_channel"),
    }  # fmt: skip
    assert codes(put(zoe, "zoe", {"page": []})) == ["no_way_for_pages"]
    assert put(zoe, "zoe", {"page": [{"channel": "email", "wait": 3}]}).status_code == 422
    assert put(zoe, "nobody", SAID).status_code == 404
    assert not AuditEvent.objects.filter(verb="set_ways").exists()


def test_a_recipient_acknowledges_a_message(zoe) -> None:
    way(zoe.person, "sms", "+49301234567", wait=5)
    way(zoe.person, "email")
    message = composed(zoe.person)
    said = zoe.post(f"/messages/{message.pk}/acknowledge")
    assert said.status_code == 200, said.content
    assert (said.json()["is_new"], said.json()["has_answered"]) == (True, False)
    assert again(message).acknowledged_by == "act"
    assert zoe.post(f"/messages/{message.pk}/acknowledge").json()["is_new"] is False


def test_nobody_acknowledges_what_was_sent_to_another(zoe) -> None:
    message = composed(factories.person("eve"))
    answer = zoe.post(f"/messages/{message.pk}/acknowledge")
    assert (answer.status_code, codes(answer)) == (403, ["not_yourself"])
    dan = callers.caller("dan")
    assert codes(dan.post(f"/messages/{message.pk}/acknowledge")) == ["no_permission"]


def test_a_message_about_what_one_may_not_see_is_not_there(zoe) -> None:
    about = incident()
    message = composed(zoe.person, topic=about.reference)
    Incident.objects.filter(pk=about.pk).update(is_private=True)
    assert zoe.post(f"/messages/{message.pk}/acknowledge").status_code == 404
    assert zoe.post("/messages/999999/acknowledge").status_code == 404
