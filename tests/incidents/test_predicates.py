"""The predicate language: what it accepts, what it holds of, and why."""

import os
from itertools import chain
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.facts import Fact, FactType, normalise, vocabulary
from incidents.rules.predicates import MAX_DEPTH, explain, holds, in_words, validate
from incidents.rules.reasons import Invalid

WORDS = vocabulary(
    Fact("leaked", FactType.BOOL, default=False),
    Fact("users", FactType.INT, 0),
    Fact("risk", FactType.ENUM, "low", ("low", "high")),
    Fact("kinds", FactType.LIST, [], ("ddos", "malware")),
    Fact("countries", FactType.MAP, {}),
    Fact("limits", FactType.MAP, {}, ("max",)),
    Fact("judged_on", FactType.DATE, None),
    Fact("note", FactType.STR, ""),
)
FACTS = normalise(
    {
        "leaked": True,
        "users": 1200,
        "kinds": ["ddos"],
        "countries": {"DE": 3},
        "judged_on": "2026-02-10",
    },
    WORDS,
)


def leaf(field, operator, *value):
    return {"field": field, "operator": operator, **({"value": value[0]} if value else {})}


TRUE = leaf("leaked", "is_true")
FALSE = leaf("leaked", "is_false")


def nested(depth):
    predicate = TRUE
    for _ in range(depth):
        predicate = {"not": predicate}
    return predicate


@pytest.mark.parametrize(
    ("so", "not_so"),
    [
        (leaf("users", "eq", 1200), leaf("users", "eq", 1201)),
        (leaf("users", "ne", 1201), leaf("users", "ne", 1200)),
        (leaf("users", "gt", 1199), leaf("users", "gt", 1200)),
        (leaf("users", "gte", 1200), leaf("users", "gte", 1201)),
        (leaf("users", "lt", 1201), leaf("users", "lt", 1200)),
        (leaf("users", "lte", 1200), leaf("users", "lte", 1199)),
        (leaf("risk", "in", ["low", "high"]), leaf("risk", "in", ["high"])),
        (leaf("risk", "not_in", ["high"]), leaf("risk", "not_in", ["low", "high"])),
        (leaf("kinds", "contains", "ddos"), leaf("kinds", "contains", "malware")),
        (
            leaf("kinds", "contains_any", ["malware", "ddos"]),
            leaf("kinds", "contains_any", ["malware"]),
        ),
        (
            leaf("kinds", "not_contains_any", ["malware"]),
            leaf("kinds", "not_contains_any", ["malware", "ddos"]),
        ),
        (TRUE, FALSE),
        (leaf("countries.DE", "gte", 3), leaf("countries.DE", "gt", 3)),
        (leaf("countries.FR", "eq", 0), leaf("countries.FR", "gt", 0)),
        (leaf("judged_on", "gte", "2026-02-10"), leaf("judged_on", "gte", "2026-02-11")),
        (leaf("note", "eq", ""), leaf("note", "ne", "")),
    ],
)
def test_an_operator_holds_beside_the_case_where_it_does_not(so, not_so):
    assert validate(so, WORDS) == validate(not_so, WORDS) == []
    assert holds(so, FACTS)
    assert not holds(not_so, FACTS)
    assert holds({"not": not_so}, FACTS)


def test_all_needs_every_part_and_any_needs_one():
    assert holds({"all": [TRUE, TRUE]}, FACTS)
    assert not holds({"all": [TRUE, FALSE]}, FACTS)
    assert holds({"any": [TRUE, FALSE]}, FACTS)
    assert not holds({"any": [FALSE, FALSE]}, FACTS)


@pytest.mark.parametrize("operator", ["eq", "ne", "gt", "gte", "lt", "lte"])
def test_what_is_not_known_satisfies_no_comparison(operator):
    predicate = leaf("judged_on", operator, "2026-02-10")
    unknown = normalise({}, WORDS)
    assert not holds(predicate, unknown)
    assert holds({"not": predicate}, unknown)
    assert explain(predicate, unknown).sentences()[0].startswith("judged on is not known, ")


