"""Recording facts: merged, judged anew, a new level proposed and never applied."""

from datetime import timedelta

import pytest

from incidents.models import Incident, LegalClock
from incidents.operations import facts
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.incidents.scene import (
    LATER,
    MINUTE,
    Scene,
    again,
    last_act,
    refused,
    scene,
    timeline,
    told,
)

pytestmark = pytest.mark.django_db

MANY = {"customers_affected": 5000}


@pytest.fixture
def here() -> Scene:
    return scene(facts={"customers_affected": 10})


def record(here: Scene, given, **fields) -> Incident:
    return facts.record_facts(
        here.incident, facts=given, **({"actor": here.ben, "at": LATER} | fields)
    )


def codes(incident: Incident) -> tuple[str, str]:
    return incident.level.code, incident.computed_level.code


def test_new_facts_join_those_known(here) -> None:
    record(here, {"workaround_available": True})
    assert again(here.incident).facts == {
        "customers_affected": 10,
        "workaround_available": True,
    }


def test_a_later_fact_replaces_an_earlier_and_the_audit_line_keeps_both(here) -> None:
    record(here, {"customers_affected": 20, "safety_risk": False})
    assert again(here.incident).facts["customers_affected"] == 20
    detail = last_act().detail
    assert last_act().actor == here.ben
    assert detail["changed"] == {"customers_affected": 20, "safety_risk": False}
    assert detail["was"] == {"customers_affected": 10, "safety_risk": None}
    assert timeline(here.incident) == ["Facts: customers_affected = 20, safety_risk = False"]


def test_a_fact_known_already_is_confirmed_without_an_entry(here) -> None:
    record(here, {"customers_affected": 10})
    assert last_act().detail["changed"] == {}
    assert timeline(here.incident) == []


def test_a_level_that_differs_is_proposed_to_the_commander_and_not_applied(here) -> None:
    record(here, MANY)
    incident = again(here.incident)
    assert codes(incident) == ("sev2", "sev1")
    assert "Many customers" in incident.severity_reasons[0]
    assert told("severity-proposed") == ["ada"]
    assert "The facts now say Severity 1: proposed" in timeline(incident)
    assert last_act().detail["proposed"] == "sev1"


def test_the_same_proposal_is_not_made_twice(here) -> None:
    record(here, MANY)
    record(here, {"customers_affected": 6000}, at=LATER + MINUTE)
    assert told("severity-proposed") == ["ada"]
    assert last_act().detail["proposed"] is None


def test_facts_that_agree_with_the_level_set_propose_nothing(here) -> None:
    record(here, MANY)
    record(here, {"customers_affected": 10}, at=LATER + MINUTE)
    assert codes(again(here.incident)) == ("sev2", "sev2")
    assert told("severity-proposed") == ["ada"]


def test_where_nobody_commands_leadership_hears_the_proposal(here) -> None:
    here.incident.assignments.filter(role=COMMANDER).delete()
    record(here, MANY)
    assert told("severity-proposed") == ["lea"]


def test_what_the_catalogue_knows_counts_and_is_not_typed(here) -> None:
    here.incident.services.add(factories.service(tier=1))
    with refused("fact_is_derived", Invalid):
        record(here, {"service_tier": 1})
    record(here, MANY)
    assert "service_tier" not in again(here.incident).facts


def test_a_possible_exposure_starts_the_counsel_clock(here) -> None:
    record(here, {"personal_data_exposure": "possible"})
    clock = LegalClock.objects.get()
    assert clock.due_at == LATER + timedelta(hours=1)
    assert last_act().detail["counsel_due_at"] == "2026-11-23T10:10:00Z"


@pytest.mark.parametrize(("wrong", "code"), [
    ({}, "facts_missing"),
    ({"customers": 3}, "unknown_fact"),
    ({"customers_affected": -1}, "fact_out_of_range"),
    ({"customers_affected": True}, "fact_has_wrong_type"),
    ({"personal_data_exposure": "perhaps"}, "fact_not_a_choice"),
    ({"customers_affected": 0, "customers_affected_percent": 5}, "facts_contradict"),
])  # fmt: skip
def test_a_fact_that_cannot_be_changes_nothing(here, wrong, code) -> None:
    with refused(code, Invalid):
        record(here, wrong)
    assert again(here.incident).facts == {"customers_affected": 10}
    assert timeline(here.incident) == []


def test_an_imported_incident_has_facts_and_no_level_to_propose(here) -> None:
    Incident.objects.update(severity_scheme=None, level=None, computed_level=None)
    record(here, MANY)
    assert again(here.incident).facts == MANY
    with refused("unknown_fact", Invalid):
        record(here, {"customers": 3})


def test_facts_come_from_those_with_a_role_and_from_leadership(here) -> None:
    with refused("not_your_role", NotPermitted):
        record(here, MANY, actor=here.cleo)
    with refused("no_permission", NotPermitted):
        record(here, MANY, actor=here.dan)
    record(here, MANY, actor=here.lea)
    assert again(here.incident).facts == MANY


def test_what_is_closed_learns_no_facts() -> None:
    made = scene(state="closed", closed_at=LATER)
    with refused("wrong_state"):
        record(made, MANY)
