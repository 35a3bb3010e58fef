"""Which version is the law at an instant."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents.operations.law import matrix_in_force, scheme_in_force
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
