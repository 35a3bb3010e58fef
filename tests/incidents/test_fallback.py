"""What nobody acknowledges in time, or cannot be sent, goes the recipient's next way, once."""

import pytest

from incidents.models import EscalationCall, Incident, OutboxMessage, Person
from incidents.operations import fallback, outbox, paging, sweeps, timeline
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.deliveries import acts as said_by
from tests.factories import NOW
from tests.incidents.scene import MINUTE, Scene
from tests.incidents.test_paging import URGENT, stepped
from tests.ways import ALL, composed, way

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def channels(settings) -> None:
    settings.CHANNELS = ALL


def reachable(who: Person) -> Person:
    """By Slack, then after five minutes by text, then after ten by mail."""
    way(who, "slack", f"U{who.pk}", wait=5)
    way(who, "sms", "+49301234567", wait=10)
    way(who, "email")
    return who


@pytest.fixture
def zoe() -> Person:
    return reachable(factories.person("zoe"))


def gone() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("channel", flat=True))


# --- of one message


def test_silence_leads_to_the_next_way_and_at_last_to_none(zoe) -> None:
    first = composed(zoe)
    assert fallback.sweep(NOW + 4 * MINUTE) == 0
    assert said_by(fallback.sweep, NOW + 5 * MINUTE) == ["test to Zoe again, by text message"]
    second = OutboxMessage.objects.get(follows=first)
    assert (second.dedupe_key, second.way, second.due_at) == ("one:way1", 1, NOW + 5 * MINUTE)
    assert (second.code, second.body) == (first.code, first.body)
    assert second.fall_back_at == NOW + 15 * MINUTE
    assert fallback.sweep(NOW + 14 * MINUTE) == 0
    assert fallback.sweep(NOW + 15 * MINUTE) == 1
    third = OutboxMessage.objects.get(follows=second)
    assert (third.dedupe_key, third.channel) == ("one:way2", "email")
    assert third.fall_back_at is None
    assert fallback.sweep(NOW + 600 * MINUTE) == 0
    assert gone() == ["slack", "sms", "email"]


def test_the_sweep_of_incidents_does_it(zoe) -> None:
    composed(zoe)
    sweeps.sweep(NOW + 5 * MINUTE)
    assert gone() == ["slack", "sms"]


def test_what_died_goes_the_next_way_at_once(zoe) -> None:
    message = composed(zoe)
    (claimed,) = outbox.claim(NOW, channel="slack", limit=1, lease=MINUTE)
    outbox.fail(claimed, error="no such user", permanent=True, at=NOW + MINUTE)
    assert fallback.sweep(NOW + MINUTE) == 1
    assert OutboxMessage.objects.get(follows=message).channel == "sms"


def test_what_only_waits_for_another_attempt_does_not(zoe) -> None:
    composed(zoe)
    (claimed,) = outbox.claim(NOW, channel="slack", limit=1, lease=MINUTE)
    outbox.fail(claimed, error="busy", permanent=False, at=NOW + MINUTE)
    assert fallback.sweep(NOW + 2 * MINUTE) == 0


def test_without_a_time_to_wait_only_death_leads_on() -> None:
    nils = factories.person("nils")
    way(nils, "slack", "U9")
    way(nils, "email")
    composed(nils)
    assert fallback.sweep(NOW + 600 * MINUTE) == 0
    (claimed,) = outbox.claim(NOW, channel="slack", limit=1, lease=MINUTE)
    outbox.fail(claimed, error="gone", permanent=True, at=NOW)
    assert fallback.sweep(NOW) == 1


def test_a_code_that_died_is_sent_nowhere_else(zoe) -> None:
    composed(zoe, channel="sms", address="+49301234567")
    (claimed,) = outbox.claim(NOW, channel="sms", limit=1, lease=MINUTE)
    outbox.fail(claimed, error="no such number", permanent=True, at=NOW)
    assert fallback.sweep(NOW + 600 * MINUTE) == 0


def test_what_was_withdrawn_goes_nowhere(zoe) -> None:
    message = composed(zoe)
    OutboxMessage.objects.filter(pk=message.pk).update(status="void")
    assert fallback.sweep(NOW + 5 * MINUTE) == 0


