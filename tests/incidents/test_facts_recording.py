"""Recording facts: merged, judged anew, a new level proposed and never applied."""

from datetime import timedelta

import pytest

from incidents.models import FactSaid, Incident, LegalClock, NoticeClock
from incidents.operations import facts, legal_case
from incidents.operations.filing import file_notice
from incidents.operations.legal_case import Origin
from incidents.rules.reasons import Invalid, NotPermitted
from incidents.rules.roles import COMMANDER
from tests import factories
from tests.customers import clause, customer
from tests.factories import NOW
from tests.incidents.legal_room import BREACH, NOTIFICATION, Room, holding, room
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
    assert timeline(here.incident) == ["Facts: customers affected = 20; safety risk = no"]


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


# --- under a law


@pytest.fixture
def hall() -> Room:
    return room()


def rows(incident: Incident) -> list[tuple[str, str, object, bool]]:
    found = FactSaid.objects.filter(incident=incident).order_by("id")
    return list(found.values_list("kind", "name", "value", "is_unknown"))


def test_each_answer_is_kept_with_who_gave_it_when_and_how_it_is_known(hall) -> None:
    hall.record(
        {"risk_to_individuals": "high", "customers_affected": 3},
        clocks={"awareness": "2026-11-23T10:05:00+01:00"},
        unknown=["data_protection_state", "classification"],
        source="The forensics call",
    )
    assert rows(hall.incident) == [
        ("fact", "risk_to_individuals", "high", False),
        ("fact", "customers_affected", 3, False),
        ("clock", "awareness", "2026-11-23T09:05:00+00:00", False),
        ("fact", "data_protection_state", None, True),
        ("clock", "classification", None, True),
    ]
    for row in FactSaid.objects.all():
        assert (row.said_by, row.said_at, row.source) == (hall.ben, LATER, "The forensics call")
    assert timeline(hall.incident) == [
        "Facts: the risk to the people = serious harm is possible; customers affected = 3. "
        "When: awareness at 2026-11-23 09:05 UTC. "
        "Nobody knows yet: how the data was protected; classification (The forensics call)"
    ]
    detail = last_act().detail
    assert detail["clocks"] == {"awareness": "2026-11-23T09:05:00Z"}
    assert detail["unknown"] == ["data_protection_state", "classification"]
    assert detail["source"] == "The forensics call"


def test_a_fact_of_the_law_does_not_disturb_severity_and_both_are_judged(hall) -> None:
    hall.record({**MANY, **BREACH})
    assert codes(again(hall.incident)) == ("sev2", "sev1")
    assert hall.kinds() == ["counsel", NOTIFICATION]


def test_that_nobody_knows_takes_back_what_was_said_and_leaves_the_question_open(hall) -> None:
    hall.record({"risk_to_individuals": "high"})
    hall.record(unknown=["risk_to_individuals"], at=LATER + MINUTE)
    assert "risk_to_individuals" not in again(hall.incident).facts
    known = legal_case.known_of(again(hall.incident))
    assert known.unknown == {"risk_to_individuals"}
    assert "risk_to_individuals" not in known.findings
    hall.record({"risk_to_individuals": "risk"}, at=LATER + 2 * MINUTE)
    assert legal_case.known_of(again(hall.incident)).unknown == frozenset()


def test_what_the_profile_says_may_be_otherwise_in_one_incident(hall) -> None:
    hall.record({"clock_timezone": "Asia/Tokyo", "data_roles": ["processor"], **BREACH})
    case = legal_case.case_of(hall.incident, at=LATER)
    assert (case.facts["clock_timezone"], case.facts["operates_in"]) == ("Asia/Tokyo", ["DE"])
    assert hall.clock("eu-gdpr-art33-2-processor--controller_notice").zone == "Asia/Tokyo"


def test_where_each_fact_comes_from_is_known(hall) -> None:
    holding(hall.incident)
    hall.record({"risk_to_individuals": "high"}, unknown=["data_protection_state"])
    found = legal_case.provenance(again(hall.incident))
    assert found["risk_to_individuals"].origin is Origin.SAID
    assert (found["risk_to_individuals"].by, found["risk_to_individuals"].at) == (
        hall.ben,
        LATER,
    )
    assert found["operates_in"].origin is Origin.PROFILE
    assert str(found["operates_in"]) == "Legal profile v1"
    assert found["data_categories"].origin is Origin.DATA_MAP
    assert found["data_protection_state"].origin is Origin.UNKNOWN
    assert "personal_data_exposure" not in found
    known = legal_case.known_of(again(hall.incident))
    assert "data_categories" not in known.findings


def test_a_clause_about_personal_data_starts_with_the_exposure(hall) -> None:
    used = factories.service()
    hall.incident.services.add(used)
    promise = clause(customer("acme", used), concerns="personal_data", hours=24)
    hall.record({"personal_data_exposure": "possible"})
    assert NoticeClock.objects.filter(clause=promise).exists()


