"""Who would have been nudged of reviews and action items: the same as really were."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import AuditEvent, OutboxMessage, Person
from incidents.operations import policies, try_out
from incidents.operations.try_out import Tried
from incidents.rules.nudges import Ladder, Step
from incidents.rules.policy import Policy
from reviews.models import ActionItem, Review
from reviews.operations.action_item import finish
from reviews.operations.sweeps import sweep
from reviews.operations.try_out import ActionItems, Reviews
from tests.factories import NOW, person
from tests.reviews.rows import item, leader, review, writer

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONTH = (NOW - DAY, NOW + 30 * DAY)


def ran(source, reader: Person, policy: Policy | None = None, period=MONTH) -> Tried:
    stored = policies.of(source.what)
    since, until = period
    return try_out.run(
        source, policy or stored, stored, reader=reader, since=since, until=until
    )


def told(found: Tried) -> Counter[tuple[str, datetime]]:
    return Counter((one.person.username, one.at) for one in found.nudges)


def swept(kind: str) -> Counter[tuple[str, datetime]]:
    """What sweeps at every hour of the month really composed."""
    since, until = MONTH
    at = since
    while at < until:
        sweep(at)
        at += timedelta(hours=1)
    rows = OutboxMessage.objects.filter(kind=kind)
    return Counter((row.recipient.username, row.created_at) for row in rows)


def test_what_is_stored_would_tell_exactly_whom_punctual_sweeps_told():
    ada, boss = leader(), person("boss")
    ben = writer("ben", manager=boss)
    draft = review(ben)
    item(draft, ben, ada)
    done = item(draft, ada, ada)
    finish(done, status="done", outcome="Checked.", actor=ada, at=NOW + 4 * DAY)
    of_items, of_reviews = told(ran(ActionItems(), ada)), told(ran(Reviews(), ada))
    assert len(of_items) > 5
    assert of_items == swept("action-item-nudge")
    assert of_reviews == Counter(
        (row.recipient.username, row.created_at)
        for row in OutboxMessage.objects.filter(kind="review-nudge")
    )
    assert boss.username in {who for who, _ in of_reviews}


def test_other_steps_are_tried_beside_what_is_stored_and_what_was_sent():
    ada = leader()
    ben = writer("ben")
    owed = item(review(ben), ben, ada)
    sweep(owed.due_at)
    often = replace(
        policies.of("action_item"),
        ladder=Ladder((Step("due", timedelta(), repeat_every=DAY),)),
    )
    found = ran(ActionItems(), ada, often, (owed.due_at, owed.due_at + 4 * DAY))
    (count,) = found.people
    assert (count.person, count.tried, count.stored, count.sent) == (ben, 4, 2, 1)
    assert (len(found.nudges), found.stored, found.sent, found.owed) == (4, 2, 1, 1)
    assert sum(day.tried for day in found.days) == 4
    assert [day.sent for day in found.days if day.sent] == [1]


def test_an_inactive_policy_would_tell_nobody():
    ada = leader()
    item(review(writer("ben")), ada, ada)
    found = ran(ActionItems(), ada, replace(policies.of("action_item"), is_active=False))
    assert found.nudges == ()
    assert found.stored > 0


def test_quiet_hours_and_digests_say_when_it_would_have_arrived():
    ada = leader()
    ben = writer("ben", works_weekends=False)
    owed = item(review(ben), ben, ada)  # due as Friday ends, which is Saturday's first instant
    sole = Ladder((Step("due", timedelta()),))
    law = replace(policies.of("action_item"), ladder=sole)
    (waits,) = ran(ActionItems(), ada, law).nudges
    assert waits.at == owed.due_at
    assert waits.arrives_at == owed.due_at + 2 * DAY
    (gathered,) = ran(ActionItems(), ada, replace(law, as_digest=True)).nudges
    assert gathered.in_digest
    assert gathered.arrives_at == owed.due_at + 2 * DAY + timedelta(hours=8)


def test_of_a_private_incident_only_who_sees_it_is_shown_what_would_be_sent():
    ada = leader()
    ben = writer("ben")
    draft = review(ben)
    owed = item(draft, ben, ada)
    sweep(owed.due_at)
    draft.incident.is_private = True
    draft.incident.save()
    dan = person("dan")
    hidden = ran(ActionItems(), dan)
    assert (hidden.owed, hidden.nudges, hidden.sent) == (0, (), 0)
    seen = ran(ActionItems(), ben)
    assert seen.owed == 1
    assert {one.person for one in seen.nudges} == {ben}


def test_trying_out_stores_nothing():
    ada = leader()
    item(review(writer("ben")), ada, ada)
    before = (OutboxMessage.objects.count(), AuditEvent.objects.count())
    rows = list(ActionItem.objects.values()) + list(Review.objects.values())
    ran(ActionItems(), ada)
    ran(Reviews(), ada)
    assert (OutboxMessage.objects.count(), AuditEvent.objects.count()) == before
    assert list(ActionItem.objects.values()) + list(Review.objects.values()) == rows


def test_no_more_is_read_than_is_allowed_and_that_is_said(monkeypatch):
    ada = leader()
    draft = review(writer("ben"))
    for _ in range(3):
        item(draft, ada, ada)
    assert not ran(ActionItems(), ada).is_capped
    monkeypatch.setattr(try_out, "MOST_ROWS", 2)
    found = ran(ActionItems(), ada)
    assert found.is_capped
    assert found.owed == 2


def test_no_more_is_counted_than_is_allowed_and_that_is_said(monkeypatch):
    ada = leader()
    item(review(writer("ben")), ada, ada)
    many = len(ran(ActionItems(), ada).nudges)
    monkeypatch.setattr(try_out, "MOST_NUDGES", many - 1)
    found = ran(ActionItems(), ada)
    assert found.is_capped
    assert len(found.nudges) == many - 1


def test_many_things_cost_no_more_queries_than_few():
    ada = leader()
    draft = review(writer("ben"))
    item(draft, ada, ada)
    few = statements(ada)
    for _ in range(10):
        item(draft, writer(f"p{_}", manager=person()), ada)
    assert statements(ada) == few


def statements(reader: Person) -> int:
    with CaptureQueriesContext(connection) as captured:
        ran(ActionItems(), reader)
    return len(captured)


def test_a_preview_is_the_message_that_the_sweep_composes_and_is_not_stored():
    ada, boss = leader(), person("boss")
    ben = writer("ben", manager=boss)
    owed = item(review(ben), ben, ada)
    law = policies.of("action_item")
    last = law.ladder.steps[-1]
    (thing,) = ActionItems().owed(ada, since=NOW, until=MONTH[1], limit=5)
    count = OutboxMessage.objects.count()
    letters = try_out.preview(ActionItems(), law, last, thing)
    assert OutboxMessage.objects.count() == count
    assert [one.recipient for one in letters] == [ben, boss]
    sweep(owed.due_at + last.offset)
    sent = OutboxMessage.objects.filter(kind="action-item-nudge").order_by("pk")
    shown = [(one.subject, one.body, one.link, one.address) for one in letters]
    assert [(one.subject, one.body, one.link, one.address) for one in sent] == shown


@pytest.mark.parametrize("source", [ActionItems(), Reviews()])
def test_where_nothing_is_owed_an_example_is_previewed(source):
    ada = leader()
    law = policies.of(source.what)
    for step in law.ladder.steps:
        letters = try_out.preview(source, law, step, source.sample(ada, NOW))
        assert [one.recipient for one in letters] == [ada]
