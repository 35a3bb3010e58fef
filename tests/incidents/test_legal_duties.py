"""What is owed of each stage: law before policy, what nobody said marked as assumed."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.calendars import is_holiday
from incidents.rules.legal import fitted, may_read_notes, why_counsel, without_denial
from incidents.rules.legal_duties import (
    Duty,
    assumed_instants,
    in_both_zones,
    owed,
    reasons,
    why_not,
)
from incidents.rules.legal_facts import case
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DEPUTY, PRIVACY
from tests.incidents.packs import outcome, shipped

AWARE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BREACH = {
    "clock_timezone": "Europe/Berlin",
    "operates_in": ["DE"],
    "affected_jurisdictions": ["DE"],
    "data_roles": ["controller", "processor"],
    "data_categories": ["personal_data", "credentials"],
    "personal_data_exposure": "confirmed",
    "risk_to_individuals": "high",
}


def duties(facts=BREACH, *, clocks=None, submitted=None, assumed=()) -> dict[str, Duty]:
    clocks = {"awareness": AWARE} if clocks is None else clocks
    found = case(shipped(), facts, clocks, submitted or {})
    return {each.kind: each for each in owed(shipped(), found, is_holiday, assumed)[1]}


def test_a_stage_with_a_number_is_due_by_law_and_until_the_law_allows() -> None:
    duty = duties()["eu-gdpr-art33--notification"]
    assert duty.due_at == AWARE + 72 * HOUR
    assert duty.permitted_until == AWARE + 73 * HOUR
    assert (duty.is_fixed, duty.is_assumed, duty.clock) == (True, False, "awareness")
    assert (duty.zone, duty.started_at) == ("Europe/Berlin", AWARE)
    assert duty.recipients == ("dpa_eu",)


def test_a_title_names_the_stage_only_where_a_regime_has_several() -> None:
    found = duties(
        BREACH
        | {"nis2_incident_classification": "significant", "entity_types": ["nis2_important"]}
    )
    one, several = found["eu-gdpr-art33--notification"], found["eu-nis2-art23--early_warning"]
    assert one.title == shipped().regimes["eu-gdpr-art33"].name
    assert several.title.startswith(f"{shipped().regimes['eu-nis2-art23'].name}: ")


def test_where_the_law_has_no_number_our_own_target_is_due_and_says_so() -> None:
    duty = duties()["eu-gdpr-art34--individuals"]
    assert (duty.due_at, duty.is_fixed, duty.permitted_until) == (
        AWARE + 72 * HOUR,
        False,
        None,
    )


def test_what_waits_for_an_event_has_no_instant_yet() -> None:
    duty = duties(clocks={})["eu-gdpr-art33--notification"]
    assert (duty.due_at, duty.started_at, duty.is_fixed) == (None, None, True)
    assert duty.clock == "awareness"


def test_an_instant_nobody_said_is_marked_and_one_that_was_said_is_not() -> None:
    name = "eu-gdpr-art33--notification"
    assert duties(assumed={"awareness"})[name].is_assumed
    assert not duties(assumed={"discovery"})[name].is_assumed
    assert not duties(clocks={}, assumed={"awareness"})[name].is_assumed


def test_the_basis_names_the_law_and_the_facts() -> None:
    basis = duties()["eu-gdpr-art33--notification"].basis
    assert basis.startswith("GDPR art. 33(1)")
    assert "exposure of personal data: confirmed" in basis
    assert all(len(each.basis) <= 500 and len(each.title) <= 300 for each in duties().values())


def test_every_stage_the_engine_names_is_owed_once_over_all_worked_cases() -> None:
    for each in shipped().test_cases:
        found = case(shipped(), each["facts"], each["clocks"], each.get("submitted") or {})
        said, owes = owed(shipped(), found, is_holiday)
        named = {f"{one.regime}/{one.stage}" for one in said.due}
        named |= {*said.pending, *said.no_fixed_deadline}
        assert sorted(f"{one.regime}/{one.stage}" for one in owes) == sorted(named)
        fixed = {(one.regime, one.stage): one.due_at for one in owes if one.is_fixed}
        assert all(fixed[one.regime, one.stage] == one.due_at for one in said.due)


def test_why_something_is_owed_and_why_not_names_the_facts() -> None:
    found = case(shipped(), BREACH | {"personal_data_exposure": "possible"}, {})
    said = why_not(shipped(), "eu-gdpr-art33", "notification", found)
    assert said.startswith("Exposure of personal data: possible (needed: confirmed)")
    assert said.endswith(".")
    assert "does not concern us" in why_not(shipped(), "of-another-pack", "x", found)
    assert reasons(shipped(), "eu-gdpr-art33", case(shipped(), BREACH, {}))


def test_a_law_that_is_not_in_force_on_the_day_says_so() -> None:
    found = case(shipped(), BREACH | {"evaluation_date": "2017-01-01"}, {})
    said = why_not(shipped(), "eu-gdpr-art33", "notification", found)
    assert said == "It does not apply on 2017-01-01."


# --- instants nobody said


def test_discovery_and_awareness_are_assumed_at_the_detection() -> None:
    assert assumed_instants({}, AWARE) == {"discovery": AWARE, "awareness": AWARE}
    assert assumed_instants({"discovery": AWARE, "awareness": AWARE}, AWARE) == {}


def test_what_is_assumed_is_never_later_than_what_can_only_follow_it() -> None:
    early = AWARE - HOUR
    assert assumed_instants({"awareness": early}, AWARE) == {"discovery": early}
    assert assumed_instants({"classification": early}, AWARE)["awareness"] == early
    assert assumed_instants({}, AWARE, early) == {"discovery": early, "awareness": early}


def test_nobody_is_taken_to_be_aware_before_a_discovery_that_was_said() -> None:
    late = AWARE + HOUR
    assert assumed_instants({"discovery": late}, AWARE) == {"awareness": late}


# --- the data map beside what was said


def test_what_somebody_said_takes_the_place_of_what_the_data_map_assumes() -> None:
    mapped = {
        "data_categories": ["health"],
        "affected_jurisdictions": ["DE", "US", "US-CA"],
        "persons_affected_by_jurisdiction": {"DE": 900, "US-CA": 700},
        "persons_affected_total": 1600,
    }
    assert fitted(mapped, {}) == mapped
    here = fitted(mapped, {"affected_jurisdictions": ["DE"]})
    assert here["persons_affected_by_jurisdiction"] == {"DE": 900}
    assert "affected_jurisdictions" not in here
    few = fitted(mapped, {"persons_affected_total": 5})
    assert few["persons_affected_by_jurisdiction"] == {"DE": 5, "US-CA": 5}
    many = fitted(mapped, {"persons_affected_by_jurisdiction": {"DE": 5000}})
    assert many["persons_affected_total"] == 5000


def test_no_data_beside_an_exposure_is_left_out_and_alone_it_stands() -> None:
    denied = {"data_categories": ["none"]}
    assert without_denial({**denied, "personal_data_exposure": "confirmed"}) == {
        "personal_data_exposure": "confirmed"
    }
    assert without_denial(denied) == denied


# --- counsel, notes, zones


def test_counsel_is_asked_by_an_exposure_or_by_a_rule_of_the_pack_which_is_named() -> None:
    assert why_counsel({"personal_data_exposure": "possible"}).startswith(
        "Personal data may be"
    )
    assert why_counsel({}) == ""
    asked = outcome({"extortion_demand": True})
    said = why_counsel({}, shipped(), asked)
    assert "(rule extortion)" in said
    assert why_counsel({}, shipped(), outcome({})) == ""


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        ((COUNSEL,), True),
        ((PRIVACY,), True),
        ((COMMANDER,), True),
        ((DEPUTY, COMMUNICATIONS), False),
        ((), False),
    ],
)
def test_counsel_privacy_and_command_read_notes_and_nobody_else(roles, may) -> None:
    assert may_read_notes(roles) is may


def test_an_instant_is_said_in_utc_and_where_its_clock_is_read() -> None:
    assert in_both_zones(AWARE, "UTC") == "2026-11-23 09:00 UTC"
    assert in_both_zones(AWARE, "Europe/Berlin") == (
        "2026-11-23 09:00 UTC (2026-11-23 10:00 Europe/Berlin)"
    )