@pytest.mark.parametrize(("said", "code", "field"), [
    ({"facts": {"moods": 1}}, "unknown_fact", "facts.moods"),
    ({"facts": {"data_categories": ["moods"]}}, "fact_not_a_choice", "facts.data_categories"),
    ({"facts": {"evaluation_date": "2026-11-23"}}, "fact_is_derived", "facts.evaluation_date"),
    ({"facts": {"service_tier": 1}}, "fact_is_derived", "facts.service_tier"),
    ({"facts": {"data_categories": ["none", "health"]}}, "facts_contradict", "facts.data_categories"),
    ({"facts": {"affected_jurisdictions": ["Mars"]}}, "unknown_jurisdiction", "facts.affected_jurisdictions"),
    ({"facts": {"clock_timezone": "Mars/Olympus"}}, "unknown_zone", "facts.clock_timezone"),
    ({"facts": {"affected_jurisdictions": ["DE\ud800"]}}, "fact_not_storable", "facts.affected_jurisdictions"),
    ({"facts": {"data_categories": [[[[[["personal_data"]]]]]]}}, "fact_not_storable", "facts.data_categories"),
    ({"facts": {"data_categories": {"DE": ["personal_data"]}}}, "fact_has_wrong_type", "facts.data_categories"),
    ({"facts": {"holiday_calendar": "DE\0"}}, "fact_not_storable", "facts.holiday_calendar"),
    ({"facts": {"persons_affected_by_jurisdiction": {"\udfff": 1}}},
     "fact_not_storable", "facts.persons_affected_by_jurisdiction"),
    ({"facts": {"persons_affected_total": float("inf")}}, "fact_not_storable", "facts.persons_affected_total"),
    ({"facts": {"persons_affected_total": float("nan")}}, "fact_not_storable", "facts.persons_affected_total"),
    ({"unknown": ["moods"]}, "unknown_fact", "unknown[0]"),
    ({"unknown": ["service_tier"]}, "fact_is_derived", "unknown[0]"),
    ({"facts": {"risk_to_individuals": "high"}, "unknown": ["risk_to_individuals"]},
     "known_and_unknown", "facts.risk_to_individuals"),
    ({"clocks": {"moods": NOW}}, "unknown_clock", "clocks.moods"),
    ({"clocks": {"previous_stage": NOW}}, "clock_is_derived", "clocks.previous_stage"),
    ({"clocks": {"awareness": LATER + MINUTE}}, "instant_in_the_future", "clocks.awareness"),
    ({"clocks": {"awareness": "today"}}, "instant_has_wrong_type", "clocks.awareness"),
    ({"clocks": {"awareness": "2026-11-23T09:05:00"}}, "instant_is_naive", "clocks.awareness"),
    ({"clocks": {"discovery": NOW + 5 * MINUTE, "awareness": NOW}}, "clocks_out_of_order", "clocks.awareness"),
])  # fmt: skip
def test_what_cannot_be_before_the_law_is_refused_by_its_path(hall, said, code, field) -> None:
    with refused(code, Invalid) as why:
        hall.record(
            **{"given": said.get("facts"), **{k: v for k, v in said.items() if k != "facts"}}
        )
    assert field in [reason.field for reason in why.value.reasons]
    assert rows(hall.incident) == []
    assert again(hall.incident).facts == {}


def test_an_instant_long_before_the_incident_is_a_slip_unless_somebody_knows_it(hall) -> None:
    long_ago = NOW - timedelta(days=9000)
    with refused("instant_long_before", Invalid):
        hall.record(clocks={"discovery": long_ago})
    hall.record(clocks={"discovery": NOW - timedelta(days=300)})
    hall.record(clocks={"discovery": long_ago}, source="The log of the old gateway")
    said = legal_case.instants(legal_case.read(again(hall.incident), at=LATER))
    assert said["discovery"].value == long_ago


def test_clocks_need_a_law_and_facts_of_severity_do_not(here) -> None:
    with refused("no_law_pinned", Invalid):
        record(here, None, clocks={"awareness": NOW})
    record(here, None, unknown=["customers_affected"])
    assert again(here.incident).facts == {}


def test_an_unknown_name_is_answered_with_the_nearest_of_either_vocabulary(hall) -> None:
    with refused("unknown_fact", Invalid) as why:
        hall.record({"risk_to_individual": "high", "customer_affected": 3})
    said = {reason.field: reason.message for reason in why.value.reasons}
    assert "did you mean risk_to_individuals?" in said["facts.risk_to_individual"]
    assert "did you mean customers_affected?" in said["facts.customer_affected"]


def test_a_contradiction_between_what_is_said_and_the_data_map_holds_up_nobody(hall) -> None:
    holding(hall.incident, persons={"DE": 12000})
    hall.record({"persons_affected_total": 5, **BREACH})
    case = legal_case.case_of(again(hall.incident), at=LATER)
    assert case.facts["persons_affected_by_jurisdiction"] == {"DE": 5}


def test_a_late_awareness_changes_the_day_that_is_judged(hall) -> None:
    hall.record(clocks={"awareness": NOW})
    assert legal_case.case_of(hall.incident, at=LATER).facts["evaluation_date"] == "2026-11-23"
    hall.record({"clock_timezone": "Pacific/Kiritimati"}, at=LATER + MINUTE)
    read = legal_case.read(again(hall.incident), at=LATER)
    assert read.case.facts["evaluation_date"] == "2026-11-23"
    assert legal_case.instants(read)["discovery"].origin is Origin.ASSUMED
    assert legal_case.instants(read)["awareness"].origin is Origin.SAID


def test_what_contradicted_itself_before_holds_up_no_other_answer_and_no_filing() -> None:
    here = room()
    here.record(BREACH, clocks={"discovery": NOW})
    # As a merge, or a law that was read otherwise, may leave it behind.
    FactSaid.objects.create(
        incident=here.incident, kind="clock", name="classification", said_by=here.ben,
        value=(NOW - MINUTE).isoformat(), said_at=LATER,
    )  # fmt: skip
    here.record({"customers_affected": 9}, at=LATER + MINUTE)
    with refused("clocks_out_of_order", Invalid):
        here.record(clocks={"discovery": NOW + MINUTE}, at=LATER + MINUTE)
    sent = {"sent_at": LATER, "actor": here.cora, "at": LATER + MINUTE}
    file_notice(here.incident, clock=here.clock(), **sent)
    assert here.clock().outcome == "met"
