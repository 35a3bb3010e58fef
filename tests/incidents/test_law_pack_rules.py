"""A law pack is read whole or refused whole, with every problem named by its path."""

from collections.abc import Callable
from typing import Any

import pytest

from incidents.rules import law_pack
from incidents.rules.facts import FactType
from incidents.rules.law_pack import Cap, Deadline, Unit
from incidents.rules.reasons import Invalid
from tests.incidents.packs import shipped, shipped_document

Change = Callable[[dict[str, Any]], object]


def problems(document: object) -> set[tuple[str, str]]:
    """Code and path of all that is wrong with a document."""
    with pytest.raises(Invalid) as caught:
        law_pack.read(document)
    return {(reason.code, reason.field) for reason in caught.value.reasons}


def changed(change: Change) -> dict[str, Any]:
    """The shipped document with one change."""
    document = shipped_document()
    change(document)
    return document


def regime(name: str = "eu-dora-art19") -> tuple[int, str]:
    """Where a regime of the shipped document stands, and its path."""
    index = list(shipped().regimes).index(name)
    return index, f"regimes[{index}]"


def put(key: str, value: object) -> Change:
    """A change of one key of the regime of DORA."""
    return lambda document: document["regimes"][regime()[0]].__setitem__(key, value)


def put_stage(key: str, value: object, stage: int = 0) -> Change:
    """A change of one key of one of its stages."""
    return lambda document: document["regimes"][regime()[0]]["stages"][stage].__setitem__(
        key, value
    )


def put_fact(name: str, **said: object) -> Change:
    """A change of one fact's declaration."""
    return lambda document: document["vocabularies"]["facts"].setdefault(name, {}).update(said)


def test_the_shipped_pack_keeps_its_sources_its_confidence_and_its_disclaimer() -> None:
    pack = shipped()
    assert pack.as_of == "2026-11-23"
    assert "not legal advice" in pack.disclaimer
    assert all(each.source and each.legal_basis for each in pack.regimes.values())
    assert {each.id for each in pack.regimes.values() if each.is_doubtful} == {
        "ae-pdpl-federal",
        "eu-ai-act-art73",
        "pci-card-brands",
    }


def test_a_regime_is_read_with_its_stages_deadlines_and_cap() -> None:
    dora = shipped().regimes["eu-dora-art19"]
    initial, final = dora.stage("initial"), dora.stage("final")
    assert initial.deadline == Deadline(4, Unit.HOURS, "classification")
    assert initial.cap == Cap(24, Unit.HOURS, "awareness", "main_clock_starts_after_cap")
    assert final.after == ("intermediate",)
    assert dora.stage("clients").deadline is None
    assert dora.stage("clients").planning_target == Deadline(24, Unit.HOURS, "classification")
    assert shipped().regimes["jp-appi-art26"].stage("final_60").rolls
    with pytest.raises(KeyError):
        dora.stage("interim")


def test_facts_have_types_choices_and_defaults() -> None:
    facts = shipped().facts
    assert facts["clock_timezone"].type is FactType.STR
    assert facts["entity_types"].choices == tuple(shipped().words["entity_types"])
    assert facts["evaluation_date"].default is None
    assert "derived" not in facts
    assert shipped().readable["derived"].choices == (
        "max_us_state_persons",
        "shortest_fixed_hours",
    )


@pytest.mark.parametrize("value", [None, [], "pack", 3, True])
def test_what_is_no_mapping_is_no_pack(value: object) -> None:
    assert problems(value) == {("law_not_a_mapping", "")}


REGIMES = [
    ("id", "EU DORA", "law_bad_id"),
    ("id", None, "law_bad_id"),
    ("name", " ", "law_bad_text"),
    ("jurisdiction", "Europe", "law_unknown_jurisdiction"),
    ("recipients", ["the_king"], "law_unknown_recipient"),
    ("recipients", [], "law_unknown_recipient"),
    ("entity_types", ["bank"], "law_unknown_word"),
    ("data_categories", "none", "law_unknown_word"),
    ("sectors", None, "law_bad_text"),
    ("status", "planned", "law_unknown_status"),
    ("status", ["in_force"], "law_unknown_status"),
    ("confidence", "fair", "law_unknown_confidence"),
    ("computation", "uk_days", "law_unknown_computation"),
    ("calendar", "UK", "law_unknown_calendar"),
    ("applies_from", "2025-1-17", "law_bad_date"),
    ("applies_from", None, "law_bad_date"),
    ("applies_until", "2025-01-16", "law_dates_out_of_order"),
    ("in_force_since", 2025, "law_bad_date"),
    ("verification", {"level": "hearsay"}, "law_bad_verification"),
    ("verification", None, "law_bad_verification"),
    ("trigger", None, "law_bad_predicate"),
    ("watch", {"all": []}, "law_bad_predicate"),
    ("stages", [], "law_stages_missing"),
    ("stages", ["initial"], "law_not_a_mapping"),
    ("notes", 5, "law_bad_text"),
    ("triger", {}, "law_unknown_key"),
]


