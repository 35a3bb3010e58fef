"""Nudge policies as rows: begun as shipped, set by leadership, followed by every sweep."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.models import (
    AuditEvent,
    CheckLimits,
    LegalClock,
    NudgePolicy,
    NudgeStep,
    OutboxMessage,
    Person,
)
from incidents.operations import nudges, policies, records
from incidents.operations.composing import Message
from incidents.rules.ladders import LEGAL
from incidents.rules.nudges import NOTICE, PAGE, DueStep, Step
from incidents.rules.policy import Policy, shipped
from incidents.rules.reasons import Invalid, NotPermitted
from reviews.operations.sweeps import sweep as sweep_reviews
from tests.deliveries import acts, incident
from tests.factories import NOW, allow, person
from tests.incidents.nudging import OFFSETS, laws
from tests.incidents.scene import refused
from tests.reviews.rows import item, review, writer

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
GAME_DAY = NudgePolicy.What.GAME_DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea() -> Person:
    return allow(person("lea"), "incidents.set_nudgepolicy")


def set_policy(what: str, actor: Person, *steps: Step, **said: Any) -> NudgePolicy:
    given: dict[str, Any] = {
        "is_active": True,
        "as_digest": False,
        "is_optional": False,
        "gives_up_after_days": None,
        "at": NOW,
    }
    row = NudgePolicy.objects.get(pk=what)
    kept = steps or policies.of(what).ladder.steps
    return policies.set_policy(row, steps=kept, actor=actor, **(given | said))


# --- as shipped


def test_an_installation_begins_with_the_shipped_policies_and_made_once(lea: Person) -> None:
    begun = {what: replace(law, changed_at=None) for what, law in policies.everything().items()}
    assert begun == shipped()
    set_policy(GAME_DAY, lea, Step("due-2d", -2 * DAY))
    NudgeStep.objects.filter(policy="matrix").delete()
    NudgePolicy.objects.filter(pk="matrix").delete()
    policies.begin()
    assert [step.name for step in policies.of(GAME_DAY).ladder.steps] == ["due-2d"]
    assert policies.of("matrix").ladder == shipped()["matrix"].ladder


def test_a_policy_is_read_in_one_query_and_all_in_three(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        policies.of("legal_clock")
    with django_assert_num_queries(3):
        policies.everything()


def test_before_the_first_migrate_is_over_the_shipped_ladder_holds() -> None:
    NudgeStep.objects.filter(policy="legal_clock").delete()
    assert policies.of("legal_clock").ladder == LEGAL


def test_the_half_time_of_an_emergency_keeps_to_the_limits() -> None:
    CheckLimits.objects.create(emergency_hours=10)
    assert policies.of("emergency_change").ladder.steps[0].offset == -5 * HOUR
    assert policies.everything()["emergency_change"].ladder.steps[0].offset == -5 * HOUR


def test_a_page_never_waits_and_a_notice_goes_as_the_policy_says() -> None:
    law = replace(policies.of("action_item"), as_digest=True, is_optional=True)
    notice, page = Step("due", timedelta()), Step("due", timedelta(), priority=PAGE)
    assert policies.manner(law, replace(notice, channel="slack")) == {
        "priority": NOTICE,
        "channel": "slack",
        "may_wait": True,
        "as_digest": True,
        "is_optional": True,
    }
    assert policies.manner(law, page) == {
        "priority": PAGE,
        "channel": "",
        "may_wait": False,
        "as_digest": False,
        "is_optional": False,
    }


# --- setting


def test_leadership_sets_a_policy_and_it_is_kept_who_did(lea: Person) -> None:
    steps = (
        Step("", -90 * MINUTE, to=("owner", "leadership"), channel="sms"),
        Step("", DAY, repeat_every=DAY, priority=PAGE),
    )
    row = set_policy(
        "review", lea, *steps, as_digest=True, is_optional=True, gives_up_after_days=30
    )
    found = policies.of("review")
    assert found.ladder.steps == (
        replace(steps[0], name="due-90m"),
        replace(steps[1], name="overdue+1d"),
    )
    assert (found.as_digest, found.is_optional) == (True, True)
    assert found.gives_up_after == 30 * DAY
    assert (row.changed_at, row.changed_by) == (NOW, lea)
    assert row.history.first().changed_by == lea
    line = AuditEvent.objects.get()
    assert (line.verb, line.actor, line.subject_id) == ("set_nudge_policy", lea, "review")
    assert "2 days before" in line.detail["before"]
    assert "90 minutes before" in line.detail["after"]
    assert line.detail["gives_up_after_days"] == 30


def test_a_step_that_stays_keeps_its_row(lea: Person) -> None:
    before = NudgeStep.objects.get(policy="review", name="due")
    set_policy("review", lea, Step("due", timedelta()), Step("overdue+9d", 9 * DAY))
    assert NudgeStep.objects.get(policy="review", name="due").pk == before.pk
    assert set(NudgeStep.objects.filter(policy="review").values_list("name", flat=True)) == {
        "due",
        "overdue+9d",
    }
    assert NudgeStep.history.filter(name="overdue+2d", history_type="-").exists()


def test_steps_may_change_their_places(lea: Person) -> None:
    set_policy("review", lea, Step("a", DAY), Step("b", 2 * DAY))
    set_policy("review", lea, Step("b", DAY), Step("a", 2 * DAY))
    assert [step.name for step in policies.of("review").ladder.steps] == ["b", "a"]


def test_the_half_time_that_is_moved_is_called_so_no_more(lea: Person) -> None:
    first, *others = policies.of("emergency_change").ladder.steps
    set_policy("emergency_change", lea, first, *others)
    assert policies.of("emergency_change").ladder.steps[0].name == "half-time"
    set_policy("emergency_change", lea, replace(first, offset=-HOUR), *others)
    assert policies.of("emergency_change").ladder.steps[0].name == "due-1h"


def test_whoever_does_not_lead_sets_nothing() -> None:
    with refused("no_permission", NotPermitted):
        set_policy(GAME_DAY, person("dan"))


def test_what_cannot_be_is_refused_with_every_reason_and_nothing_is_kept(lea: Person) -> None:
    with refused("unknown_recipient", Invalid) as caught:
        set_policy(GAME_DAY, lea, Step("x", DAY, to=("nobody",), channel="pigeon"))
    assert caught.value.has("unknown_channel")
    assert policies.of(GAME_DAY) == replace(shipped()[GAME_DAY], changed_at=policies._SHIPPED)


def test_the_floor_stands_under_updates_and_legal_clocks(lea: Person) -> None:
    with refused("floor_stands"):
        set_policy("legal_clock", lea, is_active=False)
    with refused("floor_stands"):
        set_policy("update", lea, Step("late", HOUR, priority=PAGE))
    set_policy("update", lea, Step("due", timedelta(), priority=PAGE))
    assert len(policies.of("update").ladder.steps) == 1


# --- what a change does to what is open


def owes(due_at: datetime = NOW, *, at: datetime = NOW - 10 * DAY) -> LegalClock:
    """A row that owes an answer, scheduled under the policy of game days."""
    row = LegalClock(
        incident=incident(), kind="counsel", basis="Law", started_at=at, due_at=due_at
    )
    nudges.schedule(row, policies.of(GAME_DAY), at=at)
    row.save()
    return row


def sweep(at: datetime, ada: Person) -> list[str]:
    """Sweeps, and says which steps were composed."""
    before = set(OutboxMessage.objects.values_list("pk", flat=True))

    def compose(row: LegalClock, step: DueStep) -> list[Message]:
        key = nudges.key(row, step, ada)
        return [Message(key=key, kind="test", to=ada, subject=step.key, body="Please answer.")]

    rows = LegalClock.objects.filter(settled_at=None).select_related("incident")
    nudges.sweep(rows, policies.of(GAME_DAY), compose, at=at)
    new = OutboxMessage.objects.exclude(pk__in=before).order_by("pk")
    return list(new.values_list("subject", flat=True))


def test_a_change_reminds_nobody_by_itself_and_is_followed_from_then_on(lea: Person) -> None:
    ada = person("ada")
    for _ in range(3):
        owes(NOW)
    assert sweep(NOW - 3 * DAY, ada) == ["due-3d"] * 3
    late = Step("overdue+1d", DAY, repeat_every=DAY)
    set_policy(GAME_DAY, lea, Step("due-5d", -5 * DAY), late, at=NOW - 2 * DAY)
    assert sweep(NOW - 2 * DAY, ada) == []
    assert sweep(NOW - DAY, ada) == []
    assert sweep(NOW + DAY, ada) == ["overdue+1d"] * 3
    assert sweep(NOW + 2 * DAY, ada) == ["overdue+1d#1"] * 3


def test_repeats_added_to_what_was_over_go_on_from_the_change(lea: Person) -> None:
    ada = person("ada")
    row = owes(NOW)
    assert sweep(NOW - DAY, ada) == ["due-1d"]
    row.refresh_from_db()
    assert row.next_nudge_at is None
    again = Step("overdue+1d", DAY, repeat_every=DAY)
    set_policy(GAME_DAY, lea, again, at=NOW + 5 * DAY + HOUR)
    assert sweep(NOW + 5 * DAY + 2 * HOUR, ada) == []
    assert sweep(NOW + 6 * DAY, ada) == ["overdue+1d#5"]


def test_what_was_due_when_the_policy_changed_is_still_sent(lea: Person) -> None:
    ada = person("ada")
    owes(NOW)
    set_policy(GAME_DAY, lea, at=NOW - 3 * DAY + MINUTE)
    assert sweep(NOW - 3 * DAY + 2 * MINUTE, ada) == ["due-3d"]


def test_an_inactive_policy_nudges_nobody_until_it_is_active_again(lea: Person) -> None:
    ada = person("ada")
    owes(NOW)
    set_policy(GAME_DAY, lea, is_active=False, at=NOW - 9 * DAY)
    new = owes(NOW + DAY, at=NOW - 8 * DAY)
    assert new.next_nudge_at is None
    assert [sweep(NOW - days * DAY, ada) for days in (9, 3, 2)] == [[], [], []]
    set_policy(GAME_DAY, lea, is_active=True, at=NOW - 2 * DAY)
    assert sweep(NOW - 2 * DAY, ada) == []
    assert sweep(NOW - DAY, ada) == ["due-1d"]
    assert sweep(NOW, ada) == ["due-1d"]  # of the second


def test_a_change_is_booked_once_and_costs_a_sweep_nothing_afterwards(lea: Person) -> None:
    ada = person("ada")
    for days in range(6):
        owes(NOW + days * HOUR)
    set_policy(GAME_DAY, lea, at=NOW - 9 * DAY)
    with CaptureQueriesContext(connection) as first:
        sweep(NOW - 9 * DAY, ada)
    with CaptureQueriesContext(connection) as second:
        sweep(NOW - 9 * DAY, ada)
    assert len(second) < len(first) < len(second) + 8
    assert policies.of(GAME_DAY).is_changed is False


def test_a_change_of_what_is_swept_with_joins_is_booked_too(lea: Person) -> None:
    ben = writer("ben")
    made = item(review(ben), ben, ben)
    set_policy("action_item", lea, Step("due-1d", -DAY), at=made.due_at - 8 * DAY)
    sweep_reviews(made.due_at - 8 * DAY)
    made.refresh_from_db()
    assert made.next_nudge_at == made.due_at - DAY
    assert made.history.count() == 1


def test_a_policy_set_twice_before_a_sweep_is_booked_as_set_last(lea: Person) -> None:
    row = owes(NOW)
    set_policy(GAME_DAY, lea, Step("due-2d", -2 * DAY), at=NOW - 9 * DAY)
    stale = policies.of(GAME_DAY)
    set_policy(GAME_DAY, lea, Step("due-1d", -DAY), at=NOW - 8 * DAY)
    rows = LegalClock.objects.all()
    nudges.sweep(rows, stale, lambda *_: (), at=NOW - 8 * DAY)
    assert policies.of(GAME_DAY).is_changed is True
    sweep(NOW - 8 * DAY, lea)
    row.refresh_from_db()
    assert row.next_nudge_at == NOW - DAY


# --- until, how, to whom, as set


def test_what_is_owed_for_too_long_is_given_up(lea: Person) -> None:
    ben = writer("ben")
    made = item(review(ben), ben, ben)
    steps = policies.of("action_item").ladder.steps
    set_policy("action_item", lea, *steps, gives_up_after_days=10)
    assert "action item AI-1: overdue+7d to ben" in acts(sweep_reviews, made.due_at + 7 * DAY)
    later = [acts(sweep_reviews, made.due_at + days * DAY) for days in (14, 60)]
    assert not any("AI-1" in line for lines in later for line in lines)
    made.refresh_from_db()
    assert made.next_nudge_at is None


def test_a_step_goes_by_its_channel_and_as_urgent_as_set(lea: Person) -> None:
    ben = writer("ben")
    made = item(review(ben), ben, ben)
    set_policy("action_item", lea, Step("due", timedelta(), priority=PAGE))
    sweep_reviews(made.due_at)
    assert OutboxMessage.objects.get(kind="action-item-nudge").priority == PAGE


@settings(max_examples=25, deadline=None)
@given(laws(), OFFSETS, st.lists(OFFSETS, max_size=8))
def test_whatever_the_policy_each_row_hears_each_step_at_most_once_and_none_when_done(
    law: Policy, done: timedelta, wakings: list[timedelta]
) -> None:
    """The sweep itself, over a table: as its pure rules say, and never again once answered."""
    with transaction.atomic():
        ada = person()
        row = LegalClock(
            incident=incident(), kind="counsel", basis="Law", started_at=NOW, due_at=NOW
        )
        nudges.schedule(row, law, at=NOW - 20 * DAY)
        row.save()
        sent = [step for at in sorted(wakings) for step in heard(row, law, ada, NOW + at, done)]
        transaction.set_rollback(True)
    names = [step.name for step in law.ladder.steps]
    places = [
        (names.index(key.partition("#")[0]), int(key.partition("#")[2] or 0)) for key in sent
    ]
    assert all(one < other for one, other in pairwise(places))


def heard(
    row: LegalClock, law: Policy, ada: Person, at: datetime, done: timedelta
) -> list[str]:
    """Sweeps at this instant; from when it is done on the row is answered and nothing comes."""
    before = OutboxMessage.objects.filter(recipient=ada).count()
    if at >= NOW + done:
        LegalClock.objects.filter(pk=row.pk, settled_at=None).update(
            settled_at=at, outcome="met"
        )

    def compose(found: LegalClock, step: DueStep) -> list[Message]:
        key = nudges.key(found, step, ada)
        return [Message(key=key, kind="test", to=ada, subject=step.key, body="Please answer.")]

    new = nudges.sweep(LegalClock.objects.filter(settled_at=None), law, compose, at=at)
    said = OutboxMessage.objects.filter(recipient=ada).order_by("pk")
    keys = list(said.values_list("subject", flat=True))[before:]
    assert len(keys) == new
    assert not keys or (law.is_active and at < NOW + done)
    return keys


@pytest.mark.usefixtures("committing")
def test_two_sweeps_at_once_book_a_change_and_send_each_step_once() -> None:
    ada, lea = person("ada"), allow(person("lea"), "incidents.set_nudgepolicy")
    for _ in range(30):
        owes(NOW)
    late = Step("overdue+1d", DAY)
    set_policy(GAME_DAY, lea, Step("due", timedelta()), late, at=NOW - 9 * DAY)
    start = Barrier(2)

    def run() -> None:
        start.wait()
        for at in (NOW - 8 * DAY, NOW, NOW + DAY):
            sweep(at, ada)
        connection.close()

    both = [Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    subjects = list(OutboxMessage.objects.values_list("subject", flat=True))
    assert sorted(subjects) == ["due"] * 30 + ["overdue+1d"] * 30
    assert records.first_broken_line() is None
