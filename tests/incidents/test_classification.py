"""The register of levels: declared, set, kept; what time alone proposes; what old reasons may hide."""

from datetime import timedelta

import pytest

from incidents.models import (
    AuditEvent,
    Classification,
    Incident,
    SeverityCriterion,
    SeverityLevel,
    SeverityScheme,
)
from incidents.operations import facts, severity
from incidents.operations.declaration import declare
from incidents.operations.sweeps import sweep
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.factories import NOW
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    acts,
    again,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

MANY = {"customers_affected": 5000}
HOUR = {"field": "minutes_running", "operator": "gte", "value": 60}


@pytest.fixture
def here() -> Scene:
    return scene(facts={"customers_affected": 10})


def learn(here: Scene, given, at=LATER) -> None:
    facts.record_facts(here.incident, facts=given, actor=here.ben, at=at)


def classify(here: Scene, level: str, reason: str = "", **fields) -> Incident:
    given = {"actor": here.ada, "at": LATER} | fields
    return severity.classify(here.incident, level_code=level, reason=reason, **given)


def registered(incident: Incident) -> list[tuple[str, str, str, str]]:
    rows = Classification.objects.filter(incident=incident)
    return [(one.kind, one.level.code, one.computed.code, one.reason) for one in rows]


# --- the register


def test_a_declaration_is_the_first_row_of_the_register() -> None:
    factories.law()
    ada = factories.allow(factories.person("ada"), "incidents.declare_incident")
    incident = declare(title="Slow", services=[], facts=MANY, actor=ada, at=NOW)
    assert registered(incident) == [("declared", "sev1", "sev1", "")]
    row = Classification.objects.get()
    assert (row.set_by, row.set_at) == (ada, NOW)


def test_a_level_set_is_kept_beside_the_computed_one(here) -> None:
    classify(here, "sev1", "The press calls")
    assert registered(here.incident) == [("set", "sev1", "sev2", "The press calls")]


def test_what_fired_and_what_did_not_are_both_kept() -> None:
    factories.law()
    ada = factories.allow(factories.person("ada"), "incidents.declare_incident")
    incident = declare(title="Slow", services=[], facts={}, actor=ada, at=NOW)
    assert "no criterion of any level holds" in incident.severity_reasons[0]
    assert incident.severity_missed == [
        "sev1, Many customers: customers affected is not known (counted as 0), at least 1000 needed"
    ]


# --- declining what is proposed


def test_a_proposed_level_is_declined_with_a_reason(here) -> None:
    learn(here, MANY)
    assert again(here.incident).is_severity_proposed
    classify(here, "sev2", "Only test accounts")
    incident = again(here.incident)
    assert (incident.level.code, incident.computed_level.code) == ("sev2", "sev1")
    assert incident.severity_override_reason == "Only test accounts"
    assert not incident.is_severity_proposed
    assert registered(incident) == [("kept", "sev2", "sev1", "Only test accounts")]
    assert timeline(incident)[-1] == "Severity kept at Severity 2: Only test accounts"
    assert acts() == ["record_facts", "classify"]
    assert last_act().detail["departs"] is True


def test_keeping_needs_a_reason_and_a_new_one(here) -> None:
    learn(here, MANY)
    with refused("level_unchanged") as caught:
        classify(here, "sev2")
    assert "write why it stays so though the criteria say Severity 1" in str(caught.value)
    classify(here, "sev2", "Only test accounts")
    with refused("level_unchanged"):
        classify(here, "sev2", " Only test accounts ")
    classify(here, "sev2", "The count was wrong, too")
    assert len(registered(here.incident)) == 2


def test_there_is_nothing_to_decline_where_the_criteria_agree(here) -> None:
    with refused("level_unchanged"):
        classify(here, "sev2", "I am sure")
    assert registered(here.incident) == []


def test_keeping_withdraws_no_page_and_starts_no_clock(here) -> None:
    learn(here, MANY)
    before = list(here.incident.update_clocks.values())
    classify(here, "sev2", "Only test accounts")
    assert list(here.incident.update_clocks.values()) == before
    assert last_act().detail["pages_withdrawn"] == 0


def test_only_who_may_classify_declines(here) -> None:
    learn(here, MANY)
    with refused("not_your_role", NotPermitted):
        classify(here, "sev2", "Only test accounts", actor=here.ben)
    with refused("no_permission", NotPermitted):
        classify(here, "sev2", "Only test accounts", actor=here.dan)


def test_an_old_reason_does_not_hide_a_level_computed_since(here) -> None:
    learn(here, MANY)
    classify(here, "sev2", "Only test accounts")
    learn(here, {"customers_affected": 10}, LATER + MINUTE)
    assert not again(here.incident).is_severity_proposed
    learn(here, {"customers_affected": 9000}, LATER + 2 * MINUTE)
    incident = again(here.incident)
    assert incident.is_severity_proposed
    assert incident.severity_override_reason == ""
    assert timeline(incident).count("The facts now say Severity 1: proposed") == 2


