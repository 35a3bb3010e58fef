"""Notices by contract: of which level, from when, by when, and how one stands."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.rules.notices import Promise, begins_at, due_at, is_owed, standing

HOUR = timedelta(hours=1)
DETECTED = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
DECLARED = DETECTED + HOUR
DUE = DETECTED + 24 * HOUR


@pytest.mark.parametrize(
    ("levels", "level", "owed"),
    [
        ((), "sev3", True),
        ((), None, True),
        (("sev1", "sev2"), "sev2", True),
        (("sev1", "sev2"), "sev3", False),
        (("sev1",), None, False),
    ],
)
def test_a_notice_is_owed_of_the_levels_named_or_of_any(levels, level, owed) -> None:
    assert is_owed(Promise(24, levels=levels), level) is owed


@pytest.mark.parametrize(
    ("starts", "detected_at", "began_at"),
    [
        ("detected", DETECTED, DETECTED),
        ("declared", DETECTED, DECLARED),
        ("detected", None, DECLARED),
    ],
)
def test_its_hours_count_from_what_the_clause_says(starts, detected_at, began_at) -> None:
    promise = Promise(24, starts)
    found = begins_at(promise, detected_at=detected_at, declared_at=DECLARED)
    assert found == began_at


def test_hours_are_plain_hours_also_in_the_night_the_clocks_change() -> None:
    assert due_at(Promise(24), DETECTED) - DETECTED == 24 * HOUR


@pytest.mark.parametrize(
    ("due", "given", "at", "how"),
    [
        (DUE, None, DUE - HOUR, "open"),
        (DUE, None, DUE, "late"),
        (DUE, DUE - HOUR, DUE, "given in time"),
        (DUE, DUE, DUE, "given late"),
        (None, None, DUE, "not owed"),
    ],
)
def test_how_one_stands(due, given, at, how) -> None:
    assert standing(due, given, at) == how