def test_who_left_is_not_written_to(zoe) -> None:
    composed(zoe)
    Person.objects.filter(pk=zoe.pk).update(is_active=False)
    assert fallback.sweep(NOW + 5 * MINUTE) == 0


def test_ways_that_changed_meanwhile_count_as_they_are_now(zoe) -> None:
    composed(zoe)
    zoe.ways.filter(channel="sms").delete()
    assert fallback.sweep(NOW + 5 * MINUTE) == 1
    assert gone() == ["slack", "email"]


def test_one_that_fails_stops_no_other_and_is_tried_again(zoe, monkeypatch) -> None:
    bad, good = composed(zoe, "bad"), composed(zoe, "good")
    honest = fallback._by_next_way

    def once(message, *more):
        if message.pk == bad.pk:
            raise RuntimeError
        return honest(message, *more)

    monkeypatch.setattr(fallback, "_by_next_way", once)
    assert fallback.sweep(NOW + 5 * MINUTE) == 1
    assert OutboxMessage.objects.get(follows__isnull=False).follows == good
    monkeypatch.setattr(fallback, "_by_next_way", honest)
    assert fallback.sweep(NOW + 5 * MINUTE) == 0
    assert fallback.sweep(NOW + 7 * MINUTE) == 1


# --- in an incident
@pytest.fixture
def here() -> Scene:
    here = stepped({COMMANDER: {**URGENT, "repeat_minutes": 30}})
    reachable(here.ada)
    paging.begin(here.incident, at=NOW)
    assert gone() == ["slack"]
    return here


def test_a_call_goes_the_next_way(here) -> None:
    assert fallback.sweep(NOW + 5 * MINUTE) == 1


def test_who_answered_on_the_page_has_acknowledged(here) -> None:
    paging.answer_call(here.incident, actor=here.ada, at=NOW + MINUTE)
    assert fallback.sweep(NOW + 5 * MINUTE) == 0


def test_who_did_anything_there_has_acknowledged(here) -> None:
    EscalationCall.objects.update(ended="told")  # nobody need answer it
    timeline.note(here.incident, text="On it", actor=here.ada, at=NOW + MINUTE)
    assert fallback.sweep(NOW + 5 * MINUTE) == 0
    message = OutboxMessage.objects.get()
    assert message.acknowledged_by == "act"
    assert message.acknowledged_at == NOW + MINUTE


def test_a_call_that_was_withdrawn_goes_no_further(here) -> None:
    paging.withdraw(here.incident, at=NOW + MINUTE)
    assert fallback.sweep(NOW + 5 * MINUTE) == 0


def test_an_incident_that_is_over_pages_nobody(here) -> None:
    composed(here.ada, "other", topic=here.incident.reference)
    over = {"state": "closed", "closed_at": NOW + MINUTE}
    Incident.objects.filter(pk=here.incident.pk).update(**over)
    assert fallback.sweep(NOW + 5 * MINUTE) == 0


def test_what_is_owed_once_it_is_closed_goes_on(here) -> None:
    OutboxMessage.objects.all().delete()
    over = {"state": "closed", "closed_at": NOW - MINUTE}
    Incident.objects.filter(pk=here.incident.pk).update(**over)
    way(here.ada, "slack", "U1", wait=5, purpose="notice")
    way(here.ada, "email", purpose="notice")
    composed(here.ada, "review", priority=5, topic=here.incident.reference)
    assert fallback.sweep(NOW + 5 * MINUTE) == 1


def test_who_may_see_it_no_longer_hears_nothing(here) -> None:
    cleo = reachable(here.cleo)
    composed(cleo, "told", topic=here.incident.reference)
    Incident.objects.filter(pk=here.incident.pk).update(is_private=True)
    fallback.sweep(NOW + 5 * MINUTE)
    assert not OutboxMessage.objects.filter(recipient=cleo, way=1).exists()
    assert OutboxMessage.objects.filter(recipient=here.ada, way=1).exists()


def test_the_law_s_own_channel_is_followed_by_the_person_s_ways() -> None:
    here = stepped({COMMANDER: {**URGENT, "channel": "voice"}})
    here.ada.phone = "+49 30 7654321"
    here.ada.save()
    way(here.ada, "voice", wait=5)
    way(here.ada, "email")
    paging.begin(here.incident, at=NOW)
    fallback.sweep(NOW + 5 * MINUTE)
    assert gone() == ["voice", "email"]
