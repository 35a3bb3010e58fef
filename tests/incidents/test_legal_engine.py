"""Under a law pack, facts, clocks and submissions become duties, questions and due instants."""

from datetime import UTC, datetime
from typing import Any

import pytest

from incidents.rules import law_pack, legal_engine, legal_facts
from tests.incidents.packs import NOTHING, outcome, shipped, shipped_document

CASES = {case["id"]: case for case in shipped().test_cases}
DORA = {
    "evaluation_date": "2026-06-08",
    "clock_timezone": "Europe/Berlin",
    "holiday_calendar": "DE",
    "operates_in": ["DE"],
    "entity_types": ["dora_financial_entity"],
    "dora_classification": "major",
}


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """What the pack says of the case, without the derivation in `why`."""
    due = [
        {key: value for key, value in each.items() if key != "why"}
        for each in case["expected"]["due"]
    ]
    return {**case["expected"], "due": due}


def due(name: str, *args: Any) -> legal_engine.Due:
    """The one due stage of this name."""
    return next(each for each in outcome(*args).due if f"{each.regime}/{each.stage}" == name)


def test_the_pack_brings_twenty_five_worked_cases_and_fifty_four_regimes() -> None:
    assert len(CASES) == 25
    assert len(shipped().regimes) == 54
    assert sum(len(regime.stages) for regime in shipped().regimes.values()) == 132


@pytest.mark.parametrize("name", CASES)
def test_every_worked_case_of_the_pack_agrees_to_the_second(name: str) -> None:
    case = CASES[name]
    found = outcome(case["facts"], case["clocks"], case["submitted"])
    assert found.document() == expected(case)


def test_outcomes_stand_in_the_order_of_the_pack() -> None:
    everything = outcome(CASES["t11-four-states-thresholds"]["facts"])
    order = list(shipped().regimes)
    assert list(everything.duty) == sorted(everything.duty, key=order.index)


def test_a_due_instant_says_which_event_started_it_and_when() -> None:
    case = CASES["t05-dora-late-classification-bank-holiday"]
    first = outcome(case["facts"], case["clocks"]).due[0]
    assert first.clock == "classification"
    assert first.started_at == datetime(2026, 5, 2, 20, 0, tzinfo=UTC)
    assert first.started_at.tzinfo is UTC
    assert str(first.due_at.tzinfo) == "Europe/Dublin"


def test_a_cap_alone_stands_while_the_event_of_the_deadline_is_open() -> None:
    clocks = {"awareness": "2026-06-08T10:00:00+02:00"}
    capped = due("eu-dora-art19/initial", DORA, clocks)
    assert capped.clock == "awareness"
    assert capped.due_at.isoformat() == "2026-06-09T10:00:00+02:00"


def test_a_deadline_alone_stands_while_the_event_of_its_cap_is_unknown() -> None:
    clocks = {"classification": "2026-06-08T18:30:00+02:00"}
    assert due("eu-dora-art19/initial", DORA, clocks).clock == "classification"


def test_the_earlier_of_deadline_and_cap_wins() -> None:
    clocks = {
        "awareness": "2026-06-08T10:00:00+02:00",
        "classification": "2026-06-09T09:00:00+02:00",
    }
    assert due("eu-dora-art19/initial", DORA, clocks).clock == "awareness"


def test_a_classification_at_the_very_cap_does_not_waive_it() -> None:
    clocks = {
        "awareness": "2026-06-08T10:00:00+02:00",
        "classification": "2026-06-09T10:00:00+02:00",
    }
    assert due("eu-dora-art19/initial", DORA, clocks).due_at.hour == 10


