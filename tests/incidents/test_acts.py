"""Which act an activity governs: proposed by its name, found by the phase an incident is in."""

import pytest

from incidents.rules.acts import ACTS, MANDATORY, governing, recognise
from incidents.rules.matrix_names import PHASES
from incidents.rules.raci import Activity
from incidents.rules.verbs import VERBS


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("Declare the incident", "declare"),
        ("Declare incident and severity", "declare"),
        ("Set priority P1 to P4", "set_severity"),
        ("Create and update the public status page", "publish_externally"),
        ("Internal updates", "first_internal_update"),
        ("Notify GSA IR within one hour", "notify_authority"),
        ("Contain without destroying evidence", "contain"),
        ("Hand over command", "hand_over"),
        ("Stand by to take over command", "hand_over"),
        ("After-action review", "review"),
        ("Keep timers and open points", ""),
        ("", ""),
    ],
)
def test_an_act_is_proposed_by_the_name_of_an_activity(name: str, act: str) -> None:
    assert recognise(name) == act


def test_every_act_with_a_verb_names_one_of_the_law() -> None:
    assert {act.verb for act in ACTS.values() if act.verb} <= VERBS.keys()


def test_what_one_role_decides_is_publishing_notice_severity_and_closing() -> None:
    decided = {act.verb for act in ACTS.values() if act.decided}
    assert decided == {"publish_update", "file_notice", "classify", "close"}


def test_ten_acts_must_be_in_every_matrix() -> None:
    assert len(MANDATORY) == 10


def activity(phase: str, act: str = "publish_externally") -> Activity:
    return Activity(phase, f"Publish in {phase}", {}, act)


def test_the_activity_of_the_phase_itself_governs() -> None:
    rows = [activity("triage"), activity("mitigation")]
    assert governing(rows, "publish_externally", "mitigation", PHASES) is rows[1]


def test_else_the_last_before_it_governs_and_then_the_first_after() -> None:
    rows = [activity("detection"), activity("triage"), activity("resolution")]
    assert governing(rows, "publish_externally", "mitigation", PHASES) is rows[1]
    assert governing(rows[2:], "publish_externally", "mitigation", PHASES) is rows[2]


def test_an_act_that_no_activity_is_bound_to_is_governed_by_none() -> None:
    assert governing([activity("triage")], "contain", "triage", PHASES) is None
