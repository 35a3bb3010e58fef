"""The answers to a question are those between which some law tells a difference."""

from typing import Any

import pytest

from incidents.rules.facts import Fact, FactType
from incidents.rules.legal_answers import said, values
from incidents.rules.legal_knowledge import Leaf, tree


def leaves(*demands: tuple[str, Any]) -> list[Leaf]:
    """Leaves over the one fact `x`."""
    found = (
        tree({"field": "x", "operator": operator, "value": value})
        for operator, value in demands
    )
    return [leaf for made in found for leaf in made.leaves()]


COUNT = Fact("x", FactType.INT, 0)


@pytest.mark.parametrize(
    ("demands", "spans"),
    [
        ([("gte", 500)], ["fewer than 500", "500 or more"]),
        ([("lt", 500)], ["fewer than 500", "500 or more"]),
        ([("gt", 500)], ["fewer than 501", "501 or more"]),
        ([("lte", 500)], ["fewer than 501", "501 or more"]),
        ([("gte", 500), ("gt", 500)], ["fewer than 500", "exactly 500", "501 or more"]),
        ([("gte", 1)], ["none", "1 or more"]),
        ([("eq", 3)], ["fewer than 3", "exactly 3", "4 or more"]),
        ([("gte", 500), ("gte", 1000)], ["fewer than 500", "500 to 999", "1,000 or more"]),
        ([], ["any number"]),
    ],
)
def test_numbers_are_asked_in_spans(demands: list[tuple[str, Any]], spans: list[str]) -> None:
    found = leaves(*demands)
    offered = values("x", COUNT, found)
    assert [said("x", each, COUNT, found, {}) for each in offered] == spans


def test_a_span_stands_for_the_most_it_can_mean() -> None:
    assert values("x", COUNT, leaves(("gte", 500), ("gte", 1000))) == [499, 999, 1000]


def test_a_number_somebody_typed_is_said_as_it_is() -> None:
    assert said("x", 1234, COUNT, leaves(("gte", 500)), {}) == "1,234"


def test_a_list_offers_the_members_that_matter_in_its_own_order_and_none_of_them() -> None:
    kinds = Fact("x", FactType.LIST, [], ("a", "b", "c"))
    found = leaves(("contains_any", ["c", "a"]))
    assert values("x", kinds, found) == [["a"], ["c"], []]
    assert said("x", [], kinds, found, {}) == "none of these"
    every = leaves(("contains_any", ["c", "a", "b"]))
    assert values("x", kinds, every) == [["a"], ["b"], ["c"]]


def test_a_text_and_a_day_offer_what_some_law_names() -> None:
    text = Fact("x", FactType.STR, "")
    assert values("x", text, leaves(("eq", "moon"), ("in", ["moon", "sun"]))) == [
        "moon",
        "sun",
        "",
    ]
    day = Fact("x", FactType.DATE, None)
    assert values("x", day, leaves(("gte", "2026-01-01"))) == ["2026-01-01"]
