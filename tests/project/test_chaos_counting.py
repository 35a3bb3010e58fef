"""What counts under fire: a planted loss and a planted double are found, and a reason is a reason."""

from itertools import pairwise

import pytest

from tests.chaos.__main__ import verdict
from tests.chaos.counting import AFTER, BEFORE, Arrival, Blow, Row, Tally, count
from tests.chaos.scenarios import SCENARIOS

OWED = {f"clock:{number}": 1000.0 for number in range(3)}
ROWS = [Row(number, f"clock:{number}:due:7", "sent", 1001.0) for number in range(3)]
TAKEN = [Arrival(number, 1002.0 + number) for number in range(3)]
KILLED = Blow("the worker was killed", 1010.0, 1010.0)


def without(number: int) -> list[Arrival]:
    return [arrival for arrival in TAKEN if arrival.pk != number]


def row(number: int, status: str, error: str = "") -> list[Row]:
    """All rows, of which this one ended so."""
    mine = Row(number, ROWS[number].key, status, 1001.0, error)
    return [mine if each.pk == number else each for each in ROWS]


def said(tally: Tally) -> list[str]:
    """What is printed of a scenario that must fail."""
    lines: list[str] = []
    assert verdict({"planted": tally.as_dict()}, lines.append) == 1
    return lines


def test_what_was_owed_and_arrived_once_is_sound() -> None:
    tally = count(OWED, ROWS, TAKEN)
    assert verdict({"calm": tally.as_dict()}, pytest.fail) == 0
    assert (tally.owed, tally.composed, tally.sent) == (3, 3, 3)
    assert (tally.late_median, tally.late_most) == (3.0, 4.0)


def test_a_message_that_never_arrived_is_lost_though_its_row_says_sent() -> None:
    assert said(count(OWED, ROWS, without(1))) == [
        "planted: 1 clock:1:due:7: sent, never arrived"
    ]


def test_what_was_never_composed_is_lost() -> None:
    assert said(count(OWED, ROWS[:2], TAKEN[:2])) == ["planted: clock:2: never composed"]


def test_what_still_waits_in_the_end_is_lost_even_where_it_arrived() -> None:
    assert said(count(OWED, row(2, "pending"), TAKEN)) == [
        "planted: 2 clock:2:due:7: pending, arrived"
    ]


def test_a_dead_message_is_lost_unless_the_server_refused_it_and_the_row_says_so() -> None:
    refused = row(0, "dead", "550 refused")
    assert count(OWED, refused, without(0), refused={0}).is_sound
    for dead in (row(0, "dead"), refused):
        allowed = set() if dead is refused else {0}
        assert count(OWED, dead, without(0), refused=allowed).lost != []


@pytest.mark.parametrize("again", [1002.0, 1030.0])
def test_a_double_without_a_reason_fails_the_run(again: float) -> None:
    tally = count(OWED, ROWS, [*TAKEN, Arrival(0, again)], [KILLED])
    assert said(tally) == [f"planted: 0: taken at 1002.00, {again:.2f}"]
    assert tally.twice == {}


@pytest.mark.parametrize("first", [1010.0 - BEFORE, 1010.0, 1010.0 + AFTER])
def test_a_double_of_what_was_in_hand_at_a_blow_has_that_reason(first: float) -> None:
    doubled = [*without(0), Arrival(0, first), Arrival(0, 1030.0)]
    tally = count(OWED, ROWS, doubled, [KILLED])
    assert tally.is_sound
    assert tally.twice == {"the worker was killed": 1}


def test_a_blow_excuses_the_copy_in_hand_and_none_after_it() -> None:
    thrice = [*without(0), *(Arrival(0, at) for at in (1010.0, 1030.0, 1040.0))]
    assert count(OWED, ROWS, thrice, [KILLED]).unexplained != []


def test_a_blow_excuses_no_more_than_was_in_hand() -> None:
    firsts = [Arrival(number, 1010.0) for number in range(3)]
    seconds = [Arrival(number, 1030.0) for number in range(3)]
    tally = count(OWED, ROWS, [*firsts, *seconds], [KILLED])
    assert tally.twice == {"the worker was killed": 2}
    assert len(tally.unexplained) == 1


def test_what_the_server_never_answered_may_come_again() -> None:
    taken = [*without(0), Arrival(0, 1002.0, answered=False), Arrival(0, 1030.0)]
    assert count(OWED, ROWS, taken).twice == {"the server never answered": 1}


def test_a_mail_that_no_row_promises_is_a_problem() -> None:
    assert said(count(OWED, ROWS, [*TAKEN, Arrival(99, 1002.0)])) == [
        "planted: 99: sent, and no row promises it"
    ]


def test_what_else_a_scenario_found_fails_the_run() -> None:
    assert said(count(OWED, ROWS, TAKEN, problems=["act 7: half done"])) == [
        "planted: act 7: half done"
    ]


def test_a_run_of_nothing_is_no_success() -> None:
    assert verdict({}, pytest.fail) == 1


def test_lateness_counts_from_when_it_was_owed_not_from_when_it_was_composed() -> None:
    late = count(OWED, ROWS, TAKEN).late_most
    by_row = count({}, ROWS, TAKEN).late_most
    assert (late, by_row) == (4.0, 3.0)


def test_each_scenario_has_a_name_and_words_of_its_own() -> None:
    for column in ("name", "says"):
        words = sorted(getattr(scenario, column) for scenario in SCENARIOS)
        assert all(one != other for one, other in pairwise(words))
