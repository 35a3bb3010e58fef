"""The one next sensible act: from an unanswered call to closing, whatever waits in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.sensible import NOTHING_PENDING, Pending, Progress, sensible_acts
from incidents.rules.verbs import VERBS

flags = st.booleans()
any_progress = st.builds(Progress, flags, flags, flags, flags)
any_pending = st.builds(Pending, flags, flags, flags, flags)
EVERYTHING = Pending(
    is_called=True, is_offered_command=True, level_proposed=True, update_late=True
)


@pytest.mark.parametrize(
    ("state", "contained", "mitigated", "verb"),
    [
        (State.DETECTION, False, False, "acknowledge"),
        (State.TRIAGE, False, False, "advance"),
        (State.MITIGATION, False, False, "contain"),
        (State.MITIGATION, True, False, "mitigate"),
        (State.MITIGATION, True, True, "resolve"),
        (State.RESOLUTION, True, True, "close"),
        (State.RESOLUTION, False, True, "contain"),
    ],
)
def test_the_big_button_leads_from_acknowledging_to_closing(
    state: State, contained: bool, mitigated: bool, verb: str
) -> None:
    assert sensible_acts(state, Progress(True, contained, mitigated)) == (verb,)


@pytest.mark.parametrize("state", [State.CLOSED, State.CANCELLED])
def test_what_is_over_needs_nothing(state: State) -> None:
    assert sensible_acts(state, Progress(has_commander=False), EVERYTHING) == ()


def test_without_a_commander_somebody_is_assigned_before_the_incident_goes_on() -> None:
    done = {"contained": True, "mitigated": True}
    alone = sensible_acts(State.MITIGATION, Progress(has_commander=False, **done))
    assert alone == ("assign", "resolve")
    assert sensible_acts(State.MITIGATION, Progress(**done)) == ("resolve",)


def test_an_incident_moved_into_resolution_by_hand_is_resolved_before_it_is_closed() -> None:
    done = {"contained": True, "mitigated": True}
    assert sensible_acts(State.RESOLUTION, Progress(**done, resolved=False)) == ("resolve",)
    assert sensible_acts(State.RESOLUTION, Progress(**done, resolved=True)) == ("close",)


def test_who_is_called_answers_before_all_else_and_what_waits_comes_before_going_on() -> None:
    assert sensible_acts(State.MITIGATION, Progress(), EVERYTHING) == (
        "answer_call", "accept_command", "classify", "draft_update", "contain",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pending", "verb"),
    [
        (Pending(is_called=True), "answer_call"),
        (Pending(is_offered_command=True), "accept_command"),
        (Pending(level_proposed=True), "classify"),
        (Pending(update_late=True), "draft_update"),
        (NOTHING_PENDING, "contain"),
    ],
)
def test_each_thing_that_waits_is_the_next_act_while_it_waits(
    pending: Pending, verb: str
) -> None:
    assert sensible_acts(State.MITIGATION, Progress(), pending)[0] == verb


def test_command_begins_before_anybody_decides_on_the_severity() -> None:
    found = sensible_acts(State.DETECTION, Progress(), Pending(level_proposed=True))
    assert found == ("acknowledge", "classify")


@given(st.sampled_from(State), any_progress, any_pending)
def test_every_sensible_act_is_possible_in_its_state_and_named_once(
    state: State, progress: Progress, pending: Pending
) -> None:
    found = sensible_acts(state, progress, pending)
    assert len(found) == len({*found})
    assert all(state in VERBS[verb].states for verb in found)
    assert bool(found) == (state in OPEN_STATES)