@pytest.mark.parametrize(
    ("predicate", "path"),
    [
        (None, "must be {field"),
        ([], "must be {field"),
        ({}, "must be {field"),
        ({"all": [TRUE], "any": [TRUE]}, "must be {field"),
        (TRUE | {"because": "typo"}, "must be {field"),
        ({"all": []}, "all: must be a list"),
        ({"any": TRUE}, "any: must be a list"),
        ({"all": [TRUE, leaf("users", "above", 3)]}, "all[1].operator: must be one of eq, ne"),
        ({"not": {"any": [leaf("user", "eq", 3)]}}, "not.any[0].field: there is no fact user"),
        (leaf(["users"], "eq", 3), "field: name a fact"),
        (leaf("users", ["eq"], 3), "operator: must be one of"),
        (leaf("users", "is_true"), "operator: is_true is not for a fact of type int"),
        (leaf("leaked", "eq", True), "operator: eq is not for a fact of type bool"),
        (leaf("kinds", "in", ["ddos"]), "operator: in is not for a fact of type list"),
        (leaf("risk", "gte", "low"), "operator: gte is not for a fact of type enum"),
        (leaf("countries", "gte", 3), "operator: gte is not for a fact of type map"),
        (leaf("users.DE", "gte", 3), "field: there is no fact users.DE"),
        (leaf("countries.", "gte", 3), "field: there is no fact countries."),
        (leaf("limits.min", "gte", 3), "field: there is no fact limits.min"),
        (leaf("users", "gte"), "value: takes one value"),
        (leaf("users", "gte", None), "value: takes one value"),
        (leaf("judged_on", "gte", None), "value: takes one value"),
        (leaf("users", "gte", "3"), "value: users must be a whole number"),
        (leaf("users", "in", 3), "value: takes a list"),
        (leaf("users", "in", []), "value: takes a list"),
        (leaf("users", "in", [3, "4"]), "value: users must be a whole number"),
        (leaf("risk", "eq", "huge"), "value: risk must be one of low, high"),
        (leaf("kinds", "contains", "fire"), "value: kinds must be one of ddos, malware"),
        (leaf("kinds", "contains_any", ["fire"]), "value: kinds must be one of"),
        (leaf("countries.DE", "gte", "3"), "value: countries must be a whole number"),
        (leaf("judged_on", "gte", "soon"), "value: judged_on must be a date"),
        (leaf("leaked", "is_true", True), "value: takes no value"),
    ],
)
def test_a_problem_is_named_with_its_path(predicate, path):
    (problem,) = validate(predicate, WORDS)
    assert problem.startswith(path)


def test_every_problem_is_named_at_once():
    problems = validate({"any": [leaf("user", "above", 1), leaf("users", "gte", "3")]}, WORDS)
    assert [problem.split(":")[0] for problem in problems] == [
        "any[0].field",
        "any[0].operator",
        "any[1].value",
    ]


def test_a_predicate_may_nest_twenty_levels_and_no_more():
    assert validate(nested(MAX_DEPTH), WORDS) == []
    assert holds(nested(MAX_DEPTH), FACTS)
    (problem,) = validate(nested(MAX_DEPTH + 1), WORDS)
    assert problem.endswith("nested more than 20 levels deep")


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
def test_absurd_nesting_is_refused_and_never_exhausts_the_stack(depth):
    predicate = nested(depth)
    assert len(validate(predicate, WORDS)) == 1
    with pytest.raises(Invalid) as caught:
        holds(predicate, FACTS)
    assert caught.value.has("predicate_too_deep")


@pytest.mark.parametrize("predicate", [{}, {"all": TRUE}, leaf("users", "above", 3)])
def test_evaluating_what_was_never_validated_is_refused(predicate):
    assert validate(predicate, WORDS)
    with pytest.raises(Invalid) as caught:
        holds(predicate, FACTS)
    assert caught.value.has("predicate_malformed")


@pytest.mark.parametrize(
    ("predicate", "sentence"),
    [
        (leaf("users", "gte", 1000), "users is 1200, at least 1000 needed"),
        ({"not": leaf("users", "gte", 2000)}, "users is 1200, less than 2000 needed"),
        (
            leaf("risk", "in", ["low", "high"]),
            "risk is not known (counted as low), one of low, high needed",
        ),
        (leaf("kinds", "contains", "ddos"), "kinds is ddos, ddos among them needed"),
        (
            {"not": leaf("kinds", "contains", "malware")},
            "kinds is ddos, malware not among them needed",
        ),
        (leaf("leaked", "is_false"), "leaked is yes, no needed"),
        (leaf("countries.FR", "gt", 5), "countries FR is 0, more than 5 needed"),
    ],
)
def test_a_finding_reads_as_a_sentence(predicate, sentence):
    assert explain(predicate, FACTS).sentences() == (sentence,)


def test_a_fact_is_called_as_its_vocabulary_calls_it():
    words = vocabulary(Fact("lost_at_sea", FactType.INT, 0, called="ships lost at sea"))
    predicate = leaf("lost_at_sea", "gt", 1)
    assert explain(predicate, {"lost_at_sea": 2}).sentences(words) == (
        "ships lost at sea is 2, more than 1 needed",
    )
    assert in_words(predicate, words) == "ships lost at sea: more than 1"
    assert in_words(predicate) == "lost at sea: more than 1"


def test_what_was_said_is_known_even_where_it_is_the_default():
    predicate = leaf("users", "gt", 5)
    assert explain(predicate, normalise({"users": 0}, WORDS)).sentences() == (
        "users is 0, more than 5 needed",
    )
    assert explain(predicate, normalise({}, WORDS)).sentences() == (
        "users is not known (counted as 0), more than 5 needed",
    )