@pytest.mark.parametrize(("key", "value", "code"), REGIMES)
def test_what_is_wrong_with_a_regime_is_named_by_path(
    key: str, value: object, code: str
) -> None:
    found = problems(changed(put(key, value)))
    assert {each for each, _ in found} == {code}
    assert all(path.startswith(f"{regime()[1]}.{key}") for _, path in found)


STAGES = [
    ("id", "The First", "law_bad_id", "id"),
    ("name", None, "law_bad_text", "name"),
    ("recipient", ["the_king"], "law_unknown_recipient", "recipient[0]"),
    ("deadline", "4 hours", "law_bad_deadline", "deadline"),
    ("deadline", {"value": 4, "unit": "minutes", "clock_start": "awareness"}, "law_unknown_unit", "deadline.unit"),
    ("deadline", {"value": 0, "unit": "hours", "clock_start": "awareness"}, "law_bad_deadline", "deadline.value"),
    ("deadline", {"value": True, "unit": "hours", "clock_start": "awareness"}, "law_bad_deadline", "deadline.value"),
    ("deadline", {"value": 90_000, "unit": "hours", "clock_start": "awareness"}, "law_bad_deadline", "deadline.value"),
    ("deadline", {"value": 4, "unit": "hours", "clock_start": "dawn"}, "law_unknown_clock", "deadline.clock_start"),
    ("deadline", {"value": 4, "unit": "hours", "clock_start": "previous_stage"}, "law_stage_without_previous", "after_stage"),
    ("deadline", None, "law_bad_cap", "cap"),
    ("cap", {"value": 4, "unit": "hours", "clock_start": "awareness", "waived_when": "late"}, "law_bad_cap", "cap.waived_when"),
    ("planning_target", {"value": -1, "unit": "hours", "clock_start": "awareness"}, "law_bad_deadline", "planning_target.value"),
    ("after_stage", ["interim"], "law_unknown_stage", "after_stage[0]"),
    ("after_stage", "intermediate", "law_unknown_stage", "after_stage"),
    ("after_stage", ["initial"], "law_stage_circle", "after_stage"),
    ("condition", {"field": "extortion", "operator": "is_true"}, "law_unknown_fact", "condition.field"),
    ("condition", {"field": "extortion_demand", "operator": "is"}, "law_unknown_operator", "condition.operator"),
    ("condition", {"field": "derived.shortest_fixed_hours", "operator": "lte", "value": 4}, "law_unknown_fact", "condition.field"),
    ("condition", {"any": [{"field": "data_roles", "operator": "contains", "value": "owner"}]}, "law_bad_value", "condition.any[0].value"),
    ("without_undue_delay", "yes", "law_bad_flag", "without_undue_delay"),
    ("conditon", {}, "law_unknown_key", "conditon"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "code", "path"), STAGES)
def test_what_is_wrong_with_a_stage_is_named_by_path(
    key: str, value: object, code: str, path: str
) -> None:
    found = problems(changed(put_stage(key, value)))
    expected = {(code, f"{regime()[1]}.stages[0].{path}")}
    # Who renames a stage leaves the next one waiting for nobody.
    assert (
        found - {("law_unknown_stage", f"{regime()[1]}.stages[1].after_stage[0]")} == expected
    )


def test_a_circle_of_stages_is_named_at_every_stage_of_it() -> None:
    found = problems(changed(put_stage("after_stage", ["final"])))
    where = {f"{regime()[1]}.stages[{index}].after_stage" for index in range(3)}
    assert found == {("law_stage_circle", path) for path in where}


def test_what_only_follows_a_circle_is_none() -> None:
    def loop(document: dict[str, Any]) -> None:
        put_stage("after_stage", ["intermediate"])(document)
        put_stage("after_stage", ["final"], stage=3)(document)

    assert {path[-21:] for _, path in problems(changed(loop))} == {
        "stages[0].after_stage",
        "stages[1].after_stage",
    }


