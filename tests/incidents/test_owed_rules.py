"""What a look changes, and how what is owed is said: no database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from incidents.rules import owed
from incidents.rules.owed import FIRST_TIME, KEPT, KINDS, Owed, compare
from tests.factories import NOW

DAY = timedelta(days=1)
ONE = Owed("1", "A statement", "/1/", NOW + DAY, 7)
TWO = Owed("2", "Another", "/2/", NOW + 2 * DAY, None)
UNDATED = replace(ONE, due_at=None)


def test_what_is_new_opens_and_what_is_gone_is_settled() -> None:
    found = compare([ONE], [TWO], at=NOW)
    assert (found.opened, found.changed, found.settled) == ((ONE,), (), ("2",))


def test_what_stands_as_it_stood_changes_nothing() -> None:
    assert not compare([ONE, TWO], [TWO, ONE], at=NOW)


@pytest.mark.parametrize("change", [{"due_at": NOW}, {"owner": 8}, {"title": "It"}])
def test_what_is_owed_otherwise_is_changed(change) -> None:
    other = replace(ONE, **change)
    found = compare([other], [ONE], at=NOW)
    assert (found.opened, found.changed, found.settled) == ((), (other,), ())


def test_what_was_never_done_is_owed_a_month_after_it_was_found() -> None:
    (opened,) = compare([UNDATED], [], at=NOW).opened
    assert opened.due_at == NOW + FIRST_TIME
    assert not compare(
        [UNDATED], [opened], at=NOW + 5 * DAY
    )  # and no later for being found again


def test_a_policy_that_reminds_early_looks_further_ahead() -> None:
    assert owed.in_sight(-7 * DAY) == owed.IN_SIGHT
    assert owed.in_sight(-90 * DAY) > 90 * DAY


@pytest.mark.parametrize("what", [*KINDS, *KEPT])
def test_each_kind_says_what_it_is_when_and_what_ends_it(what) -> None:
    soon = owed.subject_line(what, "This", date(2026, 12, 1), is_late=False)
    late = owed.subject_line(what, "This", date(2026, 12, 1), is_late=True)
    assert soon.startswith("This ")
    assert soon.endswith(" 1 December 2026")
    assert soon != late
    assert owed.to_do(what)
