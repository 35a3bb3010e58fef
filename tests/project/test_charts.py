"""The charts of the first page: twelve months, fewer where a year holds too many incidents."""

from datetime import timedelta

import pytest

from incidents.models import Incident
from raci_project import charts
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def months_shown() -> int:
    return len(charts.four_metrics(NOW)[0].rows)


@pytest.fixture
def one_a_month() -> None:
    Incident.objects.bulk_create(
        Incident(reference=f"INC-{n}", title="Slow", detected_at=at, declared_at=at)
        for n in range(12)
        for at in [NOW - timedelta(days=30 * n)]
    )


def test_a_year_of_incidents_is_charted(one_a_month):
    assert months_shown() == 12


def test_a_year_of_too_many_is_charted_from_the_month_after_the_one_too_many(
    one_a_month, monkeypatch
):
    monkeypatch.setattr(charts, "CHARTED", 3)
    assert months_shown() == 3


def test_this_month_is_charted_however_many_it_holds(one_a_month, monkeypatch):
    monkeypatch.setattr(charts, "CHARTED", 0)
    assert months_shown() == 1
