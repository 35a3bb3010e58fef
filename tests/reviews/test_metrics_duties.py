"""Counsel within the hour and notices in time, worked out by hand."""

from datetime import date, datetime, timedelta
from itertools import count

import pytest

from incidents.models import Incident, LegalClock
from incidents.rules.legal_clocks import COUNSEL, kind_of
from reviews.metrics import Share, measure, monthly
from tests.factories import NOW, service
from tests.reviews.rows import incident

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
_numbers = count(1)


def clock(
    row: Incident | None = None, *, outcome: str = "", due_at: datetime = NOW - HOUR, **fields
) -> LegalClock:
    """A notice that was due an hour ago; settled by now where it has an outcome."""
    regime = f"regime-{next(_numbers)}"
    fields.setdefault("kind", kind_of(regime, "notification"))
    fields.setdefault("regime", "" if fields["kind"] == COUNSEL else regime)
    return LegalClock.objects.create(
        incident=row or incident(), title="Notify", basis="Because", outcome=outcome,
        started_at=due_at - HOUR, due_at=due_at, settled_at=NOW if outcome else None, **fields,
    )  # fmt: skip


def counsel(*args, **fields) -> LegalClock:
    return clock(*args, kind=COUNSEL, **fields)


def november(**said):
    return measure(date(2026, 11, 1), date(2026, 12, 1), at=NOW, **said)


def test_counsel_is_kept_where_the_clock_was_met_and_missed_where_it_was_late_or_still_is():
    counsel(outcome="met")
    counsel(outcome="met")
    counsel(outcome="late")
    counsel()  # nobody yet, and the hour is over
    assert november().counsel_engagement == Share(n=4, count=2)
    assert november().notifications_on_time == Share()


def test_a_clock_that_runs_in_time_is_not_known_yet():
    counsel(due_at=NOW + HOUR)
    clock(due_at=NOW + HOUR)
    assert november().counsel_engagement == november().notifications_on_time == Share()
    LegalClock.objects.update(outcome="met", settled_at=NOW)
    assert (
        november().counsel_engagement == november().notifications_on_time == Share(n=1, count=1)
    )


def test_what_counsel_stood_down_and_what_was_no_incident_was_not_owed():
    clock(outcome="met")
    for outcome in ("stood_down", "void"):
        clock(outcome=outcome)
        counsel(outcome=outcome)
    assert november().notifications_on_time == Share(n=1, count=1)
    assert november().counsel_engagement == Share()


def test_a_target_of_our_own_is_no_deadline_of_the_law():
    clock(outcome="late")
    clock(outcome="met", is_fixed=False)
    clock(is_fixed=False)
    assert november().notifications_on_time == Share(n=1, count=0)


def test_a_notice_is_overdue_only_once_the_later_instant_the_law_allows_has_passed():
    allowed = clock(permitted_until=NOW + timedelta(minutes=1))
    assert november().notifications_on_time == Share()
    LegalClock.objects.filter(pk=allowed.pk).update(permitted_until=NOW)
    assert november().notifications_on_time == Share(n=1, count=0)


def test_exercises_and_cancelled_incidents_are_left_out():
    clock(incident(kind="exercise"), outcome="met")
    counsel(incident(state="cancelled"), outcome="met")
    assert november().counsel_engagement == november().notifications_on_time == Share()


def test_a_clock_belongs_to_the_period_in_which_it_was_due():
    clock(outcome="met", due_at=datetime(2026, 10, 20, tzinfo=NOW.tzinfo))
    counsel(outcome="late", due_at=datetime(2026, 11, 2, tzinfo=NOW.tzinfo))
    assert november().notifications_on_time == Share()
    months = monthly(date(2026, 10, 1), date(2026, 12, 1), at=NOW)
    assert [month.notifications_on_time.n for month in months] == [1, 0]
    assert [month.counsel_engagement.n for month in months] == [0, 1]


def test_the_filters_reach_the_clocks_too():
    payments = service("payments")
    clock(incident(services=[payments]), outcome="met")
    clock(outcome="late")
    assert november(service="payments").notifications_on_time == Share(n=1, count=1)
    assert november().notifications_on_time == Share(n=2, count=1)