def test_business_days_need_a_calendar() -> None:
    document = shipped_document()
    index, path = regime("br-lgpd")
    document["regimes"][index]["calendar"] = None
    assert problems(document) == {
        ("law_calendar_missing", f"{path}.stages[{stage}].deadline.unit") for stage in range(3)
    }


def test_a_duplicate_is_named_be_it_a_regime_a_stage_or_a_rule() -> None:
    def double(document: dict[str, Any]) -> None:
        index, _ = regime("eu-gdpr-art33")
        document["regimes"].append(document["regimes"][index])
        dora = document["regimes"][regime()[0]]["stages"]
        dora.append(dora[3])
        rules = document["policies"]["counsel_first_hour"]["rules"]
        rules.append(rules[0])

    assert problems(changed(double)) == {
        ("law_duplicate_id", "regimes"),
        ("law_duplicate_id", f"{regime()[1]}.stages"),
        ("law_duplicate_id", "policies.counsel_first_hour.rules"),
    }


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda d: d["meta"].pop("title"), "law_bad_text", "meta.title"),
        (lambda d: d["meta"].update(as_of="today"), "law_bad_date", "meta.as_of"),
        (lambda d: d.update(regimes={}), "law_regimes_missing", "regimes"),
        (lambda d: d.update(regime=[]), "law_unknown_key", "regime"),
        (lambda d: d.update(test_cases={}), "law_bad_case", "test_cases"),
        (lambda d: d["test_cases"].append({}), "law_bad_case", "test_cases[25]"),
        (
            lambda d: d["holiday_calendars"].update(Moon="the moon's"),
            "law_unknown_calendar",
            "holiday_calendars.Moon",
        ),
        (
            lambda d: d["computation_profiles"].update(lunar={}),
            "law_unknown_computation",
            "computation_profiles.lunar",
        ),
        (
            lambda d: d["vocabularies"]["recipients"].update(king=1),
            "law_bad_vocabulary",
            "vocabularies.recipients.king",
        ),
        (
            lambda d: d["policies"]["counsel_first_hour"]["rules"][0].pop("reason"),
            "law_bad_text",
            "policies.counsel_first_hour.rules[0].reason",
        ),
        (put_fact("x", type="float", default=1), "law_bad_fact", "vocabularies.facts.x.type"),
        (put_fact("x", type="int", default=-1), "law_bad_fact", "vocabularies.facts.x.default"),
        (put_fact("x", type="bool"), "law_bad_fact", "vocabularies.facts.x.default"),
        (put_fact("x", type="enum", default="a"), "law_bad_fact", "vocabularies.facts.x.enum"),
        (put_fact("derived", type="bool"), "law_bad_fact", "vocabularies.facts.derived"),
        (put_fact("Two words", type="bool"), "law_bad_fact", "vocabularies.facts.Two words"),
    ],
)
def test_what_is_wrong_with_the_rest_is_named_by_path(
    change: Change, code: str, path: str
) -> None:
    assert problems(changed(change)) == {(code, path)}


def test_a_pack_has_the_facts_the_clocks_rest_on() -> None:
    found = problems(changed(lambda d: d["vocabularies"]["facts"].pop("clock_timezone")))
    assert found == {("law_fact_missing", "vocabularies.facts.clock_timezone")}
    found = problems(changed(put_fact("holiday_calendar", type="bool", default=False)))
    assert found == {("law_bad_fact", "vocabularies.facts.holiday_calendar.type")}


def test_every_problem_is_said_at_once() -> None:
    def spoil(document: dict[str, Any]) -> None:
        put("status", "planned")(document)
        put_stage("recipient", ["the_king"])(document)
        document["meta"]["as_of"] = ""
        document["regimes"][0]["trigger"]["all"][0]["operator"] = "has"

    assert problems(changed(spoil)) == {
        ("law_unknown_status", f"{regime()[1]}.status"),
        ("law_unknown_recipient", f"{regime()[1]}.stages[0].recipient[0]"),
        ("law_bad_date", "meta.as_of"),
        ("law_unknown_operator", "regimes[0].trigger.all[0].operator"),
    }


def test_keys_beginning_with_x_hold_anchors_and_are_not_read() -> None:
    assert law_pack.read(changed(lambda d: d.update({"x-anything": object()})))
