"""Exactly one commander at any moment (R18): gaps and overlaps, found and not invented."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.tenure import Command, Fault, TenureFault, tenure_faults

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def command(begins: int, until: int | None = None) -> Command:
    return at(begins), None if until is None else at(until)


def faults(*commands: Command, ended: int | None = 60) -> list[tuple[str, int, int | None]]:
    """Kind, first and last minute of each fault of an incident declared at minute 0."""
    found = tenure_faults(commands, NOW, None if ended is None else at(ended))
    return [
        (one.kind.value, _minute(one.begins_at), one.ends_at and _minute(one.ends_at))
        for one in found
    ]


def _minute(instant: datetime) -> int:
    return int((instant - NOW).total_seconds() // 60)


def test_one_commander_from_declaration_to_the_end_is_no_fault() -> None:
    assert faults(command(0, 60)) == []
    assert faults(command(0), ended=None) == []


def test_a_hand_over_in_one_instant_is_neither_gap_nor_overlap() -> None:
    assert faults(command(0, 20), command(20, 60)) == []
    assert faults(command(20, 60), command(0, 20)) == []


def test_nobody_between_two_commanders_is_a_gap() -> None:
    assert faults(command(0, 20), command(25, 60)) == [("gap", 20, 25)]


def test_two_at_once_are_an_overlap_until_one_leaves() -> None:
    assert faults(command(0, 25), command(20, 60)) == [("overlap", 20, 25)]


def test_nobody_in_the_beginning_and_nobody_at_the_end_are_gaps() -> None:
    assert faults(command(5, 50)) == [("gap", 0, 5), ("gap", 50, 60)]
    assert faults(command(0, 50), ended=None) == [("gap", 50, None)]


def test_an_incident_nobody_ever_commanded_is_one_gap() -> None:
    assert faults() == [("gap", 0, 60)]
    assert faults(ended=None) == [("gap", 0, None)]


def test_an_overlap_that_goes_on_has_no_end_yet() -> None:
    assert faults(command(0), command(30), ended=None) == [("overlap", 30, None)]


def test_three_at_once_are_one_overlap() -> None:
    assert faults(command(0, 60), command(10, 30), command(15, 40)) == [("overlap", 10, 40)]


def test_what_lies_outside_the_incident_does_not_count() -> None:
    assert faults(command(-10, 60)) == []
    assert faults(command(0, 90)) == []
    assert faults(command(-20, -10), command(70, 80), command(0, 60)) == []


def test_a_command_of_no_length_is_none() -> None:
    assert faults(command(0, 60), command(20, 20)) == []


def test_an_incident_over_in_the_moment_of_its_declaration_has_no_fault() -> None:
    assert faults(ended=0) == []


some_commands = st.lists(
    st.tuples(st.integers(-5, 65), st.none() | st.integers(-5, 70)).filter(
        lambda one: one[1] is None or one[1] >= one[0]
    ),
    max_size=5,
)


@given(some_commands)
def test_a_minute_is_in_a_fault_exactly_when_there_is_not_one_commander(
    spans: list[tuple[int, int | None]],
) -> None:
    found = tenure_faults([command(*span) for span in spans], NOW, at(60))
    for minute in range(60):
        commanding = sum(
            begins <= minute and (until is None or minute < until) for begins, until in spans
        )
        inside = [one for one in found if _holds(one, at(minute))]
        expected = {0: [Fault.GAP], 1: []}.get(commanding, [Fault.OVERLAP])
        assert [one.kind for one in inside] == expected


def _holds(fault: TenureFault, instant: datetime) -> bool:
    return fault.begins_at <= instant and (fault.ends_at is None or instant < fault.ends_at)


@pytest.mark.parametrize("ended", [60, None])
def test_faults_come_in_their_order_and_never_touch_one_of_their_kind(
    ended: int | None,
) -> None:
    found = faults(command(10, 20), command(15, 30), command(40, 50), ended=ended)
    assert found == [
        ("gap", 0, 10), ("overlap", 15, 20), ("gap", 30, 40), ("gap", 50, ended),
    ]  # fmt: skip
