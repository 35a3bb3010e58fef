"""No document, however broken, is anything but a pack or Invalid."""

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.calendars import is_holiday
from incidents.rules import law_pack, legal_engine, legal_facts
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import shipped, shipped_document

CASES = [case for case in shipped().test_cases if case["submitted"]]

# Regimes whose stages follow each other, with a cap, alternatives and business days.
STAGED = ("eu-nis2-art23", "eu-dora-art19", "br-lgpd")

# What stands in a pack somewhere, and may come to stand where it does not belong.
_strays = st.sampled_from(
    [
        "awareness",
        "previous_stage",
        "hours",
        "business_days",
        "in_force",
        "JP-GOV",
        "final",
        "eu_dora_301",
        "contains_any",
        "derived.max_us_state_persons",
        "2026-02-30",
        "\x00",
    ]
)
_replacements = (
    legal_strategies.json_values
    | _strays
    | st.lists(_strays, max_size=3)
    | st.sampled_from([10**400, -1, 0, float("nan"), {"not": {"not": {}}}, [[[]]], {"": {}}])
)


def evaluated(pack: law_pack.Pack, data: st.DataObject) -> None:
    """A pack that could be read can be used."""
    case = data.draw(st.sampled_from(CASES))
    try:
        found = legal_facts.case(pack, case["facts"], case["clocks"], case["submitted"])
    except Invalid:
        return
    legal_engine.evaluate(pack, found, is_holiday).document()


def mutated(node: Any, data: st.DataObject) -> None:
    """Change one thing, somewhere at random on the way down."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = node[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 3)):
            node = inner
            continue
        act = data.draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if act == "remove":
            del node[key]
        elif act == "add" and isinstance(node, dict):
            node[data.draw(st.text(max_size=6))] = deepcopy(data.draw(_replacements))
        else:
            node[key] = deepcopy(data.draw(_replacements))
        return


@settings(deadline=None)
@given(legal_strategies.json_values)
def test_whatever_json_can_hold_is_no_pack_and_says_so(document: Any) -> None:
    try:
        law_pack.read(document)
    except Invalid as refused:
        assert refused.reasons
        return
    raise AssertionError("that was no pack")


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_changed_pack_is_read_and_used_or_refused_by_path(data: st.DataObject) -> None:
    document = shipped_document()
    # Few regimes, so that a change meets what matters.
    kept = data.draw(st.lists(st.integers(0, 53), min_size=1, max_size=6, unique=True))
    document["regimes"] = [document["regimes"][index] for index in kept]
    for _ in range(data.draw(st.integers(1, 4))):
        mutated(document, data)
    try:
        pack = law_pack.read(document)
    except Invalid as refused:
        assert all(reason.code.startswith("law_") for reason in refused.reasons)
        return
    evaluated(pack, data)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_changed_regime_is_read_and_used_or_refused_by_path(data: st.DataObject) -> None:
    document = shipped_document()
    regimes = [each for each in document["regimes"] if each["id"] in STAGED]
    document["regimes"] = [data.draw(st.sampled_from(regimes))]
    for _ in range(data.draw(st.integers(1, 3))):
        mutated(document["regimes"], data)
    try:
        pack = law_pack.read(document)
    except Invalid as refused:
        assert all(reason.field.startswith("regimes") for reason in refused.reasons)
        return
    evaluated(pack, data)
