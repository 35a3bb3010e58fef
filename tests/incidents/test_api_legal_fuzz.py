"""Whatever a case says, the law answers it or refuses it with reasons: never an error of ours."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import callers
from tests.callers import Caller
from tests.incidents.packs import shipped

pytestmark = pytest.mark.django_db

FACTS, CLOCKS = list(shipped().facts), list(shipped().clocks)
STAGES = [f"{one.id}/{stage.id}" for one in shipped().regimes.values() for stage in one.stages]
QUICKLY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["DE", "US-CA", "US", "EU", "none", "confirmed", "health", "controller"]),
    st.sampled_from(
        ["2026-02-10", "0001-01-01", "9999-12-31", "\0", "\ud800", "Europe/Berlin"]
    ),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=6,
)


def likely(name: str) -> st.SearchStrategy[Any]:
    """A value this fact may have, more often than not."""
    fact = shipped().facts[name]
    fitting = [st.just(fact.default), values]
    if fact.choices:
        fitting += [st.sampled_from(fact.choices), st.lists(st.sampled_from(fact.choices))]
    counts = st.dictionaries(st.sampled_from(["DE", "US-CA", "US"]), st.integers(0, 9))
    codes = st.lists(st.sampled_from(["DE", "US-CA", "US-TX", "JP", "EU", "GB"]), max_size=4)
    return st.one_of(*fitting, st.booleans(), st.integers(0, 5000), counts, codes)


facts = st.lists(st.sampled_from(FACTS), max_size=8, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: likely(name) for name in names})
)
instants = st.one_of(
    st.datetimes().map(lambda at: f"{at.isoformat()}+00:00"),
    st.sampled_from(["2026-02-10T09:20:00+01:00", "0001-01-01T00:00:00+14:00", "2026-02-10"]),
    values,
)
cases = st.fixed_dictionaries(
    {},
    optional={
        "facts": facts | st.dictionaries(words, values, max_size=3) | values,
        "clocks": st.dictionaries(st.sampled_from(CLOCKS) | words, instants, max_size=4)
        | values,
        "submitted": st.dictionaries(st.sampled_from(STAGES) | words, instants, max_size=3),
    },
)


@pytest.fixture
def ada(db) -> Caller:
    return callers.ada()


def answered(ada: Caller, address: str, body: Any) -> None:
    """With the law, or with reasons that each have a code and a sentence."""
    response = ada.post(address, body)
    assert response.status_code in (200, 422), (body, response.content)
    if response.status_code == 422:
        reasons = response.json()["reasons"]
        assert reasons
        assert all(reason["code"] and reason["message"] for reason in reasons)


@QUICKLY
@given(cases)
def test_any_case_is_evaluated_or_refused_with_reasons(ada, case) -> None:
    answered(ada, "/legal/evaluate", case)


@QUICKLY
@given(cases, st.lists(st.sampled_from(FACTS) | words, max_size=3))
def test_any_case_is_explained_or_refused_with_reasons(ada, case, unknown) -> None:
    answered(ada, "/legal/explain", {**case, "unknown": unknown})


@QUICKLY
@given(facts)
def test_what_can_be_evaluated_can_be_explained_and_says_the_same(ada, said) -> None:
    evaluated = ada.post("/legal/evaluate", {"facts": said})
    explained = ada.post("/legal/explain", {"facts": said})
    assert evaluated.status_code == explained.status_code
    if evaluated.status_code == 200:
        found = explained.json()
        assert {name: found[name] for name in evaluated.json()} == evaluated.json()


@QUICKLY
@given(st.lists(cases, min_size=1, max_size=4))
def test_many_cases_are_evaluated_or_refused_with_reasons(ada, many) -> None:
    answered(ada, "/legal/evaluate-many", {"cases": many})
