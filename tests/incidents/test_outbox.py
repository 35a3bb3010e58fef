"""The outbox as a queue: nothing is claimed twice, lost, or tried for ever."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from incidents.models import AuditEvent, OutboxMessage
from incidents.operations import outbox
from incidents.operations.outbox import MAX_ATTEMPTS, claim, fail, release, resend, settle
from incidents.rules.reasons import NotPermitted, Refused
from tests.deliveries import letter
from tests.factories import NOW, allow, person

LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


def take(at=NOW, limit: int = 100) -> list[OutboxMessage]:
    return list(claim(at, limit=limit, lease=LEASE))


def reread(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


# --- claiming


def test_what_is_due_is_claimed_and_what_is_not_waits() -> None:
    due = letter()
    letter(due_at=NOW + SECOND)
    assert take() == [due]


def test_a_page_goes_before_an_older_notice() -> None:
    notice = letter(due_at=NOW - LEASE)
    page = letter(priority=OutboxMessage.Priority.PAGE)
    assert take() == [page, notice]


def test_no_more_than_the_limit_is_claimed() -> None:
    first, second = letter(), letter()
    assert take(limit=1) == [first]
    assert take() == [second]


def test_what_is_claimed_is_not_claimed_again_while_the_lease_lasts() -> None:
    message = letter()
    take()
    assert take(NOW + LEASE - SECOND) == []
    assert take(NOW + LEASE) == [message]


def test_the_dead_and_the_sent_are_not_claimed() -> None:
    for status in ("dead", "sent"):
        letter(status=status)
    waiting = letter()
    assert take() == [waiting]


@pytest.mark.usefixtures("committing")
def test_two_workers_at_once_claim_nothing_twice() -> None:
    for _ in range(60):
        letter()
    start, claimed = Barrier(2), []

    def run() -> None:
        start.wait()
        for _ in range(20):
            claimed.extend(message.pk for message in take(limit=5))
        connection.close()

    both = [Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(claimed) == sorted(OutboxMessage.objects.values_list("pk", flat=True))


def test_due_messages_are_found_through_the_partial_index() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
    assert "outbox_due" in OutboxMessage.objects.due(NOW)[:10].explain()


# --- settling and failing


def test_an_accepted_message_is_sent_and_free_of_its_claim() -> None:
    letter()
    [message] = take()
    assert settle(message, at=NOW + SECOND)
    assert (reread(message).status, reread(message).sent_at) == ("sent", NOW + SECOND)
    assert reread(message).claim == ""


def test_whoever_lost_the_claim_settles_nothing() -> None:
    letter()
    [late] = take()
    [current] = take(NOW + LEASE)
    assert not settle(late, at=NOW + LEASE)
    assert reread(late).status == "pending"
    assert settle(current, at=NOW + LEASE)


def test_whoever_lost_the_claim_fails_nothing() -> None:
    letter()
    [late] = take()
    [current] = take(NOW + LEASE)
    fail(late, error="timed out", permanent=True, at=NOW + LEASE)
    assert reread(current).status == "pending"
    assert reread(current).attempts == 0


def test_a_failure_is_kept_and_tried_again_later() -> None:
    letter()
    [message] = take()
    assert fail(message, error="451 busy\r\nlater", permanent=False, at=NOW) == "pending"
    kept = reread(message)
    assert (kept.attempts, kept.last_error, kept.claim) == (1, "451 busy later", "")
    assert kept.next_attempt_at == NOW + outbox.pause(message, 1)


def test_a_permanent_failure_is_dead_at_once() -> None:
    letter()
    [message] = take()
    assert fail(message, error="550 no such user", permanent=True, at=NOW) == "dead"
    assert reread(message).status == "dead"


def test_the_last_attempt_is_the_last() -> None:
    letter(attempts=MAX_ATTEMPTS - 2)
    [message] = take()
    assert fail(message, error="451", permanent=False, at=NOW) == "pending"
    [message] = take(NOW + 2 * outbox.LONGEST_PAUSE)
    assert fail(message, error="451", permanent=False, at=NOW) == "dead"


def test_pauses_double_up_to_an_hour_and_differ_by_a_quarter_at_most() -> None:
    message = letter()
    for attempts, seconds in ((1, 30), (2, 60), (5, 480), (8, 3600), (500, 3600)):
        pause = outbox.pause(message, attempts).total_seconds()
        assert seconds <= pause <= seconds * 1.25
        assert outbox.pause(message, attempts) == outbox.pause(message, attempts)


def test_messages_that_failed_together_come_back_apart() -> None:
    pauses = {outbox.pause(letter(), 1) for _ in range(20)}
    assert len(pauses) == 20


def test_what_was_not_tried_is_given_back_without_an_attempt() -> None:
    first, second = letter(), letter()
    claimed = take()
    release(claimed[1:], error="mail server away", at=NOW + SECOND)
    assert take(NOW + SECOND) == [second]
    assert reread(second).attempts == 0
    assert reread(first).claim == claimed[0].claim


@pytest.mark.parametrize(("said", "kept"), [("", "451 busy"), ("away", "away")])
def test_giving_back_without_a_reason_keeps_what_went_wrong_before(said, kept) -> None:
    message = letter(last_error="451 busy")
    release(take(), error=said, at=NOW)
    assert reread(message).last_error == kept


# --- withdrawing


def void(at=NOW) -> int:
    return outbox.void(topic="INC-1", kind="test", at=at)


def test_what_is_held_back_is_withdrawn_and_what_is_due_is_sent() -> None:
    due, later = letter(topic="INC-1"), letter(topic="INC-1", due_at=NOW + SECOND)
    assert void() == 1
    assert (reread(due).status, reread(later).status) == ("pending", "void")
    assert take(NOW + LEASE) == [due]
    assert void() == 0


@pytest.mark.parametrize("other", [
    {"topic": "INC-2"},
    {"topic": "INC-1", "status": "sent"},
    {"topic": "INC-1", "claim": "a worker's"},
])  # fmt: skip
def test_nothing_else_is_withdrawn(other) -> None:
    message = letter(due_at=NOW + SECOND, **other)
    assert void() == 0
    assert reread(message).status == message.status


def test_a_void_message_gives_its_key_free() -> None:
    message = letter(topic="INC-1", due_at=NOW + SECOND, dedupe_key="page")
    void()
    assert reread(message).dedupe_key == f"page:void:{message.pk}"
    assert letter(dedupe_key="page").status == "pending"


# --- sending again by hand


def test_a_dead_message_is_sent_again_by_whoever_may() -> None:
    ada = allow(person("ada"), "incidents.resend_outboxmessage")
    message = letter(status="dead", attempts=MAX_ATTEMPTS, last_error="550 no such user")
    resend(message, actor=ada, at=NOW)
    assert take() == [message]
    assert reread(message).attempts == 0
    line = AuditEvent.objects.get(verb="resend")
    assert (line.actor, line.subject_id) == (ada, str(message.pk))


def test_nobody_sends_again_without_the_permission() -> None:
    message = letter(status="dead")
    with pytest.raises(NotPermitted) as refusal:
        resend(message, actor=person("dan"), at=NOW)
    assert refusal.value.has("no_permission")
    assert reread(message).status == "dead"


@pytest.mark.parametrize("status", ["pending", "sent"])
def test_only_a_dead_message_is_sent_again(status: str) -> None:
    ada = allow(person("ada"), "incidents.resend_outboxmessage")
    message = letter(status=status)
    with pytest.raises(Refused) as refusal:
        resend(message, actor=ada, at=NOW)
    assert refusal.value.has("message_not_dead")
    assert not AuditEvent.objects.filter(verb="resend").exists()
