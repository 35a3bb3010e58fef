"""Compiled predicates agree with the ones explained, and three values never promise too much."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incidents.rules import legal_facts
from incidents.rules.legal_predicates import compile, fact_of, is_given, verdict
from incidents.rules.predicates import MAX_DEPTH, holds
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import shipped

LEAF = {"field": "extortion_demand", "operator": "is_true"}
OTHER = {"field": "authority_contact", "operator": "is_true"}
FACTS = {"extortion_demand": True, "authority_contact": False}


def predicates() -> list[Any]:
    """Every predicate the shipped pack holds."""
    found: list[Any] = [rule.when for rule in shipped().counsel]
    for regime in shipped().regimes.values():
        found += [regime.trigger, regime.watch, *(stage.condition for stage in regime.stages)]
    return [each for each in found if each is not None]


def total(facts: Any) -> Any:
    """Total facts, where these can be."""
    try:
        return legal_facts.total_facts(shipped(), facts)
    except Invalid:
        assume(False)


@settings(deadline=None)
@given(st.sampled_from(predicates()), legal_strategies.well_typed_facts())
def test_a_compiled_predicate_holds_where_the_explained_one_does(
    predicate: Any, facts: Any
) -> None:
    known = total(facts)
    assert compile(predicate)(known) is holds(predicate, known)


@settings(deadline=None)
@given(
    st.sampled_from(predicates()),
    legal_strategies.well_typed_facts(),
    legal_strategies.well_typed_facts(),
)
def test_a_verdict_stands_whatever_the_facts_nobody_gave_turn_out_to_be(
    predicate: Any, said: Any, learnt: Any
) -> None:
    early = verdict(predicate, total(said), said)
    assume(early is not None)
    assert holds(predicate, total({**learnt, **said})) is early


@settings(deadline=None)
@given(st.sampled_from(predicates()), legal_strategies.well_typed_facts())
def test_with_every_fact_given_the_verdict_is_the_predicate_s(
    predicate: Any, facts: Any
) -> None:
    known = total(facts)
    everything = {*known, "derived"}
    assert verdict(predicate, known, everything) is holds(predicate, known)


@pytest.mark.parametrize(
    ("predicate", "given_", "found"),
    [
        (LEAF, {"extortion_demand"}, True),
        (LEAF, (), None),
        ({"not": LEAF}, {"extortion_demand"}, False),
        ({"not": LEAF}, (), None),
        ({"all": [LEAF, OTHER]}, {"authority_contact"}, False),
        ({"all": [LEAF, OTHER]}, {"extortion_demand"}, None),
        ({"any": [LEAF, OTHER]}, {"extortion_demand"}, True),
        ({"any": [LEAF, OTHER]}, {"authority_contact"}, None),
        ({"any": [{"not": LEAF}, OTHER]}, {"authority_contact", "extortion_demand"}, False),
    ],
)
def test_one_part_settles_what_it_can_alone(predicate: Any, given_: Any, found: Any) -> None:
    assert verdict(predicate, FACTS, given_) is found


def test_what_is_counted_rests_on_the_fact_it_is_counted_from() -> None:
    predicate = {"field": "derived.max_us_state_persons", "operator": "gt", "value": 500}
    facts = {"persons_affected_by_jurisdiction": {"US-CA": 501}}
    assert verdict(predicate, facts, facts) is True
    assert verdict(predicate, facts, ()) is None
    assert fact_of("derived.max_us_state_persons") == "persons_affected_by_jurisdiction"
    assert (
        fact_of("persons_affected_by_jurisdiction.US-CA") == "persons_affected_by_jurisdiction"
    )


def test_the_shortest_clock_is_never_given_by_a_person() -> None:
    assert not is_given("derived.shortest_fixed_hours", shipped().facts)


def test_an_unknown_value_satisfies_no_operator() -> None:
    predicate = {"field": "derived.shortest_fixed_hours", "operator": "lte", "value": 36}
    assert compile(predicate)({"derived": {"shortest_fixed_hours": None}}) is False
    assert compile({"not": predicate})({"derived": {"shortest_fixed_hours": None}}) is True


@pytest.mark.parametrize("predicate", [{}, [], None, {"field": "x"}, {"all": "x"}, {"not": 1}])
def test_what_is_no_predicate_is_invalid(predicate: Any) -> None:
    with pytest.raises(Invalid) as caught:
        compile(predicate)
    assert caught.value.has("predicate_malformed")


def test_a_predicate_nested_too_deep_is_invalid() -> None:
    predicate: Any = LEAF
    for _ in range(MAX_DEPTH + 1):
        predicate = {"not": predicate}
    with pytest.raises(Invalid) as caught:
        compile(predicate)
    assert caught.value.has("predicate_too_deep")
