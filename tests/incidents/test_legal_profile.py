"""A profile leaves out the law that can never concern us, and keeps in what is in doubt."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from incidents.calendars import is_holiday
from incidents.rules import legal_engine, legal_facts
from incidents.rules.legal_profile import (
    PROFILE_FACTS,
    Profile,
    concerning,
    in_use,
    read_profile,
    sectors,
)
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import shipped

SHOP = {
    "facts": {
        "operates_in": ["DE", "US-CA"],
        "data_roles": ["controller"],
        "entity_types": ["business"],
        "contract_clause_types": ["dpa_notice_72h"],
        "gdpr_establishment_processing": True,
    }
}


def shop(**parts: Any) -> Profile:
    """The profile of a shop in Berlin and San Francisco."""
    return read_profile({**SHOP, **parts}, shipped())


def refused(document: object) -> list[tuple[str, str]]:
    """The codes and paths of what is wrong with this profile."""
    with pytest.raises(Invalid) as refusal:
        read_profile(document, shipped())
    return [(reason.code, reason.field) for reason in refusal.value.reasons]


def test_a_profile_holds_what_was_said_with_what_it_implies() -> None:
    profile = shop(sectors=["health"], off={"za-popia": "We sell nothing there."})
    assert profile.facts["operates_in"] == ["DE", "US-CA", "US"]
    assert "clock_timezone" not in profile.facts
    assert profile.sectors == ("health",)
    assert profile.off == {"za-popia": "We sell nothing there."}
    assert read_profile({}, shipped()) == Profile()


def test_nobody_said_anything_so_everything_could_concern_us() -> None:
    assert list(concerning(shipped(), Profile())) == list(shipped().regimes)


def test_what_the_profile_rules_out_does_not_concern_us() -> None:
    found = concerning(shipped(), shop())
    assert "eu-gdpr-art33" in found
    assert "jp-appi-art26" in found  # people of ours may live in Japan
    assert "contract-dpa-notice" in found
    for name in ("eu-gdpr-art33-2-processor", "us-hipaa-breach", "contract-outage-notice"):
        assert name not in found


def test_it_says_what_speaks_for_it_and_what_an_incident_would_add() -> None:
    why = concerning(shipped(), shop())
    assert why["contract-dpa-notice"] == (
        "Our promises by contract: tell customers of a data breach within 72 hours. "
        "It then depends on exposure of personal data, loss of personal data "
        "and personal data was altered."
    )
    assert why["jp-appi-art26"].startswith("It then depends on where the affected people live")


def test_a_regime_is_switched_off_and_on_with_its_reason() -> None:
    profile = shop(
        off={"za-popia": "We sell nothing there."},
        on={"us-hipaa-breach": "We plan a health service."},
    )
    found = concerning(shipped(), profile)
    assert "za-popia" not in found
    assert found["us-hipaa-breach"] == "Switched on: We plan a health service."
    assert list(in_use(shipped(), profile).regimes) == list(found)


def test_sectors_rule_out_only_once_somebody_named_some() -> None:
    silent = concerning(shipped(), read_profile({"facts": {}}, shipped()))
    assert "us-tsa-pipeline" in silent
    found = concerning(shipped(), read_profile({"sectors": ["banking"]}, shipped()))
    assert "us-tsa-pipeline" not in found
    assert "eu-nis2-art23" in found  # banking is among its sectors
    assert "eu-gdpr-art33" in found  # for all
    assert "sg-pdpa" in found  # for every private business
    assert "banking" in sectors(shipped())
    assert "all" not in sectors(shipped())


def test_no_sector_rules_out_what_is_law_for_an_entity_we_say_we_are() -> None:
    listed = {"entity_types": ["business", "us_sec_registrant"], "operates_in": ["US"]}
    said = {"facts": listed, "sectors": ["digital_providers"]}
    found = concerning(shipped(), read_profile(said, shipped()))
    assert "us-sec-8k-105" in found  # the sector was forgotten
    assert "us-tsa-pipeline" not in found


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, [("profile_not_a_mapping", "")]),
        ([], [("profile_not_a_mapping", "")]),
        ({"fact": {}}, [("profile_unknown_part", "fact")]),
        ({"facts": []}, [("profile_bad_facts", "facts")]),
        (
            {"facts": {"risk_to_individuals": "high"}},
            [("not_a_profile_fact", "facts.risk_to_individuals")],
        ),
        ({"facts": {"operates_in": "DE"}}, [("fact_has_wrong_type", "facts.operates_in")]),
        (
            {"facts": {"operates_in": ["Berlin"]}},
            [("unknown_jurisdiction", "facts.operates_in")],
        ),
        (
            {"facts": {"entity_types": ["wizard"]}},
            [("fact_not_a_choice", "facts.entity_types")],
        ),
        ({"sectors": "banking"}, [("profile_bad_sectors", "sectors")]),
        ({"sectors": ["banking", "magic"]}, [("unknown_sector", "sectors[1]")]),
        ({"off": ["za-popia"]}, [("profile_bad_switch", "off")]),
        ({"off": {"za-popia": " "}}, [("switch_needs_reason", "off.za-popia")]),
        ({"on": {"za-popia": "x" * 2_001}}, [("reason_too_long", "on.za-popia")]),
        ({"off": {"mars-law": "far"}}, [("unknown_regime", "off.mars-law")]),
        (
            {"off": {"za-popia": "no"}, "on": {"za-popia": "yes"}},
            [("switched_both_ways", "on.za-popia")],
        ),
    ],
)
def test_what_is_wrong_with_a_profile_is_named_by_its_path(
    document: object, expected: list[tuple[str, str]]
) -> None:
    assert refused(document) == expected


def test_every_problem_is_named_at_once() -> None:
    document = {"facts": {"x": 1}, "sectors": ["magic"], "off": {"mars-law": ""}}
    assert refused(document) == [
        ("not_a_profile_fact", "facts.x"),
        ("unknown_sector", "sectors[0]"),
        ("unknown_regime", "off.mars-law"),
        ("switch_needs_reason", "off.mars-law"),
    ]


@given(
    legal_strategies.json_values
    | st.fixed_dictionaries(
        {},
        optional={
            "facts": legal_strategies.json_values
            | st.dictionaries(st.sampled_from(PROFILE_FACTS), legal_strategies.json_values),
            "sectors": legal_strategies.json_values,
            "off": legal_strategies.json_values,
            "on": legal_strategies.json_values
            | st.dictionaries(
                st.sampled_from(sorted(shipped().regimes)), legal_strategies.json_values
            ),
        },
    )
)
@settings(max_examples=200, deadline=None)
def test_any_document_is_read_or_refused_with_reasons(document: object) -> None:
    try:
        profile = read_profile(document, shipped())
    except Invalid as refusal:
        assert all(reason.message and reason.code for reason in refusal.reasons)
    else:
        assert set(concerning(shipped(), profile)) <= set(shipped().regimes)


@given(legal_strategies.well_typed_facts())
@settings(max_examples=100, deadline=None)
def test_what_is_left_out_could_never_have_been_a_duty(facts: Mapping[str, Any]) -> None:
    try:
        case = legal_facts.case(shipped(), facts)
    except Invalid:
        reject()
    ours = {name: value for name, value in facts.items() if name in PROFILE_FACTS}
    profile = read_profile({"facts": ours}, shipped())
    outcome = legal_engine.evaluate(shipped(), case, is_holiday)
    touched = {*outcome.duty, *outcome.assess, *outcome.voluntary, *outcome.not_in_force}
    assert touched <= concerning(shipped(), profile).keys()
