"""The metrics as DOMAIN defines them, against figures worked out by hand or by the standard library."""

import random
import statistics
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Assignment
from incidents.rules.reasons import Invalid
from incidents.rules.roles import COMMUNICATIONS
from reviews.metrics import CauseShare, Duration, Share, measure, monthly
from reviews.models import ActionItem, Review
from tests.factories import NOW, person, role, service, severity_scheme
from tests.reviews.rows import cause, incident

pytestmark = pytest.mark.django_db

NOVEMBER = (date(2026, 11, 1), date(2026, 12, 1))


def detected(minutes: float = 0, *, day: int = 10) -> datetime:
    return datetime(2026, 11, day, 12, 0, tzinfo=UTC) + timedelta(minutes=minutes)


def november(**filters):
    return measure(*NOVEMBER, at=NOW, **filters)


@pytest.fixture
def level():
    """A level at which policy asks for a public update."""
    return severity_scheme().levels.get(code="sev1")


def published(row, *, cause_class=None, repeat_of=None, status="published") -> Review:
    return Review.objects.create(
        incident=row, owner=person(), status=status, cause_class=cause_class, repeat_of=repeat_of,
        due_at=NOW, published_at=NOW - timedelta(days=1) if status == "published" else None,
    )  # fmt: skip


def test_nothing_is_nothing_and_not_a_division_by_zero():
    report = november()
    assert report.time_to_first_public_update == Duration()
    assert (report.repeat_rate.share, report.comms_lead_share.share) == (None, None)


def test_the_first_public_update_is_asked_where_policy_asks_for_one(level):
    for minutes in (10, 20, 60):
        incident(level=level, detected_at=detected(), first_public_update_at=detected(minutes))
    incident(level=level, detected_at=detected(), state="mitigation")
    incident(level=level, detected_at=detected())
    incident(level=level, detected_at=None, declared_at=detected())
    low = level.scheme.levels.get(code="sev2")
    incident(level=low, detected_at=detected(), first_public_update_at=detected(999))
    incident(detected_at=detected(), first_public_update_at=detected(999))
    assert november().time_to_first_public_update == Duration(
        n=3, median_minutes=20.0, p90_minutes=52.0, running=1, never=1, missing=1
    )


def test_a_post_before_detection_kept_nobody_waiting(level):
    incident(level=level, detected_at=detected(), first_public_update_at=detected(-5))
    found = november().time_to_first_public_update
    assert (found.n, found.median_minutes, found.missing) == (1, 0.0, 0)


def test_any_other_end_before_its_beginning_is_missing():
    incident(detected_at=detected(), contained_at=detected(-5), resolved_at=detected(30))
    report = november()
    assert report.detection_to_containment == Duration(missing=1)
    assert report.detection_to_resolution.median_minutes == 30.0


def test_containment_runs_while_open_and_was_never_reached_once_closed():
    incident(detected_at=detected(), contained_at=detected(12))
    incident(detected_at=detected(), state="triage")
    incident(detected_at=detected())
    incident(detected_at=detected(), source="status", external_id="1")
    assert november().detection_to_containment == Duration(
        n=1, median_minutes=12.0, p90_minutes=12.0, running=1, never=1, missing=1
    )


def test_command_and_acknowledgement_are_timed():
    incident(
        detected_at=detected(), declared_at=detected(2), acknowledged_at=detected(5),
        commander_assigned_at=detected(3),
    )  # fmt: skip
    report = november()
    assert report.time_to_commander.median_minutes == 1.0
    assert report.time_to_acknowledge.median_minutes == 5.0


def test_percentiles_agree_with_the_standard_library():
    chance = random.Random(7)
    for size in (2, 3, 10, 11, 41):
        waits = [round(chance.expovariate(1 / 40), 3) for _ in range(size)]
        for minutes in waits:
            incident(
                detected_at=detected(day=size % 28 + 1),
                contained_at=detected(minutes, day=size % 28 + 1),
            )
        first = date(2026, 11, size % 28 + 1)
        found = measure(first, first + timedelta(days=1), at=NOW).detection_to_containment
        assert found.n == size
        assert found.median_minutes == pytest.approx(statistics.median(waits), abs=1e-3)
        ninetieth = statistics.quantiles(waits, n=10, method="inclusive")[-1]
        assert found.p90_minutes == pytest.approx(ninetieth, abs=1e-3)


