"""The sweep along a ladder: once per step, whatever happens meanwhile."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import AuditEvent, LegalClock, OutboxMessage, Person
from incidents.operations import nudges, records
from incidents.operations.composing import Message
from incidents.rules.ladders import GAME_DAY
from incidents.rules.nudges import DueStep, Ladder, Step
from tests.deliveries import incident
from tests.factories import NOW, person

HOUR = timedelta(hours=1)
LADDER = Ladder(
    (Step("before", -HOUR), Step("due", timedelta()), Step("late", HOUR, repeat_every=HOUR))
)

pytestmark = pytest.mark.django_db


def clock(
    due_at: datetime | None = NOW, *, at: datetime = NOW - 2 * HOUR, **fields
) -> LegalClock:
    """A row that owes an answer, scheduled at an instant."""
    row = LegalClock(
        incident=incident(),
        kind="counsel",
        basis="Personal data may be exposed",
        started_at=at,
        due_at=due_at,
        **fields,
    )
    nudges.schedule(row, LADDER, at=at)
    row.save()
    return row


def open_clocks():
    return LegalClock.objects.filter(settled_at=None)


def tell(*people: Person):
    """A compose function that tells these people."""

    def compose(row: LegalClock, step: DueStep) -> Iterator[Message]:
        for one in people:
            key = nudges.key(row, step, one)
            yield Message(key=key, kind="test", to=one, subject=step.key, body="Please answer.")

    return compose


def sweep(compose, *, at: datetime, rows=None, batch: int = nudges.BATCH) -> int:
    rows = open_clocks() if rows is None else rows
    return nudges.sweep(rows, LADDER, compose, at=at, batch=batch)


def composed() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("subject", flat=True))


# --- scheduling


def test_the_first_step_ahead_is_waited_for() -> None:
    assert clock().next_nudge_at == NOW - HOUR


def test_a_step_before_the_due_instant_that_has_passed_is_let_go() -> None:
    assert clock(at=NOW - HOUR / 2).next_nudge_at == NOW


def test_what_is_overdue_when_scheduled_is_nudged_at_once_and_once() -> None:
    clock(at=NOW + 5 * HOUR)
    ada = person("ada")
    assert sweep(tell(ada), at=NOW + 5 * HOUR) == 1
    assert composed() == ["late#4"]


def test_a_row_without_a_due_instant_is_never_nudged() -> None:
    row = clock(None)
    assert (row.next_nudge_at, row.nudged_through) == (None, "")


def test_an_exercise_that_has_begun_is_not_announced() -> None:
    row = LegalClock(due_at=NOW)
    nudges.schedule(row, GAME_DAY, at=NOW + HOUR)
    assert row.next_nudge_at is None


def test_a_new_due_instant_begins_the_ladder_anew() -> None:
    row, ada = clock(), person("ada")
    sweep(tell(ada), at=NOW + HOUR)
    row.refresh_from_db()
    row.due_at = NOW + 10 * HOUR
    nudges.schedule(row, LADDER, at=NOW + HOUR)
    row.save()
    sweep(tell(ada), at=NOW + 9 * HOUR)
    sweep(tell(ada), at=NOW + 10 * HOUR)
    assert composed() == ["late", "before", "due"]


# --- climbing


def test_each_step_is_composed_once() -> None:
    clock()
    ada = person("ada")
    for minutes in range(-90, 150, 10):
        sweep(tell(ada), at=NOW + timedelta(minutes=minutes))
    assert composed() == ["before", "due", "late", "late#1"]


def test_a_scheduler_that_was_down_sends_the_latest_step_only() -> None:
    clock()
    sweep(tell(person("ada")), at=NOW + 3 * HOUR)
    assert composed() == ["late#2"]


def test_a_second_tick_while_the_queue_drains_adds_nothing() -> None:
    clock()
    ada = person("ada")
    assert [sweep(tell(ada), at=NOW), sweep(tell(ada), at=NOW)] == [1, 0]


def test_bookkeeping_lost_in_a_crash_composes_nothing_twice() -> None:
    row, ada = clock(), person("ada")
    sweep(tell(ada), at=NOW)
    LegalClock.objects.filter(pk=row.pk).update(next_nudge_at=NOW, nudged_through="")
    assert sweep(tell(ada), at=NOW) == 0


def test_the_next_look_is_the_next_step() -> None:
    row = clock(NOW + timedelta(microseconds=7))
    sweep(tell(person("ada")), at=NOW + HOUR / 2)
    row.refresh_from_db()
    assert row.nudged_through == "due"
    assert row.next_nudge_at == NOW + HOUR + timedelta(microseconds=7)


def test_at_the_top_of_a_ladder_that_does_not_repeat_it_is_over() -> None:
    row = clock()
    once = Ladder((Step("due", timedelta()),))
    nudges.sweep(open_clocks(), once, tell(person("ada")), at=NOW)
    row.refresh_from_db()
    assert (row.next_nudge_at, row.nudged_through) == (None, "due")


def test_an_answered_question_is_not_nudged_and_an_open_one_beside_it_is() -> None:
    clock(settled_at=NOW, outcome="met")
    clock()
    assert sweep(tell(person("ada")), at=NOW) == 1


def test_a_row_whose_due_instant_was_taken_away_is_let_go() -> None:
    row = clock()
    LegalClock.objects.filter(pk=row.pk).update(due_at=None)
    assert sweep(tell(person("ada")), at=NOW) == 0
    row.refresh_from_db()
    assert row.next_nudge_at is None


def test_one_audit_line_a_batch_names_count_and_kind() -> None:
    for _ in range(5):
        clock()
    sweep(tell(person("ada"), person("ben")), at=NOW, batch=3)
    lines = list(AuditEvent.objects.filter(verb="nudge").order_by("sequence"))
    assert [line.detail for line in lines] == [
        {"kind": "incidents.legalclock", "rows": 3, "messages": 6},
        {"kind": "incidents.legalclock", "rows": 2, "messages": 4},
    ]
    assert records.first_broken_line() is None


def test_a_sweep_that_finds_nothing_writes_nothing() -> None:
    clock()
    assert sweep(tell(person("ada")), at=NOW - 2 * HOUR) == 0
    assert not AuditEvent.objects.filter(verb="nudge").exists()


def test_nudging_leaves_no_row_history() -> None:
    row = clock()
    before = row.history.count()
    sweep(tell(person("ada")), at=NOW)
    assert row.history.count() == before


def test_a_sweep_costs_statements_by_step_and_not_by_row() -> None:
    ada, costs = person("ada"), []
    clock()
    sweep(tell(ada), at=NOW)  # the first makes the head of the audit chain
    for rows in (6, 30):  # as many as SQLite inserts in one statement
        for number in range(rows):
            clock(NOW - timedelta(minutes=number % 3))
        with CaptureQueriesContext(connection) as statements:
            assert sweep(tell(ada), at=NOW) == rows
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_due_rows_are_found_through_the_partial_index() -> None:
    # Among no rows a planner may as well walk another index that fits: here only one does.
    due = LegalClock.objects.filter(next_nudge_at__lte=NOW).order_by("next_nudge_at", "pk")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
    assert "legalclock_nudge_due" in due.explain()


# --- failing


def failing_for(row: LegalClock, compose):
    """A compose function that one row breaks."""

    def broken(each: LegalClock, step: DueStep) -> Iterator[Message]:
        if each.pk == row.pk:
            raise ValueError("Ada's address is ada@example.com")
        yield from compose(each, step)

    return broken


def test_a_row_that_cannot_be_composed_does_not_stop_the_others(caplog) -> None:
    rows = [clock() for _ in range(7)]
    assert sweep(failing_for(rows[3], tell(person("ada"))), at=NOW) == 6
    rows[3].refresh_from_db()
    assert rows[3].next_nudge_at == NOW + nudges.TRY_AGAIN_AFTER
    assert rows[3].nudged_through == ""


def test_a_failure_is_logged_with_its_row_and_no_personal_data(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = clock()
    with caplog.at_level(logging.ERROR, "incidents"):
        sweep(failing_for(row, tell()), at=NOW)
    assert caplog.messages == [f"nudging incidents.legalclock {row.pk} failed: ValueError"]
    assert "ada@" not in caplog.text


def test_a_row_the_database_refuses_does_not_stop_the_others() -> None:
    rows = [clock() for _ in range(4)]
    ada = person("ada")

    def compose(row: LegalClock, step: DueStep) -> Iterator[Message]:
        if row.pk == rows[1].pk:
            person("ada")  # there is one: the transaction is spoilt
        yield from tell(ada)(row, step)

    assert sweep(compose, at=NOW) == 3


def test_a_mended_row_is_nudged_when_it_is_tried_again() -> None:
    row, ada = clock(), person("ada")
    sweep(failing_for(row, tell(ada)), at=NOW)
    assert sweep(tell(ada), at=NOW + nudges.TRY_AGAIN_AFTER) == 1


# --- two at once


@pytest.mark.usefixtures("committing")
def test_two_schedulers_at_once_add_nothing_twice() -> None:
    for _ in range(40):
        clock()
    ada, start, counts = person("ada"), Barrier(2), []

    def run() -> None:
        start.wait()
        counts.append(sweep(tell(ada), at=NOW, batch=5))
        connection.close()

    both = [Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(counts) == OutboxMessage.objects.count() == 40
    assert records.first_broken_line() is None
