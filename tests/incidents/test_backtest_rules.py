"""Other criteria over past incidents: every one counted once, and counted in the right direction."""

from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.backtest import Mark, Past, compare, judged, reach, why
from incidents.rules.facts import severity_facts
from incidents.rules.severity import Criterion, Level, classify, decide


def many(number):
    return {"field": "customers_affected", "operator": "gte", "value": number}


def levels_of(*thresholds):
    """One level for each number of customers, the most first, and a lowest one."""
    made = [
        Level(f"sev{rank}", rank, f"SEV{rank}", (Criterion(f"From {number}", many(number)),))
        for rank, number in enumerate(sorted(thresholds, reverse=True), start=1)
    ]
    return [*made, Level(f"sev{len(made) + 1}", len(made) + 1, "Rest")]


schemes = st.lists(st.integers(0, 50), min_size=1, max_size=3, unique=True).map(
    lambda numbers: levels_of(*numbers)
)
pasts = st.lists(st.integers(0, 60), max_size=30).map(
    lambda counts: [
        Past(key, {"customers_affected": count}, {}) for key, count in enumerate(counts)
    ]
)


@given(schemes, schemes, pasts)
def test_every_incident_is_counted_once_and_moves_one_way(old, new, past):
    found = compare(new, judged(old, past), judged(new, past))
    assert [row.key for row in found.rows] == [one.key for one in past]
    assert sum(found.matrix.values()) == len(past)
    same = sum(count for (was, now), count in found.matrix.items() if was == now)
    assert same + len(found.changed) == len(past)
    assert found.graver + found.lighter == len(found.changed)


@given(schemes, pasts)
def test_the_same_criteria_change_nothing(levels, past):
    found = compare(levels, judged(levels, past), judged(levels, past))
    assert found.changed == ()


@given(schemes, pasts, st.integers(0, 50))
def test_one_more_way_to_the_gravest_level_makes_none_less_grave(levels, past, number):
    top, *rest = levels
    wider = Level(
        top.code, top.rank, top.name, (*top.criteria, Criterion("More", many(number)))
    )
    found = compare(levels, judged(levels, past), judged([wider, *rest], past))
    assert found.lighter == 0


@given(schemes, st.integers(0, 60), st.permutations(range(4)))
def test_the_short_way_decides_as_the_long_one_does(levels, customers, order):
    facts = severity_facts({"customers_affected": customers}, {})
    shuffled = [levels[number] for number in order if number < len(levels)]
    level, criterion = decide(shuffled, facts)
    found = classify(levels, facts)
    assert level.code == found.code
    assert criterion is None or any(criterion.name in reason for reason in found.reasons)


def test_what_was_called_too_low_is_graver_now():
    past = [Past(1, {"customers_affected": 30}, {}), Past(2, {"customers_affected": 5}, {})]
    new = levels_of(20, 10)
    found = compare(new, {1: Mark("sev3", 3), 2: Mark("sev1", 1)}, judged(new, past))
    assert (found.graver, found.lighter) == (1, 1)
    assert [(row.before, row.now) for row in found.changed] == [
        ("sev3", "sev1"),
        ("sev1", "sev3"),
    ]


def test_a_code_of_another_scheme_counts_by_its_own_rank():
    new = levels_of(20)
    now = {1: Mark("sev2", 2), 2: Mark("sev1", 1)}
    found = compare(new, {1: Mark("p1", 1), 2: Mark("p1", 1)}, now)
    assert [row.shift for row in found.rows] == [1, 0]
    assert (found.graver, found.lighter, len(found.changed)) == (0, 1, 2)


def test_what_cannot_be_judged_is_left_out_and_not_guessed():
    imported = Past(1, {"impact": "major", "components": []}, {})
    contradictory = Past(2, {"customers_affected": 0, "customers_affected_percent": 4}, {})
    known = Past(3, {"customers_affected": 30}, {})
    assert judged(levels_of(20), [imported, contradictory, known]) == {3: Mark("sev1", 1)}


def test_the_criterion_that_decides_is_said_in_words():
    levels = levels_of(20, 10)
    assert why(levels, Past(1, {"customers_affected": 12}, {})) == (
        "sev2, From 10: customers affected is 12, at least 10 needed"
    )
    assert why(levels, Past(1, {}, {})) == "no criterion of any level holds"


graphs = st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 7), max_size=4), max_size=8)


@given(graphs, st.sets(st.integers(0, 7), max_size=3))
def test_trouble_reaches_whatever_needs_it_over_any_number_of_steps(graph, affected):
    reached = set(affected)
    for _ in range(8):
        reached |= {below for one in reached for below in graph.get(one, ())}
    assert reach(graph, affected) == len(reached - affected)
