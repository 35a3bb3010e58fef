"""What a predicate says before all is known: yes, no, or open on what to ask."""

from typing import Any

import pytest

from incidents.rules.legal_interview import Known, open_questions, standings
from incidents.rules.legal_knowledge import COUNTS, PLACES, Truth, View, closed, tree
from incidents.rules.legal_standing import hours, view_of
from tests.incidents.packs import shipped


def leaf(field: str, operator: str, *value: Any) -> dict[str, Any]:
    """One demand."""
    return {"field": field, "operator": operator, **({"value": value[0]} if value else {})}


CALIFORNIA = leaf(f"{COUNTS}.US-CA", "gt", 500)
ANY_STATE = leaf("derived.max_us_state_persons", "gte", 500)
SHORT = leaf("derived.shortest_fixed_hours", "lte", 36)
LEAKED = leaf("personal_data_exposure", "eq", "confirmed")
PAID = leaf("ransomware_payment_made", "is_true")
YES = {"personal_data_exposure": "confirmed"}
NO = {"personal_data_exposure": "none"}


def asked(predicate: dict[str, Any], findings: dict[str, Any]) -> tuple[Truth, list[str]]:
    """What it says, and what it would ask."""
    view = view_of(shipped(), Known(findings))
    made = tree(predicate)
    truth = made.truth(view)
    return truth, list(made.open_on(view)) if truth is None else []


@pytest.mark.parametrize(
    ("predicate", "findings", "truth", "names"),
    [
        (LEAKED, {}, None, ["personal_data_exposure"]),
        (LEAKED, YES, True, []),
        (LEAKED, NO, False, []),
        ({"not": LEAKED}, {}, None, ["personal_data_exposure"]),
        ({"not": LEAKED}, NO, True, []),
        ({"all": [LEAKED, PAID]}, NO, False, []),
        ({"all": [LEAKED, PAID]}, YES, None, ["ransomware_payment_made"]),
        ({"any": [LEAKED, PAID]}, YES, True, []),
        ({"any": [LEAKED, PAID]}, NO, None, ["ransomware_payment_made"]),
        (leaf("evaluation_date", "gte", "2026-09-11"), {}, True, []),
        (CALIFORNIA, {}, None, [PLACES]),
        (CALIFORNIA, {PLACES: ["DE"]}, False, []),
        (CALIFORNIA, {PLACES: ["US-CA"]}, None, [f"{COUNTS}.US-CA"]),
        (CALIFORNIA, {PLACES: ["US-CA"], COUNTS: {"US-NY": 900}}, None, [f"{COUNTS}.US-CA"]),
        (CALIFORNIA, {COUNTS: {"US-CA": 501}}, True, []),
        (CALIFORNIA, {COUNTS: {"US-CA": 500}}, False, []),
        (ANY_STATE, {}, None, [PLACES]),
        (ANY_STATE, {PLACES: ["DE", "US"]}, False, []),
        (ANY_STATE, {PLACES: ["US-CA", "US-NY"]}, None, [f"{COUNTS}.US-CA", f"{COUNTS}.US-NY"]),
        (
            ANY_STATE,
            {PLACES: ["US-CA", "US-NY"], COUNTS: {"US-CA": 499}},
            None,
            [f"{COUNTS}.US-NY"],
        ),
        (ANY_STATE, {PLACES: ["US-CA", "US-NY"], COUNTS: {"US-CA": 500}}, True, []),
        (ANY_STATE, {PLACES: ["US-CA"], COUNTS: {"US-CA": 499}}, False, []),
    ],
)
def test_a_predicate_says_yes_or_no_only_of_what_somebody_said(
    predicate: dict[str, Any], findings: dict[str, Any], truth: Truth, names: list[str]
) -> None:
    assert asked(predicate, findings) == (truth, names)


@pytest.mark.parametrize(
    ("operator", "truth"), [("lt", False), ("lte", False), ("eq", None), ("gte", True)]
)
def test_more_counts_can_only_make_the_largest_larger(operator: str, truth: Truth) -> None:
    at_most = leaf("derived.max_us_state_persons", operator, 500)
    known = {PLACES: ["US-CA", "US-NY"], COUNTS: {"US-CA": 700}}
    assert asked(at_most, known)[0] is truth


@pytest.mark.parametrize(
    ("certain", "possible", "truth"),
    [
        (None, None, False),
        (72, 72, False),
        (24, 24, True),
        (24, 4, True),
        (72, 24, None),
        (None, 24, None),
        (72, 48, False),
        (None, 72, False),
    ],
)
def test_a_short_clock_is_certain_possible_or_ruled_out(
    certain: int | None, possible: int | None, truth: Truth
) -> None:
    view = View({}, set(), hours=(certain, possible))
    assert tree(SHORT).truth(view) is truth
    assert list(tree(SHORT).open_on(view)) == []


def test_the_shortest_clocks_are_those_of_duties_there_are_and_of_those_there_may_be() -> None:
    said = {"entity_types": ["dora_financial_entity"], "operates_in": ["DE"]}
    before = {"evaluation_date": "2026-06-08", **said}
    certain, possible = hours(shipped(), view_of(shipped(), Known(before)))
    assert certain is None
    assert possible is not None and possible <= 4
    major = {**before, "dora_classification": "major"}
    certain, _ = hours(shipped(), view_of(shipped(), Known(major)))
    assert certain == 4


def test_what_is_said_brings_what_it_implies() -> None:
    assert set(closed(PLACES, ["US-CA"])) == {"US-CA", "US"}
    assert {"DE", "FR", "NO"} <= set(closed(PLACES, ["EU"]))
    assert closed("data_categories", ["health"]) == ["personal_data", "health"]
    assert closed("data_categories", ["none"]) == ["none"]
    assert closed("personal_data_exposure", "none") == "none"


def test_a_view_learns_one_count_of_a_map_beside_the_others() -> None:
    view = view_of(shipped(), Known({COUNTS: {"US-NY": 3}}))
    more = view.with_fact(f"{COUNTS}.US-CA", 700)
    assert more.facts[COUNTS] == {"US-NY": 3, "US-CA": 700}
    assert view.facts[COUNTS] == {"US-NY": 3}
    fresh = view_of(shipped(), Known({})).with_fact(f"{COUNTS}.US-CA", 700)
    assert fresh.facts[COUNTS] == {"US-CA": 700}


def test_facts_that_only_severity_reads_disturb_nothing() -> None:
    known = Known({"functionality_lost": "total", "evaluation_date": "2026-02-10"})
    assert len(standings(shipped(), known)) == 54
    assert open_questions(shipped(), known)