def test_exercises_and_cancelled_incidents_are_left_out():
    incident(detected_at=detected(), kind="exercise", contained_at=detected(1))
    incident(detected_at=detected(), state="cancelled", contained_at=detected(1))
    incident(detected_at=detected(), contained_at=detected(9))
    assert november().detection_to_containment.median_minutes == 9.0
    assert november().comms_lead_share.n == 1


def test_the_period_is_half_open_in_the_organisations_zone(settings):
    settings.ORGANISATION_ZONE = ZoneInfo("Asia/Tokyo")
    for instant in (
        datetime(2026, 10, 31, 14, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 31, 15, 0, tzinfo=UTC),
        datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 15, 0, tzinfo=UTC),
    ):
        incident(detected_at=instant)
    assert november().comms_lead_share.n == 2
    assert [
        month.comms_lead_share.n
        for month in monthly(date(2026, 10, 1), date(2027, 1, 1), at=NOW)
    ] == [1, 2, 1]


def test_the_communications_lead_counts_even_if_the_role_has_ended():
    led, other = incident(detected_at=detected()), incident(detected_at=detected())
    incident(detected_at=detected(), source="status", external_id="1")
    for row, slug in ((led, COMMUNICATIONS), (led, COMMUNICATIONS), (other, "scribe")):
        Assignment.objects.create(
            incident=row, role=role(slug), person=person(), reason="x",
            assigned_at=detected(), ended_at=detected(5),
        )  # fmt: skip
    share = november().comms_lead_share
    assert (share.n, share.count, share.missing, share.share) == (2, 1, 1, 0.5)


def test_a_repeat_shares_cause_and_service_within_ninety_days():
    payments, login = service("payments"), service("login")
    config, capacity = cause("config"), cause("capacity")

    def closed(at, used, of):
        row = incident(services=used, detected_at=at)
        published(row, cause_class=of)

    closed(detected(), [payments, login], config)
    closed(detected() - timedelta(days=90), [login], config)
    closed(detected(day=12), [payments], capacity)
    closed(detected(day=13), [login], capacity)
    found = november().repeat_rate
    assert (found.n, found.count, found.by_rule, found.by_link) == (3, 1, 1, 0)
    assert found.share == pytest.approx(1 / 3, abs=1e-4)
    assert found.by_cause_class == (
        CauseShare(cause_class="capacity", n=2, count=0),
        CauseShare(cause_class="config", n=1, count=1),
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"at": -timedelta(days=90, seconds=1)}, {}),
        ({"used": "login"}, {}),
        ({"of": "capacity"}, {}),
        ({"status": "draft"}, {}),
        ({}, {"status": "draft"}),
        ({"kind": "exercise"}, {}),
        ({}, {"state": "resolution"}),
    ],
)
def test_what_is_not_alike_near_and_said_is_no_repeat(earlier, later):
    services = {slug: service(slug) for slug in ("payments", "login")}
    for said, default in ((earlier, -timedelta(days=1)), (later, timedelta())):
        row = incident(
            services=[services[said.get("used", "payments")]],
            detected_at=detected() + said.get("at", default),
            kind=said.get("kind", "incident"), state=said.get("state", "closed"),
        )  # fmt: skip
        published(
            row,
            cause_class=cause(said.get("of", "config")),
            status=said.get("status", "published"),
        )
    assert november().repeat_rate.count == 0


def test_a_person_sees_a_repeat_no_rule_does_and_none_counts_twice():
    payments = service("payments")
    old = incident(detected_at=detected() - timedelta(days=300))
    near = incident(services=[payments], detected_at=detected(-60))
    published(near, cause_class=cause())
    linked = incident(detected_at=detected())
    published(linked, repeat_of=old)
    both = incident(services=[payments], detected_at=detected())
    published(both, cause_class=cause(), repeat_of=near)
    found = november().repeat_rate
    assert (found.n, found.count, found.by_rule, found.by_link) == (3, 2, 1, 2)


def test_reviews_count_once_they_are_due():
    for due_at, published_at in (
        (detected(), detected(-1)),
        (detected(), detected(1)),
        (detected(), None),
        (NOW + timedelta(days=1), None),
        (detected() - timedelta(days=30), detected()),
    ):
        row = incident(detected_at=detected())
        Review.objects.create(
            incident=row, owner=person(), due_at=due_at, published_at=published_at,
            status="published" if published_at else "draft",
        )  # fmt: skip
    exercise = incident(kind="exercise")
    Review.objects.create(incident=exercise, owner=person(), due_at=detected())
    share = november().review_on_time
    assert (share.n, share.count) == (3, 1)


