"""Order within a lane: one recipient hears of one incident by one channel as it was promised."""

from copy import copy
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from incidents.channels import DeliveryReport, deliver
from incidents.channels import delivering as channels
from incidents.channels.mail import MailCarrier
from incidents.models import OutboxMessage
from incidents.operations import outbox
from incidents.operations.outbox import IN_ORDER_ATTEMPTS, claim, fail, release
from tests.deliveries import letter
from tests.factories import NOW, person

LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)
PAGE = OutboxMessage.Priority.PAGE

pytestmark = pytest.mark.django_db


def lane(who, count: int, **fields) -> list[OutboxMessage]:
    """So many messages of one lane, promised one after the other."""
    return [
        letter(who, topic="INC-1", due_at=NOW + number * SECOND, **fields)
        for number in range(count)
    ]


def take(at, limit: int = 100) -> list[OutboxMessage]:
    return list(claim(at, limit=limit, lease=LEASE))


def reread(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


def test_what_follows_waits_while_the_first_is_held() -> None:
    first, second = lane(person("ada"), 2)
    assert take(NOW + SECOND, limit=1) == [first]
    assert take(NOW + SECOND) == []
    outbox.settle(OutboxMessage.objects.exclude(claim="").get(), at=NOW + SECOND)
    assert take(NOW + SECOND) == [second]


def test_what_follows_waits_while_the_first_is_to_be_tried_again() -> None:
    first, second = lane(person("ada"), 2)
    [held] = take(NOW + SECOND, limit=1)
    fail(held, error="451", permanent=False, at=NOW + SECOND)
    again_at = reread(first).next_attempt_at
    assert take(again_at - SECOND) == []
    assert take(again_at) == [first]
    assert reread(second).status == "pending"


def test_who_failed_three_times_holds_up_nobody() -> None:
    _, second = lane(person("ada"), 2)
    [held] = take(NOW + SECOND, limit=1)
    held.attempts = IN_ORDER_ATTEMPTS - 1
    fail(held, error="451", permanent=False, at=NOW + SECOND)
    assert take(NOW + 2 * SECOND) == [second]


def test_the_dead_hold_up_nobody() -> None:
    _, second = lane(person("ada"), 2)
    [held] = take(NOW + SECOND, limit=1)
    fail(held, error="550", permanent=True, at=NOW + SECOND)
    assert take(NOW + SECOND) == [second]


@pytest.mark.parametrize("other", [
    {"topic": "INC-2"},
    {"topic": ""},
    {"topic": "INC-1", "priority": PAGE},
])  # fmt: skip
def test_what_is_in_another_lane_waits_for_nobody(other) -> None:
    ada = person("ada")
    lane(ada, 1)
    take(NOW)
    message = letter(ada, **other)
    assert take(NOW) == [message]


def test_another_recipient_waits_for_nobody() -> None:
    lane(person("ada"), 1)
    take(NOW)
    [message] = lane(person("ben"), 1)
    assert take(NOW) == [message]


def test_what_is_due_only_later_holds_up_nothing_that_is_due_now() -> None:
    ada = person("ada")
    letter(ada, topic="INC-1", due_at=NOW + LEASE)
    now = letter(ada, topic="INC-1")
    assert take(NOW) == [now]


def test_what_was_given_back_keeps_its_place() -> None:
    first, second = lane(person("ada"), 2)
    release(take(NOW + SECOND))
    assert take(NOW + SECOND) == [first, second]


@pytest.mark.usefixtures("committing")
def test_two_workers_send_a_lane_in_its_order() -> None:
    """Each takes what it may and settles it; an order is broken where a later one went first."""
    ids = [message.pk for who in ("ada", "ben") for message in lane(person(who), 12)]
    start, sent = Barrier(2), list[OutboxMessage]()

    def run() -> None:
        start.wait()
        while OutboxMessage.objects.filter(status="pending").exists():
            for message in claim(NOW + LEASE, limit=3, lease=LEASE):
                sent.append(message)
                outbox.settle(message, at=NOW + LEASE)
        connection.close()

    both = [Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(message.pk for message in sent) == ids
    for who in {message.recipient_id for message in sent}:
        of_one = [message.pk for message in sent if message.recipient_id == who]
        assert of_one == sorted(of_one)


def test_one_that_fails_for_now_keeps_back_what_is_behind_it_in_the_same_batch(
    monkeypatch,
) -> None:
    first, second = lane(person("ada"), 2)
    other = letter(person("ben"), topic="INC-1", due_at=NOW + SECOND)
    hand_over, tried = MailCarrier.hand_over, list[str]()

    def greylist_the_first(self, prepared) -> None:
        tried.append(prepared.mail.subject)
        if len(tried) == 1:
            raise RuntimeError("451 try again")
        hand_over(self, prepared)

    monkeypatch.setattr(MailCarrier, "hand_over", greylist_the_first)
    assert deliver(NOW + SECOND) == DeliveryReport(sent=1, failed=1)
    assert [reread(one).status for one in (first, second, other)] == [
        "pending", "pending", "sent",
    ]  # fmt: skip
    assert deliver(NOW + LEASE).sent == 2
    assert tried == [first.subject, other.subject, first.subject, second.subject]


def test_a_lane_is_looked_up_in_its_index() -> None:
    first = letter(person("ada"), topic="INC-0")
    rows = list[OutboxMessage]()
    for number in range(1, 3000):  # so many that PostgreSQL has a reason to choose
        first.pk, first.dedupe_key, first.topic = None, f"many:{number}", f"INC-{number}"
        rows.append(copy(first))
    OutboxMessage.objects.bulk_create(rows)
    due = OutboxMessage.objects.due(NOW).filter(
        outbox._goes_in_order(), channel="email", priority=5
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("ANALYZE incidents_outboxmessage")
    plan = due[: channels.BATCH].explain()
    assert "outbox_due" in plan, plan
    assert "outbox_lane" in plan, plan
