"""Places: each audience is told where it reads, in order, and nobody else; the page says how far."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.channels import deliver
from incidents.models import Customer, OutboxMessage, Update
from incidents.operations import broadcasts, outbox, places
from incidents.rules.reasons import NotPermitted
from tests import factories
from tests.deliveries import incident
from tests.factories import NOW
from tests.incidents.scene import MINUTE, last_act
from tests.publishing import place, published, subscriber

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=2)


def composed(update: Update) -> list[OutboxMessage]:
    places.compose(update, at=NOW)
    return list(OutboxMessage.objects.order_by("pk"))


# --- what is composed


def test_every_active_place_of_the_audience_is_told_once() -> None:
    place("Merchants")
    place("Room", channel="slack", address="#status")
    place("Old", is_active=False)
    place("Board", audience="executive")
    update = published(services=("cards",), impact="partial")
    assert len(composed(update)) == 2
    assert places.compose(update, at=NOW) == 2
    slack, mail = OutboxMessage.objects.order_by("address")
    assert (slack.channel, slack.address) == ("slack", "#status")
    assert (mail.channel, mail.address) == ("email", "merchants@lists.example")
    assert (mail.kind, mail.priority, mail.recipient, mail.role) == ("published", 5, None, "")


def test_strangers_read_public_words_and_never_the_incidents_title() -> None:
    place()
    update = published(
        incident(reference="INC-7", title="db-42 is on fire"), services=("cards",),
        impact="major", corrects=published(at=NOW - 10 * MINUTE),
    )  # fmt: skip
    [message] = composed(update)
    assert message.subject == "Cards: major outage"
    assert message.body == (
        "Correction of our update of 2026-11-23 08:50 UTC\n\n"
        "Some card payments **fail**. We are working on it."
    )
    assert message.link == "/status/incidents/inc-7.html"
    assert "db-42" not in message.subject + message.body


@pytest.mark.parametrize(
    ("audience", "link", "subject"),
    [
        (
            "internal",
            "/admin/incidents/incident/{}/change/",
            "INC-7: internal update, identified",
        ),
        ("customers", "", "Our service: degraded performance"),
    ],
)
def test_where_more_is_to_be_read_depends_on_the_audience(
    audience: str, link: str, subject: str
) -> None:
    place(audience=audience)
    update = published(incident(reference="INC-7"), audience=audience, stage="identified")
    [message] = composed(update)
    assert (message.link, message.subject) == (link.format(update.incident_id), subject)


def test_of_what_works_and_is_looked_at_the_stage_is_said() -> None:
    place()
    [message] = composed(published(services=("cards",), impact="none", stage="monitoring"))
    assert message.subject == "Cards: monitoring"


def test_many_services_are_not_all_named() -> None:
    place()
    [message] = composed(published(services=("a", "b", "c", "d", "e"), stage="resolved"))
    assert message.subject == "A, B, C and 2 more: resolved"


@pytest.mark.parametrize(
    ("kind", "is_private", "audience", "is_told"),
    [
        ("exercise", False, "public", False),
        ("exercise", False, "customers", False),
        ("exercise", False, "internal", False),
        ("incident", True, "public", False),
        ("incident", True, "customers", True),
        ("incident", True, "internal", False),
        ("incident", True, "executive", False),
        ("incident", False, "executive", True),
    ],
)
def test_no_exercise_is_told_to_any_place_and_nothing_private_but_to_customers(
    kind: str, is_private: bool, audience: str, is_told: bool
) -> None:
    place(audience=audience)
    update = published(incident(kind=kind, is_private=is_private), audience=audience)
    assert bool(composed(update)) is is_told


def test_what_speaks_to_one_customer_goes_to_no_place() -> None:
    place(audience="customers")
    acme = Customer.objects.create(slug="acme", name="Acme")
    assert composed(published(audience="customers", customer=acme)) == []
    assert len(composed(published(audience="customers"))) == 1


# --- in order


def test_two_updates_reach_one_place_in_order_and_others_do_not_wait() -> None:
    where = incident()
    place("First"), place("Second")
    composed(published(where))
    [one, *_] = outbox.claim(NOW, limit=1, lease=LEASE)
    outbox.fail(one, error="greylisted", permanent=False, at=NOW)
    places.compose(published(where, at=NOW + MINUTE / 4), at=NOW + MINUTE / 4)
    taken = outbox.claim(NOW + MINUTE / 4, limit=10, lease=LEASE)
    assert [message.address for message in taken] == ["second@lists.example"] * 2
    assert outbox.claim(NOW + MINUTE, limit=10, lease=LEASE) == [one]
    one.refresh_from_db()
    outbox.settle(one, at=NOW + MINUTE)
    [later] = outbox.claim(NOW + MINUTE, limit=10, lease=LEASE)
    assert (later.address, later.pk > one.pk) == (one.address, True)


def test_a_place_that_is_dead_holds_up_no_later_update_for_good() -> None:
    where = incident()
    place()
    composed(published(where))
    for attempt in range(outbox.IN_ORDER_ATTEMPTS):
        [one] = outbox.claim(NOW + attempt * 10 * MINUTE, limit=1, lease=LEASE)
        outbox.fail(one, error="no", permanent=False, at=NOW + attempt * 10 * MINUTE)
    places.compose(published(where), at=NOW + 21 * MINUTE)
    taken = outbox.claim(NOW + 21 * MINUTE, limit=10, lease=LEASE)
    assert len(taken) == 1 and taken[0].pk != one.pk


def test_what_was_published_is_not_withdrawn_when_the_incident_becomes_private() -> None:
    where = incident()
    place(), place("House", audience="internal")
    composed(published(where))
    places.compose(published(where, audience="internal"), at=NOW)
    outbox.shut_out(topic=where.reference, keep=factories.Person.objects.none())
    states = dict(OutboxMessage.objects.values_list("kind", "status"))
    assert states == {"published": "pending", "published-inside": "void"}


# --- how far it has come


def test_the_page_reads_where_an_update_went_and_how_far_it_has_come() -> None:
    update = published()
    place("Asleep"), place("Away"), place("Gone"), place("Told")
    broadcasts.ask(update, at=NOW)
    messages = {one.address.split("@")[0]: one for one in composed(update)}
    for name in ("away", "gone", "told"):
        claimed = outbox.claim(NOW, limit=10, lease=LEASE)
        outbox.release([one for one in claimed if not one.address.startswith(name)])
        [one] = [one for one in claimed if one.address.startswith(name)]
        if name == "told":
            outbox.settle(one, at=NOW + MINUTE)
        else:
            outbox.fail(one, error=f"{name} today", permanent=name == "gone", at=NOW)
    asleep, away, gone, told, crowd = places.reached([update])[update.pk]
    assert (asleep.name, asleep.channel, asleep.state) == ("Asleep", "e-mail", "waiting")
    assert (away.state, away.note) == ("failing", "tried once: away today")
    assert (gone.state, gone.note) == ("dead", "given up after once: gone today")
    assert gone.url == f"/admin/incidents/outboxmessage/{messages['gone'].pk}/change/"
    assert (told.state, told.note) == ("sent", "sent at 09:01 UTC")
    assert (crowd.state, crowd.note) == ("waiting", "being written: 0 so far")


def test_a_crowd_is_counted_not_listed() -> None:
    update = published()
    subscriber(), subscriber(), subscriber()
    broadcasts.ask(update, at=NOW)
    broadcasts.sweep(NOW)
    first, second, _ = outbox.claim(NOW, limit=3, lease=LEASE)
    outbox.settle(first, at=NOW)
    outbox.fail(second, error="no such mailbox", permanent=True, at=NOW)
    [crowd] = places.reached([update])[update.pk]
    assert (crowd.state, crowd.note) == ("dead", "sent to 1 of 3, 1 wait, 1 given up")
    assert crowd.url.endswith(f"&q={update.incident.reference}")


def test_it_costs_the_same_however_much_was_published() -> None:
    where = incident()

    def statements() -> int:
        rows = list(Update.objects.select_related("incident").filter(incident=where))
        with CaptureQueriesContext(connection) as captured:
            places.reached(rows)
        return len(captured)

    place("One")
    composed(published(where))
    few = statements()
    for name in ("Two", "Three", "Four"):
        place(name)
    for minute in range(5):
        later = published(where, at=NOW + minute * MINUTE)
        composed(later)
        broadcasts.ask(later, at=NOW)
    assert statements() == few == 2


def test_a_draft_has_reached_nobody() -> None:
    place()
    update = published(status="draft")
    assert places.reached([update]) == {}


# --- trying a place out


def test_who_may_change_places_sends_a_test() -> None:
    lea = factories.allow(factories.person("lea"), places.MANAGE)
    where = place()
    message = places.send_test(where, actor=lea, at=NOW)
    assert (message.kind, message.address) == ("place-test", where.address)
    assert last_act().verb == "send_test"
    assert deliver(NOW).sent == 1


def test_who_may_not_sends_none() -> None:
    with pytest.raises(NotPermitted):
        places.send_test(place(), actor=factories.person("dan"), at=NOW)
    assert not OutboxMessage.objects.exists()
