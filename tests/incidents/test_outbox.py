"""The outbox as a queue: nothing is claimed twice, lost, or tried for ever."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from incidents.models import AuditEvent, OutboxMessage
from incidents.operations import outbox
from incidents.operations.outbox import claim, fail, release, resend, resend_many, settle
from incidents.rules import backoff
from incidents.rules.backoff import MAX_ATTEMPTS
from incidents.rules.reasons import NotPermitted, Refused
from tests.deliveries import incident, letter
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


def test_urgent_ones_are_pages_alone() -> None:
    letter()
    page = letter(priority=OutboxMessage.Priority.PAGE)
    urgent = claim(NOW, urgent=True, limit=9, lease=LEASE)
    assert list(urgent) == [page]


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
    assert kept.next_attempt_at == NOW + backoff.of_message("email", message.pk, 1)


def test_a_permanent_failure_is_dead_at_once() -> None:
    letter()
    [message] = take()
    assert fail(message, error="550 no such user", permanent=True, at=NOW) == "dead"
    assert reread(message).status == "dead"


def test_the_last_attempt_is_the_last() -> None:
    letter(attempts=MAX_ATTEMPTS - 2)
    [message] = take()
    assert fail(message, error="451", permanent=False, at=NOW) == "pending"
    [message] = take(NOW + timedelta(hours=2))
    assert fail(message, error="451", permanent=False, at=NOW) == "dead"


@pytest.mark.parametrize("code", ["", "BCDFGH"])
def test_the_dead_fall_back_at_once_where_they_can_be_acknowledged(code: str) -> None:
    letter(code=code)
    [message] = take()
    fail(message, error="550", permanent=True, at=NOW)
    assert reread(message).fall_back_at == (NOW if code else None)


def test_what_was_acknowledged_meanwhile_does_not_fall_back() -> None:
    letter(code="BCDFGH")
    [message] = take()
    OutboxMessage.objects.update(acknowledged_at=NOW)
    fail(message, error="550", permanent=True, at=NOW)
    assert reread(message).fall_back_at is None


def test_what_a_server_answers_is_kept_without_nul() -> None:
    letter()
    [message] = take()
    fail(message, error="451 \0 busy", permanent=False, at=NOW)
    assert reread(message).last_error == "451 busy"


def test_what_was_not_tried_is_given_back_without_an_attempt() -> None:
    first, second = letter(), letter()
    claimed = take()
    release(claimed[1:], error="mail server away")
    assert take() == [second]
    assert reread(second).attempts == 0
    assert reread(first).claim == claimed[0].claim


@pytest.mark.parametrize(("said", "kept"), [("", "451 busy"), ("away", "away")])
def test_giving_back_without_a_reason_keeps_what_went_wrong_before(said, kept) -> None:
    message = letter(last_error="451 busy")
    release(take(), error=said)
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


# --- and many at once


def dead(**fields) -> OutboxMessage:
    return letter(status="dead", attempts=MAX_ATTEMPTS, **fields)


def test_every_dead_message_is_sent_again_with_one_audit_line() -> None:
    ada = allow(person("ada"), "incidents.resend_outboxmessage")
    first, second, sent = dead(), dead(channel="slack"), letter(status="sent")
    assert resend_many(actor=ada, at=NOW) == 2
    assert {reread(one).status for one in (first, second)} == {"pending"}
    assert (reread(second).attempts, reread(sent).status) == (0, "sent")
    line = AuditEvent.objects.get(verb="resend_many")
    assert (line.actor, line.detail["count"], line.subject_id) == (ada, 2, str(first.pk))


@pytest.mark.parametrize("which", ["channel", "kind", "keys"])
def test_or_only_those_that_are_meant(which: str) -> None:
    ada = allow(person("ada"), "incidents.resend_outboxmessage")
    meant, other = dead(channel="slack"), dead()
    OutboxMessage.objects.filter(pk=meant.pk).update(kind="page")
    said = {"channel": "slack", "kind": "page", "keys": [meant.pk]}[which]
    assert resend_many(**{which: said}, actor=ada, at=NOW) == 1
    assert (reread(meant).status, reread(other).status) == ("pending", "dead")


def test_nobody_sends_many_again_without_the_permission() -> None:
    message = dead()
    with pytest.raises(NotPermitted) as refusal:
        resend_many(actor=person("dan"), at=NOW)
    assert refusal.value.has("no_permission")
    assert reread(message).status == "dead"


def test_what_is_private_is_not_sent_again_by_who_may_not_see_it() -> None:
    ada = allow(person("ada"), "incidents.resend_outboxmessage")
    incident(reference="INC-7", is_private=True)
    message = dead(topic="INC-7")
    with pytest.raises(Refused) as refusal:
        resend_many(actor=ada, at=NOW)
    assert refusal.value.has("none_dead")
    assert reread(message).status == "dead"
