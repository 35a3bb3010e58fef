"""GET /api/v1/metrics: the promised shape, and a reason for every no."""

from datetime import timedelta

import pytest

from incidents.models import ApiToken
from incidents.models.access import digest
from tests.factories import NOW, allow, person, service, severity_scheme
from tests.reviews.rows import incident

pytestmark = pytest.mark.django_db

NOVEMBER = {"from": "2026-11-01", "to": "2026-12-01"}
DURATION = {"n", "median_minutes", "p90_minutes", "running", "never", "missing"}
SHARE = {"n", "count", "share", "missing"}


@pytest.fixture
def ask(client):
    """Asks with a token: `ask(query, who)`."""

    def get(query: dict[str, str], who=None):
        who = who or allow(person("ada"), "incidents.view_incident")
        ApiToken.objects.get_or_create(
            digest=digest(who.username),
            defaults={"person": who, "label": "t", "created_at": NOW},
        )
        headers = {"Authorization": f"Bearer {who.username}"}
        return client.get("/api/v1/metrics", query, headers=headers)

    return get


def refused(response, status: int) -> list[tuple[str, str]]:
    assert response.status_code == status
    return [(reason["code"], reason["field"]) for reason in response.json()["reasons"]]


def test_the_answer_has_the_promised_shape(ask):
    level = severity_scheme().levels.get(code="sev1")
    incident(level=level, first_public_update_at=NOW - timedelta(minutes=53))
    answer = ask(NOVEMBER).json()
    for name in (
        "time_to_first_public_update", "detection_to_containment", "detection_to_resolution",
        "time_to_commander", "time_to_acknowledge",
    ):  # fmt: skip
        assert set(answer[name]) == DURATION
    for name in (
        "comms_lead_share", "update_adherence", "review_on_time", "action_completion_on_time",
        "counsel_engagement", "notifications_on_time",
    ):  # fmt: skip
        assert set(answer[name]) == SHARE
    assert set(answer["severity_churn"]) == {
        "n",
        "changes",
        "missing",
        "under_called",
        "over_called",
    }
    assert set(answer["severity_churn"]["under_called"]) == SHARE
    assert set(answer["repeat_rate"]) == {*SHARE, "by_rule", "by_link", "by_cause_class"}
    assert answer["time_to_first_public_update"] == {
        "n": 1, "median_minutes": 7.0, "p90_minutes": 7.0, "running": 0, "never": 0, "missing": 0,
    }  # fmt: skip
    assert answer["comms_lead_share"] == {"n": 1, "count": 0, "share": 0.0, "missing": 0}


def test_the_filters_reach_the_figures(ask):
    level = severity_scheme().levels.get(code="sev1")
    incident(level=level, services=[service("payments")])
    incident()
    who = allow(person("ada"), "incidents.view_incident")
    assert ask(NOVEMBER, who).json()["comms_lead_share"]["n"] == 2
    for narrowed in ({"severity": "sev1"}, {"service": "payments"}):
        assert ask(NOVEMBER | narrowed, who).json()["comms_lead_share"]["n"] == 1


def test_a_misspelt_filter_is_named_instead_of_answered_with_everything(ask):
    severity_scheme()
    incident()
    who = allow(person("ada"), "incidents.view_incident")
    assert ask(NOVEMBER | {"severity": "sev1"}, who).json()["comms_lead_share"]["n"] == 0
    said = ask(NOVEMBER | {"severty": "sev1"}, who)
    assert refused(said, 422) == [("extra_forbidden", "severty")]
    assert "from, to, severity, service" in said.json()["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": "2026-12-01"}, "from"),
        ({"from": "2026-11-01"}, "to"),
        ({"from": "2026-13-01", "to": "2026-12-01"}, "from"),
        ({"from": "soon", "to": "2026-12-01"}, "from"),
    ],
)
def test_a_bad_or_missing_date_is_named(ask, query, field):
    assert [name for _, name in refused(ask(query), 422)] == [field]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"from": "2026-12-01", "to": "2026-11-01"}, ("period_empty", "to")),
        ({**NOVEMBER, "severity": "sev9"}, ("unknown_severity", "severity")),
        ({**NOVEMBER, "service": "nothing"}, ("unknown_service", "service")),
    ],
)
def test_what_cannot_be_answered_is_refused_and_not_zero(ask, query, reason):
    assert refused(ask(query), 422) == [reason]


def test_dan_may_not_see_the_figures(ask):
    dan = person("dan", is_staff=True)
    assert refused(ask(NOVEMBER, dan), 403) == [("no_permission", "")]


def test_without_a_token_there_are_no_figures(client):
    assert refused(client.get("/api/v1/metrics", NOVEMBER), 401) == [("no_token", "")]