def test_the_one_lawful_exception_an_earlier_awareness_may_waive_the_cap_of_dora() -> None:
    classified = {"classification": "2026-06-09T09:00:00+02:00"}
    later = due(
        "eu-dora-art19/initial", DORA, classified | {"awareness": "2026-06-08T10:00:00+02:00"}
    )
    earlier = due(
        "eu-dora-art19/initial", DORA, classified | {"awareness": "2026-06-08T08:00:00+02:00"}
    )
    assert later.due_at.isoformat() == "2026-06-09T10:00:00+02:00"
    assert earlier.due_at.isoformat() == "2026-06-09T13:00:00+02:00"


@pytest.mark.parametrize(
    ("entity", "permitted"),
    [("dora_credit_institution", None), ("dora_financial_entity", "2026-05-05T12:00:00+01:00")],
)
def test_a_credit_institution_has_no_weekend_relief_for_its_first_reports(
    entity: str, permitted: str | None
) -> None:
    case = CASES["t05-dora-late-classification-bank-holiday"]
    facts = case["facts"] | {"entity_types": ["dora_financial_entity", entity]}
    found = due("eu-dora-art19/initial", facts, case["clocks"]).permitted_until
    assert (found and found.isoformat()) == permitted


def test_of_several_submissions_the_earliest_starts_what_follows() -> None:
    case = CASES["t03-nis2-month-end-clamp"]
    sent = {
        "eu-nis2-art23/notification": "2027-01-31T07:30:00+01:00",
        "eu-nis2-art23/notification_tsp": "2027-01-29T07:30:00+01:00",
    }
    found = due("eu-nis2-art23/final", case["facts"], case["clocks"], sent)
    assert found.started_at == datetime(2027, 1, 29, 6, 30, tzinfo=UTC)


def test_a_stage_that_follows_another_is_pending_until_that_is_sent() -> None:
    case = CASES["t10-california-501-and-health-app"]
    waiting = outcome(case["facts"], case["clocks"])
    assert waiting.pending == ("us-ca-civ-1798-82/attorney_general",)


def test_the_year_of_discovery_is_that_of_the_zone() -> None:
    facts = CASES["t09-hipaa-small-breach-year-end"]["facts"]
    # Midnight has passed in UTC; in New York it is still the old year.
    found = due(
        "us-hipaa-breach/hhs_under_500", facts, {"discovery": "2027-01-01T03:00:00+00:00"}
    )
    assert found.due_at.isoformat() == "2027-03-01T23:59:59-05:00"


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2025-01-16", "duty"),
        ("2025-01-17", "not_in_force"),
        ("2018-01-13", "duty"),
        ("2018-01-12", "not_in_force"),
    ],
)
def test_a_regime_applies_from_its_first_day_to_its_last(day: str, kind: str) -> None:
    facts = {
        "evaluation_date": day,
        "entity_types": ["eu_payment_service_provider"],
        "operates_in": ["FR"],
        "regulated_service_impact": "significant",
    }
    assert getattr(outcome(facts), kind) == ("eu-psd2-art96-legacy",)


def test_a_voluntary_regime_is_shown_as_such_and_runs_no_clock() -> None:
    facts = {
        "evaluation_date": "2026-11-23",
        "operates_in": ["HK"],
        "affected_jurisdictions": ["HK"],
        "data_categories": ["personal_data"],
        "personal_data_exposure": "confirmed",
    }
    found = outcome(facts, {"awareness": "2026-11-23T10:00:00+08:00"})
    assert found.voluntary == ("hk-pdpo-voluntary",)
    assert not found.due
    assert not found.no_fixed_deadline


def test_what_is_only_watched_opens_a_question_and_no_clock() -> None:
    facts = DORA | {"dora_classification": "undetermined"}
    found = outcome(facts, {"awareness": "2026-06-08T10:00:00+02:00"})
    assert found.assess == ("eu-dora-art19",)
    assert not found.duty
    assert not found.due


def test_the_short_clock_of_a_question_still_open_engages_counsel() -> None:
    found = outcome(DORA | {"dora_classification": "undetermined"})
    assert found.counsel_within_first_hour
    assert found.counsel_rules == ("short_clock",)


