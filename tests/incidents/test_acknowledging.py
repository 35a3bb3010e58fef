"""Whoever has a message says so: by its link, by a reply, by an act; then it goes no further way."""

import json
import re
from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from incidents.models import EscalationCall, Incident, OutboxMessage, Person
from incidents.operations import acknowledging, fallback, paging
from incidents.rules.reasons import NotPermitted, Refused
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.admin_room import text_of
from tests.incidents.scene import MINUTE, Scene, acts, again, refused
from tests.incidents.test_paging import URGENT, stepped
from tests.ways import ALL, composed, way

pytestmark = pytest.mark.django_db

LINK = OutboxMessage.Means.LINK


@pytest.fixture(autouse=True)
def channels(settings) -> None:
    settings.CHANNELS = ALL


def reachable(who: Person) -> Person:
    way(who, "sms", "+49301234567", wait=5)
    way(who, "email")
    return who


@pytest.fixture
def zoe() -> Person:
    return reachable(factories.person("zoe"))


@pytest.fixture
def here() -> Scene:
    """Ada was called as commander and has not answered."""
    here = stepped({COMMANDER: {**URGENT, "repeat_minutes": 30}})
    reachable(here.ada)
    paging.begin(here.incident, at=NOW)
    return here


def call() -> OutboxMessage:
    return OutboxMessage.objects.get(kind="escalation", way=0)


# --- the operation


def test_what_is_acknowledged_goes_no_further_way(zoe) -> None:
    message = composed(zoe)
    done = acknowledging.acknowledge(message, means=LINK, at=NOW + MINUTE)
    assert (done.is_new, done.has_answered, done.why_not) == (True, False, "")
    assert (done.message.acknowledged_at, done.message.acknowledged_by) == (
        NOW + MINUTE,
        "link",
    )
    assert fallback.sweep(NOW + 5 * MINUTE) == 0
    assert acts() == ["acknowledge"]


def test_a_second_time_changes_nothing(zoe) -> None:
    message = composed(zoe)
    acknowledging.acknowledge(message, means=LINK, at=NOW + MINUTE)
    later = acknowledging.acknowledge(again(message), means="reply", at=NOW + 2 * MINUTE)
    assert not later.is_new
    assert (later.message.acknowledged_at, later.message.acknowledged_by) == (
        NOW + MINUTE,
        "link",
    )
    assert acts() == ["acknowledge"]


def test_whichever_way_it_was_read_every_way_is_acknowledged(zoe) -> None:
    first = composed(zoe)
    fallback.sweep(NOW + 5 * MINUTE)
    second = OutboxMessage.objects.get(follows=first)
    acknowledging.acknowledge(second, means=LINK, at=NOW + 6 * MINUTE)
    assert again(first).acknowledged_at == again(second).acknowledged_at == NOW + 6 * MINUTE


def test_what_waits_still_because_its_channel_is_away_is_withdrawn(zoe) -> None:
    first = composed(zoe)
    fallback.sweep(NOW + 5 * MINUTE)
    second = OutboxMessage.objects.get(follows=first)
    OutboxMessage.objects.filter(pk=second.pk).update(status="sent", sent_at=NOW + 5 * MINUTE)
    acknowledging.acknowledge(again(second), means=LINK, at=NOW + 6 * MINUTE)
    assert (again(first).status, again(second).status) == ("void", "sent")


def test_others_of_its_kind_and_incident_end_with_it_and_nothing_else_does(here) -> None:
    topic = here.incident.reference
    one, alike = (composed(here.ada, key, topic=topic) for key in ("one", "alike"))
    other = composed(here.ada, "other", topic=topic, kind="other")
    elsewhere = composed(here.ada, "elsewhere", topic="INC-9")
    cleo = composed(reachable(here.cleo), "cleo", topic=topic)
    acknowledging.acknowledge(one, means=LINK, at=NOW + MINUTE)
    ended = {row.dedupe_key for row in OutboxMessage.objects.exclude(acknowledged_at=None)}
    assert ended == {one.dedupe_key, alike.dedupe_key}
    assert all(again(row).fall_back_at for row in (other, elsewhere, cleo))


def test_a_call_is_answered_by_it(here) -> None:
    done = acknowledging.acknowledge(call(), means=LINK, at=NOW + MINUTE)
    assert (done.is_new, done.has_answered) == (True, True)
    assert {row.ended for row in EscalationCall.objects.all()} == {"answered"}
    assert acts() == ["answer_call", "acknowledge"]


def test_a_call_that_cannot_be_answered_is_acknowledged_all_the_same(here) -> None:
    paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)
    done = acknowledging.acknowledge(call(), means=LINK, at=NOW + 2 * MINUTE)
    assert (done.is_new, done.has_answered) == (True, False)
    assert done.why_not.startswith("No call waits for you here")
    assert acts() == ["answer_call", "acknowledge"]