def test_facts_that_leave_the_computed_level_as_it_is_leave_its_reason(here) -> None:
    learn(here, MANY)
    classify(here, "sev2", "Only test accounts")
    learn(here, {"customers_affected": 6000}, LATER + MINUTE)
    assert again(here.incident).severity_override_reason == "Only test accounts"


# --- what time alone changes


@pytest.fixture
def running() -> Incident:
    """Detected at NOW and commanded by Ada; an hour of impact raises it to sev1."""
    factories.matrix_version()
    scheme = SeverityScheme.objects.create(
        number=7, maker=factories.person("mia"), created_at=NOW - timedelta(days=2)
    )
    high, _low = (
        SeverityLevel.objects.create(
            scheme=scheme, code=f"sev{rank}", rank=rank, name=f"Severity {rank}"
        )
        for rank in (1, 2)
    )
    SeverityCriterion.objects.create(level=high, name="An hour", predicate=HOUR)
    scheme.status, scheme.checker = "approved", factories.person("chris")
    scheme.approved_at = scheme.effective_from = NOW - timedelta(days=1)
    scheme.save()
    ada = factories.person("ada", qualified=(COMMANDER,))
    ada = factories.allow(ada, "incidents.declare_incident", "incidents.classify_incident")
    return declare(title="Slow", services=[], facts={}, actor=ada, at=NOW)


def swept(at) -> list[str]:
    said: list[str] = []
    severity.sweep(at, said.append)
    return said


def test_time_alone_proposes_a_level_and_applies_none(running) -> None:
    assert running.judge_at == NOW + 60 * MINUTE
    assert swept(NOW + 60 * MINUTE - timedelta(seconds=1)) == []
    assert swept(NOW + 60 * MINUTE) == [f"severity of {running.reference}: Severity 1 proposed"]
    incident = again(running)
    assert (incident.level.code, incident.computed_level.code) == ("sev2", "sev1")
    assert "minutes of impact is 60, at least 60 needed" in incident.severity_reasons[0]
    assert told("severity-proposed") == ["ada"]
    assert (last_act().verb, last_act().actor) == ("judge_severity", None)
    assert incident.judge_at is None
    assert swept(NOW + 90 * MINUTE) == []


def test_the_sweep_of_incidents_judges_too(running) -> None:
    sweep(NOW + 61 * MINUTE)
    assert again(running).is_severity_proposed


def test_it_counts_from_the_start_of_the_impact_where_that_is_known(running) -> None:
    Incident.objects.update(impact_started_at=NOW - 50 * MINUTE, judge_at=NOW)
    swept(NOW)
    assert again(running).judge_at == NOW + 10 * MINUTE


def test_what_was_mitigated_in_time_is_never_raised(running) -> None:
    Incident.objects.update(mitigated_at=NOW + 59 * MINUTE)
    assert swept(NOW + 61 * MINUTE) == [f"severity of {running.reference}: nothing new"]
    incident = again(running)
    assert (incident.computed_level.code, incident.judge_at) == ("sev2", None)


def test_of_what_is_over_nothing_is_asked(running) -> None:
    Incident.objects.update(state="closed", closed_at=NOW + 5 * MINUTE)
    lines = AuditEvent.objects.count()
    assert swept(NOW + 61 * MINUTE) == []
    assert again(running).judge_at is None
    assert AuditEvent.objects.count() == lines


def test_one_that_fails_is_tried_again_later_and_keeps_no_other_back(running) -> None:
    other = Incident.objects.get(pk=running.pk)
    other.pk, other.reference, other._state.adding = None, "INC-99", True
    other.judge_at = NOW + 59 * MINUTE
    other.facts = {"customers_affected": -1}
    other.save()
    at = NOW + 61 * MINUTE
    assert swept(at) == [f"severity of {running.reference}: Severity 1 proposed"]
    assert again(other).judge_at == at + 10 * MINUTE


# --- facts that cannot be


def test_how_long_it_runs_is_counted_and_never_typed(here) -> None:
    with refused("fact_is_derived", Invalid) as caught:
        learn(here, {"minutes_running": 90})
    (reason,) = caught.value.reasons
    assert reason.field == "facts.minutes_running"
    assert "counted from the instants of the incident" in reason.message


def test_facts_that_contradict_what_was_known_before_are_refused_with_the_field(here) -> None:
    learn(here, {"customers_affected_percent": 5})
    with refused("facts_contradict", Invalid) as caught:
        learn(here, {"customers_affected": 0}, LATER + MINUTE)
    assert caught.value.reasons[0].field == "facts.customers_affected_percent"
    assert again(here.incident).facts["customers_affected"] == 10
