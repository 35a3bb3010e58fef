"""What is known of an incident is total, closed and free of contradiction, or refused by path."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.calendars import is_holiday
from incidents.rules import legal_engine, legal_facts
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import NOTHING, shipped


def case(facts: Any, clocks: Any = NOTHING, submitted: Any = NOTHING) -> legal_facts.Case:
    """The case under the shipped pack."""
    return legal_facts.case(shipped(), facts, clocks, submitted)


def refusal(
    facts: Any, clocks: Any = NOTHING, submitted: Any = NOTHING
) -> set[tuple[str, str]]:
    """Code and path of each reason for which this is no case."""
    with pytest.raises(Invalid) as caught:
        case(facts, clocks, submitted)
    return {(reason.code, reason.field) for reason in caught.value.reasons}


def test_facts_are_total_and_know_what_was_given() -> None:
    found = case({"operates_in": ["DE"]}).facts
    assert found["risk_to_individuals"] == "unknown"
    assert found.given == {"operates_in"}
    assert set(found) == {*shipped().facts, "derived"}


def test_a_part_of_a_country_implies_the_country_and_a_category_personal_data() -> None:
    found = case(
        {
            "affected_jurisdictions": ["US-CA", "DE"],
            "data_categories": ["health", "credentials"],
        }
    ).facts
    assert found["affected_jurisdictions"] == ["US-CA", "US", "DE"]
    assert found["data_categories"] == ["personal_data", "health", "credentials"]


@pytest.mark.parametrize("categories", [["none"], ["non_personal_confidential"], []])
def test_what_is_no_personal_data_implies_none(categories: list[str]) -> None:
    assert case({"data_categories": categories}).facts["data_categories"] == categories


@pytest.mark.parametrize(
    ("said", "meant"), [("EU", {"EU", "DE", "IS", "NO"}), ("UK", {"GB"}), ("EL", {"GR"})]
)
def test_a_code_people_write_for_another_loses_no_law(said: str, meant: set[str]) -> None:
    assert meant <= set(
        case({"affected_jurisdictions": [said]}).facts["affected_jurisdictions"]
    )


def test_the_largest_count_among_the_states_is_counted_for_the_predicates() -> None:
    counts = {"US": 900, "US-CA": 500, "US-NY": 400, "DE": 7_000}
    facts = {"persons_affected_by_jurisdiction": counts}
    assert case(facts).facts["derived"] == {"max_us_state_persons": 500}
    assert case({}).facts["derived"] == {"max_us_state_persons": 0}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"operate_in": ["DE"]}, ("unknown_fact", "facts.operate_in")),
        ({"derived": {"max_us_state_persons": 3}}, ("unknown_fact", "facts.derived")),
        ({"risk_to_individuals": "huge"}, ("fact_not_a_choice", "facts.risk_to_individuals")),
        ({"entity_types": ["bank"]}, ("fact_not_a_choice", "facts.entity_types")),
        ({"persons_affected_total": -1}, ("fact_out_of_range", "facts.persons_affected_total")),
        (
            {"persons_affected_total": True},
            ("fact_has_wrong_type", "facts.persons_affected_total"),
        ),
        ({"clock_timezone": "Europe/Atlantis"}, ("unknown_zone", "facts.clock_timezone")),
        ({"clock_timezone": "Europe"}, ("unknown_zone", "facts.clock_timezone")),
        ({"clock_timezone": "x" * 300}, ("unknown_zone", "facts.clock_timezone")),
        ({"clock_timezone": "\ud800"}, ("unknown_zone", "facts.clock_timezone")),
        ({"clock_timezone": None}, ("fact_has_wrong_type", "facts.clock_timezone")),
        ({"holiday_calendar": "Germany"}, ("unknown_country", "facts.holiday_calendar")),
        (
            {"affected_jurisdictions": ["de"]},
            ("unknown_jurisdiction", "facts.affected_jurisdictions"),
        ),
        (
            {"persons_affected_by_jurisdiction": {"Bavaria": 3}},
            ("unknown_jurisdiction", "facts.persons_affected_by_jurisdiction"),
        ),
        ({"evaluation_date": "23 Nov 2026"}, ("fact_has_wrong_type", "facts.evaluation_date")),
        ([], ("facts_not_a_mapping", "facts")),
        ({1: True}, ("facts_not_a_mapping", "facts")),
    ],
)
def test_facts_that_cannot_be_are_refused_by_path(facts: Any, reason: tuple[str, str]) -> None:
    assert refusal(facts) == {reason}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"data_categories": ["none", "health"]}, "data_categories"),
        (
            {"persons_affected_total": 10, "persons_affected_by_jurisdiction": {"DE": 11}},
            "persons_affected_by_jurisdiction",
        ),
        (
            {"persons_affected_by_jurisdiction": {"US": 10, "US-CA": 11}},
            "persons_affected_by_jurisdiction",
        ),
        (
            {"data_categories": ["none"], "personal_data_exposure": "confirmed"},
            "personal_data_exposure",
        ),
    ],
)
def test_facts_that_contradict_each_other_are_refused(facts: Any, field: str) -> None:
    assert refusal(facts) == {("facts_contradict", f"facts.{field}")}


@pytest.mark.parametrize(
    "facts",
    [
        {"persons_affected_by_jurisdiction": {"DE": 11}},
        {
            "persons_affected_total": 10,
            "persons_affected_by_jurisdiction": {"DE": 10, "FR": 10},
        },
        {"personal_data_exposure": "confirmed"},
        {"data_categories": ["none"], "personal_data_exposure": "possible"},
    ],
)
def test_a_default_contradicts_nothing_and_doubt_is_no_contradiction(facts: Any) -> None:
    assert case(facts).facts.given == set(facts)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("2026-02-10T09:20:00", "instant_is_naive"),
        (datetime(2026, 2, 10, tzinfo=UTC).replace(tzinfo=None), "instant_is_naive"),
        ("2026-02-10", "instant_is_naive"),
        ("yesterday", "instant_has_wrong_type"),
        (None, "instant_has_wrong_type"),
        (1_770_000_000, "instant_has_wrong_type"),
        ("0001-01-01T00:00:00+14:00", "instant_out_of_range"),
        ("9999-12-31T23:59:59-12:00", "instant_out_of_range"),
        ("1989-12-31T23:59:59+00:00", "instant_out_of_range"),
    ],
)
def test_an_instant_without_zone_or_sense_is_refused_by_path(said: Any, code: str) -> None:
    assert refusal({}, {"awareness": said}) == {(code, "clocks.awareness")}
    assert refusal({}, {}, {"br-lgpd/anpd": said}) == {(code, "submitted.br-lgpd/anpd")}


def test_texts_and_datetimes_of_any_zone_become_instants_in_utc() -> None:
    text = legal_facts.parse_instants({"awareness": "2026-02-10T09:20:00+01:00"}, "clocks")
    same = legal_facts.parse_instants({"awareness": text["awareness"]}, "clocks")
    assert text == same == {"awareness": datetime(2026, 2, 10, 8, 20, tzinfo=UTC)}
    assert text["awareness"].tzinfo is UTC


@pytest.mark.parametrize(
    ("clock", "code"),
    [
        ("awarenes", "unknown_clock"),
        ("previous_stage", "clock_is_derived"),
        ("calendar_year_end", "clock_is_derived"),
    ],
)
def test_only_clocks_somebody_can_read_are_taken(clock: str, code: str) -> None:
    assert refusal({}, {clock: "2026-02-10T09:20:00Z"}) == {(code, f"clocks.{clock}")}


@pytest.mark.parametrize(
    "name", ["br-lgpd", "br-lgpd/", "br-lgpd/anp", "nowhere/anpd", "/", ""]
)
def test_only_stages_of_the_pack_are_submitted(name: str) -> None:
    sent = {name: "2026-02-10T09:20:00Z"}
    assert refusal({}, {}, sent) == {("unknown_stage", f"submitted.{name}")}


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("discovery", "awareness"),
        ("discovery", "classification"),
        ("awareness", "classification"),
        ("awareness", "assessment_complete"),
        ("awareness", "materiality_determination"),
    ],
)
def test_clocks_out_of_order_are_refused_and_equal_ones_are_not(
    earlier: str, later: str
) -> None:
    clocks = {earlier: "2026-02-10T09:20:00Z", later: "2026-02-10T09:19:59Z"}
    assert refusal({}, clocks) == {("clocks_out_of_order", f"clocks.{later}")}
    assert (
        case({}, dict.fromkeys(clocks, "2026-02-10T09:20:00Z")).clocks.keys() == clocks.keys()
    )


def test_a_gap_between_two_clocks_hides_no_disorder_and_each_is_named_once() -> None:
    clocks = {
        "discovery": "2026-02-12T00:00:00Z",
        "awareness": "2026-02-11T00:00:00Z",
        "classification": "2026-02-10T00:00:00Z",
        "assessment_complete": "2026-02-13T00:00:00Z",
    }
    assert refusal({}, clocks) == {
        ("clocks_out_of_order", "clocks.awareness"),
        ("clocks_out_of_order", "clocks.classification"),
    }


def test_nothing_is_sent_before_its_own_clock_starts_or_before_what_it_follows() -> None:
    clocks = {"awareness": "2026-04-17T11:00:00-03:00"}
    early = {"br-lgpd/anpd": "2026-04-17T10:59:59-03:00"}
    follows = {
        "br-lgpd/anpd": "2026-04-20T10:00:00-03:00",
        "br-lgpd/supplement": "2026-04-20T09:00:00-03:00",
    }
    wrong = "submission_out_of_order"
    assert refusal({}, clocks, early) == {(wrong, "submitted.br-lgpd/anpd")}
    assert refusal({}, clocks, follows) == {(wrong, "submitted.br-lgpd/supplement")}
    assert case({}, clocks, dict.fromkeys(follows, "2026-04-20T10:00:00-03:00")).submitted


def test_a_notice_to_the_year_s_end_may_be_sent_before_it() -> None:
    sent = {"us-hipaa-breach/hhs_under_500": "2026-12-01T10:00:00Z"}
    assert case({}, {"discovery": "2026-11-30T10:00:00Z"}, sent).submitted.keys() == sent.keys()


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = refusal(
        {"x": 1, "data_roles": "y"}, {"z": "now"}, {"nowhere/stage": "2026-02-10T09:20:00Z"}
    )
    assert {field for _, field in found} == {
        "facts.x",
        "facts.data_roles",
        "clocks.z",
        "submitted.nowhere/stage",
    }


anything = legal_strategies.json_values
named = st.dictionaries(
    st.sampled_from(sorted(shipped().facts)) | st.text(max_size=5), anything
)


@settings(deadline=None)
@given(anything | named, anything, anything)
def test_whatever_json_can_say_is_a_case_or_invalid(facts: Any, clocks: Any, sent: Any) -> None:
    try:
        found = case(facts, clocks, sent)
    except Invalid:
        return
    legal_engine.evaluate(shipped(), found, is_holiday)