def test_who_may_not_answer_calls_does_not_by_a_link(here) -> None:
    here.ada.groups.clear()
    done = acknowledging.acknowledge(call(), means=LINK, at=NOW + MINUTE)
    assert (done.is_new, done.has_answered) == (True, False)
    assert "no permission" in done.why_not
    assert EscalationCall.objects.get().ended == ""


def test_who_left_acknowledges_nothing(zoe) -> None:
    message = composed(zoe)
    zoe.is_active = False
    zoe.save()
    with refused("nobody_to_acknowledge"):
        acknowledging.acknowledge(again(message), means=LINK, at=NOW)


def test_signed_in_one_acknowledges_ones_own_and_nobody_elses(zoe) -> None:
    message = composed(zoe)
    own = factories.allow(zoe, "incidents.acknowledge_outboxmessage")
    other = factories.allow(factories.person("eve"), "incidents.acknowledge_outboxmessage")
    with refused("not_yourself", NotPermitted):
        acknowledging.acknowledge_own(message, actor=other, at=NOW)
    with refused("no_permission", NotPermitted):
        acknowledging.acknowledge_own(message, actor=factories.person("dan"), at=NOW)
    assert acknowledging.acknowledge_own(message, actor=own, at=NOW).is_new
    assert again(message).acknowledged_by == "act"


# --- the link


def test_a_link_is_for_what_can_be_acknowledged(zoe) -> None:
    assert acknowledging.link(composed(zoe))
    assert acknowledging.link(composed(zoe, "notice", priority=5)) == ""


def test_a_link_holds_for_two_weeks_and_for_its_message_alone(zoe) -> None:
    message, other = composed(zoe), composed(zoe, "other")
    token = acknowledging.link(message).split("/")[2]
    assert acknowledging.message_of(token, at=NOW + timedelta(days=13)) == message
    made_up = token.replace(str(message.pk), str(other.pk), 1)
    for wrong, at in (
        (token, NOW + timedelta(days=14)), (made_up, NOW), (token[:-1], NOW), ("", NOW),
        (f"{message.pk}", NOW), ("x" * 5000, NOW), ("\0", NOW),
    ):  # fmt: skip
        with pytest.raises(Refused) as caught:
            acknowledging.message_of(wrong, at=at)
        assert caught.value.has("no_such_link")


def test_the_link_of_another_purpose_acknowledges_nothing(zoe) -> None:
    message = composed(zoe)
    with pytest.raises(Refused):
        acknowledging.message_of(Signer(salt="incidents.muting").sign(str(message.pk)), at=NOW)


# --- the page


def page_of(message: OutboxMessage) -> tuple[Client, str]:
    OutboxMessage.objects.filter(pk=message.pk).update(created_at=timezone.now())
    return Client(enforce_csrf_checks=True), acknowledging.link(message)


def test_reading_the_page_changes_nothing_and_pressing_its_button_acknowledges(zoe) -> None:
    message = composed(zoe, subject="INC-7 [triage] payments fail")
    anybody, path = page_of(message)
    for _ in range(2):
        page = anybody.get(path)
        assert "INC-7 [triage] payments fail" in text_of(page)
        assert "I have it" in text_of(page)
    assert anybody.head(path).status_code == 200
    assert again(message).acknowledged_at is None
    page = anybody.post(path)
    assert page.status_code == 200
    assert "Zoe has this message since" in text_of(page)
    assert again(message).acknowledged_by == "link"
    assert "Zoe has this message since" in text_of(anybody.get(path))
    assert acts() == ["acknowledge"]


def test_the_page_of_a_call_answers_it(here) -> None:
    anybody, path = page_of(call())
    assert "I am here" in text_of(anybody.get(path))
    assert "Your call is answered" in text_of(anybody.post(path))
    assert EscalationCall.objects.get().ended == "answered"


def test_the_page_says_plainly_that_a_call_was_not_answered(here) -> None:
    paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)
    anybody, path = page_of(call())
    assert "Your call was not answered by this: No call waits for you" in text_of(
        anybody.post(path)
    )


def test_what_became_private_is_not_told_on_the_page(here) -> None:
    message = composed(
        reachable(here.cleo), topic=here.incident.reference, subject="Secret matter"
    )
    Incident.objects.filter(pk=here.incident.pk).update(is_private=True)
    anybody, path = page_of(message)
    assert "Secret matter" not in text_of(anybody.get(path))


@pytest.mark.parametrize("token", ["x", "1:abc", "1", "%00", "9" * 300])
def test_a_link_that_does_not_hold_says_so(token) -> None:
    answer = Client().post(f"/acknowledge/{token}/")
    assert answer.status_code == 404
    assert "This link does not hold" in text_of(answer)


def test_no_link_of_a_page_leads_a_referrer_out_and_nothing_is_kept(zoe) -> None:
    anybody, path = page_of(composed(zoe))
    answer: HttpResponse = anybody.get(path)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert not re.search(r'(?:src|href)="https?:', answer.content.decode())
    assert not json.dumps(dict(anybody.cookies)).strip("{}")
