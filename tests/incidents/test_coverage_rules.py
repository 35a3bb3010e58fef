"""How a cell of the coverage map stands, and why: no database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from incidents.rules.coverage import SOON, Cell, State, Words, cover, totals

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
OUTAGE, BREACH = 1, 2
OWN = Words(7, "Outage", OUTAGE, "sev1", "public", is_approved=True)
ASKED = {("sev1", "public"), ("sev2", "public")}


def cells(*words: Words, scenarios=(OUTAGE,)) -> dict[tuple[int | None, str, str], Cell]:
    found = cover(
        words,
        scenarios=scenarios,
        levels=("", "sev1", "sev2"),
        audiences=("public", "support"),
        asked=ASKED,
        on=TODAY,
    )
    return {(one.scenario, one.severity, one.audience): one for one in found}


def cell(*words: Words) -> Cell:
    """What these words make of the cell they are asked for in."""
    return cells(*words)[OUTAGE, "sev1", "public"]


def test_words_of_its_own_cover_a_cell() -> None:
    found = cell(OWN)
    assert (found.state, found.words, found.is_covered) == (State.COVERED, OWN, True)


def test_a_cell_that_is_asked_for_without_words_is_a_hole() -> None:
    found = cell()
    assert (found.state, found.words, found.wants_work) == (State.HOLE, None, True)


@pytest.mark.parametrize(("general", "why"), [
    (replace(OWN, severity=""), "any level"),
    (replace(OWN, scenario=None), "any scenario"),
    (replace(OWN, scenario=None, severity=""), "any scenario and any level"),
])  # fmt: skip
def test_words_for_any_cover_more_lightly_and_say_so(general: Words, why: str) -> None:
    found = cell(general)
    assert (found.state, found.why) == (State.GENERAL, f"Covered by words for {why}.")
    assert found.is_covered


def test_the_closest_words_decide() -> None:
    level, scenario = replace(OWN, key=8, severity=""), replace(OWN, key=9, scenario=None)
    assert cell(scenario, level).words == level
    assert cell(scenario, level, OWN).words == OWN


@pytest.mark.parametrize("other", [
    replace(OWN, scenario=BREACH),
    replace(OWN, severity="sev2"),
    replace(OWN, audience="support"),
])  # fmt: skip
def test_words_for_something_else_cover_nothing_here(other: Words) -> None:
    assert cell(other).state == State.HOLE


def test_what_expires_within_thirty_days_is_shown_before_it_is_a_hole() -> None:
    assert cell(replace(OWN, expires_on=TODAY + SOON)).state == State.EXPIRING
    assert cell(replace(OWN, expires_on=TODAY + SOON + DAY)).state == State.COVERED


def test_an_expiry_is_the_first_day_without_words() -> None:
    found = cell(replace(OWN, expires_on=TODAY))
    assert (found.state, found.is_covered, found.wants_work) == (State.EXPIRED, False, True)
    assert "23 November 2026" in found.why
    assert cell(replace(OWN, expires_on=TODAY + DAY)).is_covered


def test_of_two_alike_the_one_that_lasts_decides() -> None:
    short, long = replace(OWN, expires_on=TODAY + DAY), replace(OWN, key=8)
    assert cell(short, long).words == long
    assert cell(long, short).words == long


def test_words_whose_review_is_due_may_still_be_used() -> None:
    found = cell(replace(OWN, review_on=TODAY))
    assert (found.state, found.is_covered) == (State.REVIEW, True)
    assert cell(replace(OWN, review_on=TODAY + DAY)).state == State.COVERED


def test_words_whose_approver_left_cover_nothing_but_others_stand_in() -> None:
    orphan = replace(OWN, has_approver=False)
    assert cell(orphan).state == State.APPROVER_LEFT
    assert cell(orphan).wants_work
    assert cell(orphan, replace(OWN, severity="")).state == State.GENERAL


def test_what_nobody_approved_or_may_not_be_used_yet_is_on_its_way() -> None:
    draft = replace(OWN, is_approved=False)
    later = replace(OWN, effective_from=TODAY + DAY)
    for found in (cell(draft), cell(later)):
        assert found.state == State.DRAFT
        assert not found.is_covered
        assert not found.wants_work  # somebody is at it
    assert "from 24 November 2026" in cell(later).why
    assert cell(replace(OWN, effective_from=TODAY)).state == State.COVERED


def test_a_draft_of_what_expired_is_work_in_hand() -> None:
    expired, draft = replace(OWN, expires_on=TODAY), replace(OWN, is_approved=False)
    assert cell(expired, draft).state == State.DRAFT


def test_what_the_law_does_not_ask_for_is_no_hole() -> None:
    found = cells()[OUTAGE, "sev1", "support"]
    assert (found.state, found.wants_work) == (State.NOT_ASKED, False)


def test_general_words_that_expired_say_nothing_of_a_cell_nobody_asks_for() -> None:
    gone = replace(OWN, severity="", audience="support", expires_on=TODAY)
    found = cells(gone)
    assert found[OUTAGE, "", "support"].state == State.EXPIRED
    assert found[OUTAGE, "sev1", "support"].state == State.NOT_ASKED


def test_words_for_any_scenario_are_asked_for_nowhere() -> None:
    found = cells(scenarios=(OUTAGE, None))
    assert found[None, "sev1", "public"].state == State.NOT_ASKED


def test_totals_count_what_is_asked_for_alone() -> None:
    support = replace(OWN, severity="", audience="support")
    found = totals(cells(OWN, support, scenarios=(OUTAGE, BREACH)).values())
    assert (found.asked, found.covered) == (4, 1)
