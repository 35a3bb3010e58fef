"""Compiled predicates agree with the ones explained, and refuse what the explained ones refuse."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.rules.legal_predicates import compile
from incidents.rules.predicates import MAX_DEPTH, holds
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies

LEAF = {"field": "extortion_demand", "operator": "is_true"}


@settings(deadline=None)
@given(st.sampled_from(legal_strategies.predicates()), legal_strategies.well_typed_facts())
def test_a_compiled_predicate_holds_where_the_explained_one_does(
    predicate: Any, facts: Any
) -> None:
    known = legal_strategies.total(facts)
    assert compile(predicate)(known) is holds(predicate, known)


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
