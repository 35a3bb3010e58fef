"""One register of action items: one owner, one date, an end in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from incidents.models import AuditEvent, OutboxMessage
from incidents.rules.reasons import Invalid, NotPermitted, Refused
from reviews.operations.action_item import finish, reassign, reschedule
from tests.factories import NOW, person
from tests.reviews.rows import FRIDAY, item, leader, review, writer

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 30)


@pytest.fixture
def ben():
    return writer("ben")


@pytest.fixture
def draft(ben):
    return review(ben)


def test_an_item_is_numbered_told_to_its_owner_and_due_when_their_day_ends(draft, ben):
    owner = person("mei", time_zone="Asia/Tokyo")
    made = item(draft, owner, ben, detail="In the form.")
    assert made.reference == "AI-1"
    assert made.original_due_on == made.due_on == FRIDAY
    assert made.due_at == datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    assert made.next_nudge_at == made.due_at
    message = OutboxMessage.objects.get(kind="action-item-yours")
    assert message.recipient == owner
    assert message.subject == "AI-1 is yours, due 27 November 2026: Check values"
    assert f"/reviews/actionitem/{made.pk}/" in message.link
    line = AuditEvent.objects.get(verb="add_actionitem")
    assert (line.actor, line.detail["owner"]) == (ben, "mei")


def test_a_date_far_away_is_nudged_a_week_before(draft, ben):
    made = item(draft, ben, ben, due_on=date(2026, 12, 24))
    assert made.due_at - made.next_nudge_at == timedelta(days=7)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"title": "  "}, "title_missing"),
        ({"title": "x" * 201}, "title_too_long"),
        ({"kind": "hope"}, "unknown_kind"),
        ({"due_on": date(2026, 11, 22)}, "due_in_past"),
        ({"due_on": date.max}, "date_out_of_range"),
    ],
)
def test_an_item_that_cannot_be_meant_is_refused_and_takes_no_number(draft, ben, said, code):
    with pytest.raises(Invalid) as refused:
        item(draft, ben, ben, **said)
    assert refused.value.has(code)
    assert item(draft, ben, ben, due_on=NOW.date()).reference == "AI-1"


def test_somebody_who_left_cannot_own_an_item(draft, ben):
    with pytest.raises(Refused) as refused:
        item(draft, person("gone", is_active=False), ben)
    assert refused.value.has("owner_inactive")


@pytest.mark.parametrize("status", ["done", "cancelled", "accepted_risk"])
def test_the_owner_ends_an_item_in_words(draft, ben, status):
    made = item(draft, ben, ben)
    ended = finish(made, status=status, outcome="As agreed.", actor=ben, at=NOW)
    assert (ended.status, ended.finished_at, ended.outcome) == (status, NOW, "As agreed.")
    assert ended.next_nudge_at is None
    assert ended.due_on == FRIDAY


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"status": "done", "outcome": " "}, "outcome_missing"),
        ({"status": "open", "outcome": "x"}, "unknown_status"),
    ],
)
def test_an_end_without_words_or_of_no_kind_is_refused(draft, ben, said, code):
    made = item(draft, ben, ben)
    with pytest.raises(Invalid) as refused:
        finish(made, **said, actor=ben, at=NOW)
    assert refused.value.has(code)


def test_what_is_finished_stays_as_it_is(draft, ben):
    made = item(draft, ben, ben)
    finish(made, status="done", outcome="Done.", actor=ben, at=NOW)
    for act in (
        lambda: finish(made, status="done", outcome="Again.", actor=ben, at=NOW),
        lambda: reschedule(made, due_on=MONDAY, reason="x", actor=ben, at=NOW),
        lambda: reassign(made, owner=person("cy"), reason="x", actor=ben, at=NOW),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.has("item_finished")


def test_a_moved_date_keeps_the_original_and_begins_its_reminders_anew(draft, ben):
    made = item(draft, ben, ben)
    moved = reschedule(made, due_on=MONDAY, reason="Waiting for a part.", actor=ben, at=NOW)
    assert (moved.due_on, moved.original_due_on) == (MONDAY, FRIDAY)
    assert moved.next_nudge_at == datetime(2026, 11, 24, tzinfo=UTC)
    line = AuditEvent.objects.get(verb="reschedule_actionitem")
    assert line.detail == {
        "before": "2026-11-27", "due_on": "2026-11-30", "reason": "Waiting for a part.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"due_on": FRIDAY, "reason": "x"}, "same_date"),
        ({"due_on": date(2026, 11, 1), "reason": "x"}, "due_in_past"),
        ({"due_on": MONDAY, "reason": " "}, "reason_missing"),
    ],
)
def test_a_date_moves_forward_and_for_a_reason(draft, ben, said, code):
    made = item(draft, ben, ben)
    with pytest.raises(Invalid) as refused:
        reschedule(made, **said, actor=ben, at=NOW)
    assert refused.value.has(code)


def test_a_new_owner_is_told_and_the_day_ends_in_their_zone(draft, ben):
    made = item(draft, ben, ben)
    ana = person("ana", time_zone="America/New_York")
    given = reassign(made, owner=ana, reason="Ben is away.", actor=ben, at=NOW)
    assert (given.owner, given.due_at) == (ana, datetime(2026, 11, 28, 5, 0, tzinfo=UTC))
    assert OutboxMessage.objects.filter(kind="action-item-yours", recipient=ana).count() == 1


def test_an_overdue_item_may_still_change_hands(draft, ben):
    made = item(draft, ben, ben)
    late = NOW + timedelta(days=30)
    given = reassign(made, owner=person("ana"), reason="Ben left.", actor=ben, at=late)
    assert given.next_nudge_at == late


def test_an_item_goes_to_somebody_else_who_is_here(draft, ben):
    made = item(draft, ben, ben)
    for owner, reason, code in (
        (ben, "x", "same_owner"),
        (person("gone", is_active=False), "x", "owner_inactive"),
        (person("ana"), "", "reason_missing"),
    ):
        with pytest.raises(Refused) as refused:
            reassign(made, owner=owner, reason=reason, actor=ben, at=NOW)
        assert refused.value.has(code)


def test_only_the_owner_or_leadership_acts_on_an_item(draft, ben):
    made = item(draft, ben, ben)
    with pytest.raises(NotPermitted) as refused:
        finish(made, status="done", outcome="x", actor=writer("cleo"), at=NOW)
    assert refused.value.has("not_the_owner")
    dan = person("dan", is_staff=True)
    theirs = item(draft, dan, ben)
    with pytest.raises(NotPermitted) as refused:
        finish(theirs, status="done", outcome="x", actor=dan, at=NOW)
    assert refused.value.has("no_permission")
    assert (
        finish(made, status="done", outcome="x", actor=leader("ada"), at=NOW).status == "done"
    )
