"""Whatever the facts and clocks are: every stage has one place, and no due instant drifts."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incidents.calendars import is_holiday
from incidents.rules import legal_engine, legal_facts
from incidents.rules.reasons import Invalid
from tests.incidents import legal_strategies
from tests.incidents.packs import outcome, shipped

CASES = {case["id"]: case for case in shipped().test_cases}


def sources(name: str, clock: str) -> list[tuple[str, str]]:
    """What starts the clock of this stage, as (clocks or submitted, its name)."""
    regime, _, stage = name.partition("/")
    if clock == "calendar_year_end":
        return [("clocks", "discovery")]
    if clock != "previous_stage":
        return [("clocks", clock)]
    after = shipped().regimes[regime].stage(stage).after
    return [("submitted", f"{regime}/{each}") for each in after]


@settings(deadline=None)
@given(data=st.data())
def test_no_due_instant_of_a_worked_case_moves_later_when_its_own_clock_starts_earlier(
    data: st.DataObject,
) -> None:
    case = CASES[data.draw(st.sampled_from(sorted(CASES)))]
    before = outcome(case["facts"], case["clocks"], case["submitted"])
    assume(before.due)
    one = data.draw(st.sampled_from(before.due))
    # The cap of DORA has an exception, and a test of its own.
    assume((one.stage, one.clock) != ("initial", "awareness"))
    name = f"{one.regime}/{one.stage}"
    given_ = {"clocks": dict(case["clocks"]), "submitted": dict(case["submitted"])}
    by = timedelta(minutes=data.draw(st.integers(1, 60 * 24 * 40)))
    for kind, source in sources(name, one.clock):
        if source in given_[kind]:
            given_[kind][source] = datetime.fromisoformat(given_[kind][source]) - by
    try:
        after = outcome(case["facts"], given_["clocks"], given_["submitted"])
    except Invalid:  # the case is out of order now
        assume(False)
    moved = next(each for each in after.due if f"{each.regime}/{each.stage}" == name)
    assert moved.due_at.astimezone(UTC) <= one.due_at.astimezone(UTC)


@settings(deadline=None)
@given(
    legal_strategies.well_typed_facts(),
    legal_strategies.clocks(),
    legal_strategies.submissions(),
)
def test_whatever_is_said_in_the_right_types_is_refused_or_sorted_into_exactly_one_place(
    facts: Any, clocks: Any, submitted: Any
) -> None:
    pack = shipped()
    try:
        case = legal_facts.case(pack, facts, clocks, submitted)
    except Invalid:
        return
    found = legal_engine.evaluate(pack, case, is_holiday)
    regimes = [*found.duty, *found.assess, *found.not_in_force, *found.voluntary]
    assert len(set(regimes)) == len(regimes)
    stages = [*(f"{each.regime}/{each.stage}" for each in found.due)]
    stages += [*found.pending, *found.no_fixed_deadline]
    assert len(set(stages)) == len(stages)
    assert {name.partition("/")[0] for name in stages} <= set(found.duty)
    for each in found.due:
        if each.permitted_until is not None:
            assert each.permitted_until.astimezone(UTC) > each.due_at.astimezone(UTC)