def test_only_what_was_done_by_the_original_date_is_on_time():
    draft = published(incident(detected_at=detected()))
    for status, finished_day, original in (
        ("done", 12, date(2026, 11, 12)),
        ("done", 13, date(2026, 11, 12)),
        ("cancelled", 11, date(2026, 11, 12)),
        ("accepted_risk", 11, date(2026, 11, 12)),
        ("open", None, date(2026, 11, 12)),
        ("open", None, date(2026, 11, 23)),
        ("open", None, date(2026, 10, 31)),
    ):
        ActionItem.objects.create(
            reference=f"AI-{ActionItem.objects.count()}", review=draft, title="x", kind="detect", owner=person(),
            due_on=date(2027, 1, 1), original_due_on=original, status=status,
            finished_at=finished_day and datetime(2026, 11, finished_day, 23, 59, tzinfo=UTC),
        )  # fmt: skip
    share = november().action_completion_on_time
    assert (share.n, share.count, share.share) == (5, 1, 0.2)


def test_filters_narrow_every_figure_and_refuse_what_nobody_knows(level):
    payments = service("payments")
    incident(level=level, detected_at=detected(), services=[payments], contained_at=detected(5))
    incident(detected_at=detected(), contained_at=detected(50))
    assert november(severity="sev1").detection_to_containment.median_minutes == 5.0
    assert november(service="payments").detection_to_containment.n == 1
    assert november(severity="sev2").comms_lead_share == Share()
    for said, code in (
        ({"severity": "sev9"}, "unknown_severity"),
        ({"service": "x"}, "unknown_service"),
    ):
        with pytest.raises(Invalid) as refused:
            november(**said)
        assert refused.value.has(code)


@pytest.mark.parametrize(
    ("first", "until", "code"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), "period_empty"),
        (date(2026, 11, 2), date(2026, 11, 1), "period_empty"),
    ],
)
def test_an_empty_period_is_refused(first, until, code):
    with pytest.raises(Invalid) as refused:
        measure(first, until, at=NOW)
    assert refused.value.has(code)


def test_days_no_incident_can_have_are_refused():
    for first, until in (
        (date.min, NOVEMBER[1]),
        (NOVEMBER[0], date.max),
        (date.max, date.max),
    ):
        for read in (measure, monthly):
            with pytest.raises(Invalid):
                read(first, until, at=NOW)
    with pytest.raises(Invalid) as refused:
        measure(date.min, date.max, at=NOW)
    assert refused.value.has("date_out_of_range")


def test_months_are_calendar_months_each_with_its_own_median():
    incident(
        detected_at=datetime(2026, 9, 30, 23, 59, tzinfo=UTC),
        contained_at=datetime(2026, 10, 1, 0, 1, tzinfo=UTC),
    )
    incident(detected_at=detected(), contained_at=detected(30))
    incident(detected_at=detected(), contained_at=detected(50))
    months = monthly(date(2026, 9, 15), date(2026, 11, 11), at=NOW)
    assert [month.starts_on for month in months] == [
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 11, 1),
    ]
    assert [month.detection_to_containment.median_minutes for month in months] == [
        2.0,
        None,
        40.0,
    ]


def test_at_most_twenty_four_months_are_shown():
    assert len(monthly(date(2024, 12, 1), date(2026, 12, 1), at=NOW)) == 24
    with pytest.raises(Invalid) as refused:
        monthly(date(2024, 11, 1), date(2026, 12, 1), at=NOW)
    assert refused.value.has("too_many_months")


def test_more_incidents_and_months_take_no_more_queries(level):
    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as full:
            november(severity="sev1")
        with CaptureQueriesContext(connection) as charts:
            monthly(date(2025, 1, 1), date(2026, 12, 1), at=NOW)
        return len(full), len(charts)

    def more(count: int) -> None:
        at = detected() - timedelta(days=20 * count)
        instants = dict.fromkeys(
            ("contained_at", "resolved_at", "acknowledged_at", "commander_assigned_at"), NOW
        )
        row = incident(level=level, detected_at=at, first_public_update_at=NOW, **instants)
        published(row, cause_class=cause(f"c{count % 5}"))

    more(0)
    before = queries()
    for count in range(30):
        more(count)
    assert queries() == before == (15, 8)
