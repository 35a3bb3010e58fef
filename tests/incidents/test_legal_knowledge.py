"""Three values: what was said settles a predicate or leaves it open, and never promises too much."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from incidents.rules.legal_knowledge import COUNTS, PLACES, SHORTEST_HOURS, Known, View, tree
from incidents.rules.legal_standing import NOT_ASKED, as_counted, view_of
from incidents.rules.predicates import Predicate, holds
from tests.incidents import legal_strategies
from tests.incidents.packs import shipped

LEAF = {"field": "extortion_demand", "operator": "is_true"}
OTHER = {"field": "authority_contact", "operator": "is_true"}
FACTS = {"extortion_demand": True, "authority_contact": False}
# The shortest clock is counted from what the regimes say, not from a fact.
PREDICATES = [one for one in legal_strategies.predicates() if SHORTEST_HOURS not in str(one)]


@given(
    st.sampled_from(PREDICATES),
    legal_strategies.well_typed_facts(),
    legal_strategies.well_typed_facts(),
)
def test_a_truth_stands_whatever_the_facts_nobody_gave_turn_out_to_be(
    predicate: Predicate, said: Any, learnt: Any
) -> None:
    # Who is counted where nobody is affected contradicts what was said.
    said = {name: value for name, value in said.items() if name != COUNTS}
    known = legal_strategies.total(said)
    early = tree(predicate).truth(view_of(shipped(), Known(said)))
    assume(early is not None)
    kept = {name: value for name, value in learnt.items() if name not in {*NOT_ASKED, COUNTS}}
    day = {"evaluation_date": known["evaluation_date"] or shipped().as_of}
    assert holds(predicate, legal_strategies.total({**kept, **said, **day})) is early


@given(st.sampled_from(PREDICATES), legal_strategies.well_typed_facts())
def test_counted_as_it_stands_a_predicate_says_what_the_engine_says(
    predicate: Predicate, facts: Any
) -> None:
    known = legal_strategies.total(facts)
    view = as_counted(View(known, known.keys()))
    assert tree(predicate).truth(view) is holds(predicate, known)


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
    assert tree(predicate).truth(View(FACTS, given_)) is found


def test_the_most_in_one_state_rests_on_the_states_that_were_counted() -> None:
    most = tree({"field": "derived.max_us_state_persons", "operator": "gt", "value": 500})
    facts = {PLACES: ["US", "US-CA", "US-TX"], COUNTS: {"US-CA": 501}}
    assert most.truth(View(facts, facts.keys())) is True  # more counts only make it larger
    few = {**facts, COUNTS: {"US-CA": 20}}
    assert most.truth(View(few, few.keys())) is None  # Texas is not counted
    assert most.truth(View(facts, {PLACES})) is None