def test_only_the_leaves_that_decided_are_named():
    many, few = leaf("users", "gte", 1000), leaf("users", "lt", 10)
    assert [f.expected for f in explain({"all": [many, few]}, FACTS).findings] == [10]
    assert [f.expected for f in explain({"any": [many, few]}, FACTS).findings] == [1000]
    assert [f.expected for f in explain({"all": [many, TRUE]}, FACTS).findings] == [1000, None]


PREDICATES = st.recursive(
    st.builds(leaf, st.just("users"), st.sampled_from(["gt", "lte", "eq"]), st.integers(0, 3))
    | st.sampled_from([TRUE, FALSE]),
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(lambda some: {"all": some}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda some: {"any": some}, st.lists(parts, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)
SITUATIONS = st.fixed_dictionaries({"users": st.integers(0, 3), "leaked": st.booleans()})


@given(st.lists(PREDICATES, min_size=1, max_size=3), SITUATIONS)
def test_de_morgan(parts, facts):
    denied = [{"not": part} for part in parts]
    assert holds({"not": {"all": parts}}, facts) == holds({"any": denied}, facts)
    assert holds({"not": {"any": parts}}, facts) == holds({"all": denied}, facts)


@given(PREDICATES, SITUATIONS)
def test_the_deciding_leaves_are_never_empty_and_are_true_to_the_facts(predicate, facts):
    findings = explain(predicate, facts).findings
    assert findings
    for finding in findings:
        stated = leaf(finding.field, finding.operator, finding.expected)
        assert finding.holds == holds(stated, facts)


# The file of notification duties, which this language was made for.

PLACES = ("trigger", "watch", "condition", "when")
TYPES = {"iana_timezone": FactType.STR, "string": FactType.STR}


def as_fact(name, row):
    kind = TYPES.get(row["type"]) or FactType(row["type"])
    return Fact(name, kind, row["default"], tuple(row.get("enum", ())), row["description"])


@pytest.fixture(scope="module")
def duties():
    default = Path(__file__).parents[3] / "shared" / "data"
    path = Path(os.environ.get("SHARED_DATA", default)) / "regulations" / "regulations.yaml"
    if not path.exists():
        pytest.skip(f"no notification duties at {path}: set SHARED_DATA")
    return yaml.safe_load(path.read_text())


@pytest.fixture(scope="module")
def duty_words(duties):
    words = [as_fact(name, row) for name, row in duties["vocabularies"]["facts"].items()]
    names = [name.partition(".")[2] for name in duties["vocabularies"]["derived_facts"]]
    return vocabulary(*words, Fact("derived", FactType.MAP, {}, tuple(names)))


def predicates_within(node):
    children = node if isinstance(node, list) else node.values()
    for place in PLACES:
        if isinstance(node, dict) and node.get(place):
            yield node[place]
    nested = (child for child in children if isinstance(child, list | dict))
    yield from chain.from_iterable(map(predicates_within, nested))


def test_every_predicate_of_the_notification_duties_is_valid(duties, duty_words):
    written = [*predicates_within(duties["regimes"]), *predicates_within(duties["policies"])]
    # Every regime has a trigger; watches and conditions come on top.
    assert len(written) > 2 * len(duties["regimes"])
    assert [problem for each in written for problem in validate(each, duty_words)] == []


def test_every_duty_the_worked_examples_expect_is_triggered(duties, duty_words):
    """The trigger is necessary for a duty, and without it a regime may at most be assessed."""
    regimes = {regime["id"]: regime for regime in duties["regimes"]}
    assert len(duties["test_cases"]) > 20
    for case in duties["test_cases"]:
        facts = normalise(case["facts"], duty_words)
        triggered = {name for name, each in regimes.items() if holds(each["trigger"], facts)}
        expected = case["expected"]
        labelled = expected["duty"] + expected["not_in_force"] + expected["voluntary"]
        assert triggered == set(labelled), case["id"]
        watched = {name for name, each in regimes.items() if each["watch"]}
        assert set(expected["assess"]) <= {
            name for name in watched - triggered if holds(regimes[name]["watch"], facts)
        }, case["id"]


def test_a_predicate_reads_as_words_with_its_negation_worked_in():
    many = {"field": "customers_affected", "operator": "gte", "value": 1000}
    safe = {"field": "safety_risk", "operator": "is_true"}
    assert in_words(many) == "customers affected: at least 1000"
    assert (
        in_words({"any": [many, safe]})
        == "(customers affected: at least 1000 or safety risk: yes)"
    )
    assert (
        in_words({"not": {"any": [many, safe]}})
        == "(customers affected: less than 1000 and safety risk: no)"
    )
