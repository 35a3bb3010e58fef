"""The charts of the first page: twelve months, fewer where a year holds too many incidents."""

from datetime import timedelta

import pytest

from incidents.models import Incident
from raci_project import charts
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def months_shown() -> int:
    return len(charts.by_month(charts.period("", NOW).last, at=NOW)[0].rows)


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


@pytest.mark.parametrize(
    ("said", "last", "earlier", "later"),
    [
        ("", "2026-11", "2025-11", ""),
        ("2025-09", "2025-09", "2024-09", "2026-09"),
        ("2026-03", "2026-03", "2025-03", "2026-11"),
        ("2030-01", "2026-11", "2025-11", ""),
        ("last year", "2026-11", "2025-11", ""),
        ("0001-01", "2026-11", "2025-11", ""),
    ],
)
def test_the_charts_end_with_the_month_asked_for_and_lead_on(said, last, earlier, later):
    period = charts.period(said, NOW)
    assert (f"{period.last:%Y-%m}", period.earlier, period.later) == (last, earlier, later)


def test_history_of_years_ago_is_charted_when_asked_for(one_a_month):
    Incident.objects.update(detected_at=NOW.replace(year=2021))
    led = charts.by_month(charts.period("2021-12", NOW).last, at=NOW)[2]
    assert {row[0]: row[1] for row in led.rows}["Nov 21"] == "12"
