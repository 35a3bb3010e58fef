"""How often levels changed, and who was called too low or too high, worked out by hand."""

from datetime import date, timedelta

import pytest

from incidents.models import Classification, Incident
from reviews.metrics import measure
from reviews.metrics.churn import Churn
from reviews.metrics.shares import Share
from tests.factories import NOW, service, severity_scheme
from tests.reviews.rows import incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def levels():
    return {level.code: level for level in severity_scheme().levels.all()}


@pytest.fixture
def register(levels):
    """`register(("declared", "sev2", "sev2"), …)`: an incident with these entries."""

    def make(*entries, now: str = "", **fields) -> Incident:
        computed = levels[now or entries[-1][2]]
        row = incident(level=levels[entries[-1][1]], computed_level=computed, **fields)
        for minutes, (kind, level, found) in enumerate(entries):
            Classification.objects.create(
                incident=row, kind=kind, level=levels[level], computed=levels[found],
                set_at=NOW + timedelta(minutes=minutes),
            )  # fmt: skip
        return row

    return make


def churn(**said) -> Churn:
    return measure(date(2026, 11, 1), date(2026, 12, 1), at=NOW, **said).severity_churn


def counts(found: Churn) -> tuple[int, int, int, int]:
    return found.n, found.changes, found.under_called.count, found.over_called.count


def test_what_stays_as_it_was_computed_is_steady(register) -> None:
    register(("declared", "sev2", "sev2"))
    assert counts(churn()) == (1, 0, 0, 0)


def test_what_was_raised_later_was_called_too_low_at_first(register) -> None:
    register(("declared", "sev2", "sev2"), ("set", "sev1", "sev1"))
    assert counts(churn()) == (1, 1, 1, 0)


def test_a_level_kept_below_the_computed_one_is_under_called(register) -> None:
    register(("declared", "sev2", "sev2"), ("kept", "sev2", "sev1"))
    assert counts(churn()) == (1, 0, 1, 0)


def test_a_graver_level_that_nobody_decided_on_counts_too(register) -> None:
    register(("declared", "sev2", "sev2"), now="sev1")
    assert counts(churn()) == (1, 0, 1, 0)


def test_a_level_set_above_the_computed_one_is_over_called(register) -> None:
    register(("declared", "sev2", "sev2"), ("set", "sev1", "sev2"), ("set", "sev2", "sev2"))
    # Once at sev1, it was declared below the gravest it had: both are counted.
    assert counts(churn()) == (1, 2, 1, 1)


def test_what_was_lowered_as_the_facts_were_is_neither(register) -> None:
    register(("declared", "sev1", "sev1"), ("set", "sev2", "sev2"))
    assert counts(churn()) == (1, 1, 0, 0)


def test_shares_are_of_those_with_a_register(register) -> None:
    register(("declared", "sev2", "sev2"), ("set", "sev1", "sev1"))
    register(("declared", "sev2", "sev2"))
    incident(source="statuspage", external_id="7")
    found = churn()
    assert found.under_called == Share(n=2, count=1, missing=1)
    assert (found.under_called.share, found.missing) == (0.5, 1)


def test_exercises_and_other_months_are_left_out_and_filters_narrow(register) -> None:
    raised = (("declared", "sev2", "sev2"), ("set", "sev1", "sev1"))
    register(*raised, kind="exercise")
    register(*raised, detected_at=NOW - timedelta(days=60))
    register(*raised, services=[service("payments"), service("search")])
    register(("declared", "sev2", "sev2"))
    assert counts(churn()) == (2, 1, 1, 0)
    assert counts(churn(service="payments")) == (1, 1, 1, 0)
    assert counts(churn(severity="sev2")) == (1, 0, 0, 0)


def test_nothing_is_no_share_of_nothing() -> None:
    assert counts(churn()) == (0, 0, 0, 0)
    assert churn().over_called.share is None