def test_without_any_clock_in_hours_no_short_clock_engages_counsel() -> None:
    assert outcome({"evaluation_date": "2026-11-23"}).counsel_rules == ()


@pytest.mark.parametrize(
    ("clocks", "day"),
    [
        (
            {"awareness": "2026-03-01T23:30:00+00:00", "discovery": "2026-02-01T00:00:00Z"},
            "2026-03-02",
        ),
        (
            {"discovery": "2026-02-01T00:00:00Z", "payment": "2026-01-01T00:00:00Z"},
            "2026-02-01",
        ),
        ({"payment": "2026-01-05T00:00:00Z"}, "2026-01-05"),
        ({}, "2026-11-23"),
    ],
)
def test_without_an_evaluation_date_the_local_day_of_the_first_knowledge_is_judged(
    clocks: dict[str, str], day: str
) -> None:
    pack = shipped()
    case = legal_facts.case(pack, {"clock_timezone": "Europe/Berlin"}, clocks)
    assert legal_engine.judged_on(pack, case) == day


def test_a_predicate_that_asks_for_the_day_reads_the_one_that_is_judged() -> None:
    facts = {"affected_jurisdictions": ["KR"], "personal_data_exposure": "possible"}
    assert "kr-pipa-art34" in outcome(facts).duty
    before = outcome(facts, {"awareness": "2026-09-10T12:00:00Z"})
    since = outcome(facts, {"awareness": "2026-09-11T12:00:00Z"})
    assert "kr-pipa-art34" not in before.duty
    assert "kr-pipa-art34/individuals_possible" in since.no_fixed_deadline


def test_a_narrowed_pack_finds_only_its_own_regimes() -> None:
    case = CASES["t24-encryption-safe-harbour"]
    facts = case["facts"] | {"data_protection_state": "none"}
    whole = outcome(facts, case["clocks"])
    narrow = law_pack.narrowed(shipped(), {"us-ca-civ-1798-82", "not-a-regime"})
    assert len(whole.duty) > 1
    assert outcome(facts, case["clocks"], pack=narrow).duty == ("us-ca-civ-1798-82",)


def test_a_regime_of_our_own_stands_behind_those_of_the_pack() -> None:
    document = shipped_document()
    insurer = next(
        each for each in document["regimes"] if each["id"] == "contract-cyber-insurer"
    )
    trigger = {"field": "personal_data_exposure", "operator": "ne", "value": "none"}
    document["regimes"].append(insurer | {"id": "contract-acme", "trigger": trigger})
    pack = law_pack.read(document)
    facts = {"personal_data_exposure": "possible", "data_categories": ["personal_data"]}
    assert outcome(facts, pack=pack).duty == ("contract-acme",)
    assert outcome(facts).duty == ()


def test_two_packs_that_use_one_name_differently_do_not_mix() -> None:
    changed = shipped_document()
    regime = next(each for each in changed["regimes"] if each["id"] == "eu-dora-art19")
    regime["stages"][0]["deadline"]["value"] = 2
    clocks = {"classification": "2026-06-08T18:30:00+02:00"}
    assert due("eu-dora-art19/initial", DORA, clocks).due_at.hour == 22
    assert outcome(DORA, clocks, pack=law_pack.read(changed)).due[0].due_at.hour == 20


def test_parts_of_a_second_never_make_a_clock_later() -> None:
    clocks = {"classification": "2026-06-08T18:30:00.999999+02:00"}
    assert due("eu-dora-art19/initial", DORA, clocks).due_at.microsecond == 0


def test_nothing_said_is_no_duty_and_no_counsel() -> None:
    assert outcome(NOTHING).document() == {
        "duty": [],
        "assess": [],
        "not_in_force": [],
        "voluntary": [],
        "due": [],
        "pending": [],
        "no_fixed_deadline": [],
        "counsel_within_first_hour": False,
    }
