"""Which version is the law at an instant."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents.models import Activity, Cell, SeverityCriterion, SeverityScheme
from incidents.operations.law import (
    holding_roles,
    level_law,
    levels,
    matrix_in_force,
    scheme_in_force,
)
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, DEPUTY, SCRIBE
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)

BOTH: list[tuple[Callable[..., Any], Callable[[datetime], Any]]] = [
    (factories.matrix_version, matrix_in_force),
    (factories.severity_scheme, scheme_in_force),
]


@pytest.mark.parametrize(("make", "in_force"), BOTH)
def test_a_law_is_in_force_from_its_instant_until_the_next(make: Any, in_force: Any) -> None:
    assert in_force(NOW) is None
    first = make(effective_from=NOW)
    second = make(effective_from=NOW + SECOND)
    assert in_force(NOW - SECOND) is None
    assert in_force(NOW) == first
    assert in_force(NOW + SECOND) == second


@pytest.mark.parametrize(("make", "in_force"), BOTH)
def test_what_was_withdrawn_is_no_law(make: Any, in_force: Any) -> None:
    first, second = make(effective_from=NOW), make(effective_from=NOW + SECOND)
    second.status = "withdrawn"
    second.save()
    assert in_force(NOW + SECOND) == first


def test_a_draft_is_no_law() -> None:
    factories.matrix_version(effective_from=None)
    assert matrix_in_force(NOW) is None


# --- what it says


def draft_scheme() -> SeverityScheme:
    return SeverityScheme.objects.create(
        number=9, maker=factories.person("author"), created_at=NOW
    )


def test_an_approved_law_is_read_once(django_assert_num_queries: Any) -> None:
    matrix, scheme = factories.law()
    assert list(levels(scheme)) == ["sev1", "sev2"]
    assert holding_roles(matrix) == {COMMANDER, DEPUTY, COMMUNICATIONS}
    with django_assert_num_queries(0):
        assert [step.role for step in levels(scheme)["sev2"].escalation] == [COMMANDER]
        assert levels(scheme)["sev1"].cadences["public"].first_minutes == 5
        assert holding_roles(matrix) == {COMMANDER, DEPUTY, COMMUNICATIONS}


def test_what_is_read_once_can_no_longer_be_written() -> None:
    _, scheme = factories.law()
    level = levels(scheme)["sev1"].of(scheme)
    with (
        pytest.raises(IntegrityError, match="approved_scheme_never_changes"),
        transaction.atomic(),
    ):
        SeverityCriterion.objects.bulk_create([SeverityCriterion(level=level, name="New")])
    assert [one.name for one in levels(scheme)["sev1"].rule.criteria] == ["Many customers"]


def test_a_draft_is_read_anew_every_time() -> None:
    scheme, matrix = draft_scheme(), factories.matrix_version(effective_from=None)
    assert levels(scheme) == {}
    level = scheme.levels.create(code="sev9", rank=9, name="Severity 9")
    assert list(levels(scheme)) == ["sev9"]
    assert level_law(level) == levels(scheme)["sev9"]
    assert SCRIBE not in holding_roles(matrix)
    activity = Activity.objects.create(version=matrix, phase="triage", name="Write along")
    Cell.objects.create(activity=activity, role=factories.role(SCRIBE), letters="R")
    assert SCRIBE in holding_roles(matrix)


def test_a_row_that_is_handed_out_is_the_callers_own() -> None:
    _, scheme = factories.law()
    mine = levels(scheme)["sev1"].of(scheme)
    mine.name = "Changed"
    assert levels(scheme)["sev1"].of(scheme).name == "Severity 1"
    assert mine.scheme is scheme


def test_no_level_and_no_matrix_say_nothing() -> None:
    assert level_law(None) is None
    assert holding_roles(None) == frozenset()
