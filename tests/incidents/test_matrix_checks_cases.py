"""The checks of acts, of variations and of reporting lines, each on both sides."""

from dataclasses import replace

import pytest

from incidents.rules.acts import ACTS, MANDATORY
from incidents.rules.matrix_checks import Level
from incidents.rules.raci import Activity, Grid
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    DEPUTY,
    DOMAIN_OWNER,
    EXECUTIVE,
    RESPONDER,
    SCRIBE,
    SUPPORT,
)
from tests.factories import SOUND_MATRIX
from tests.incidents.checking import facts, found, grid, line, only, reporting, variation

BASE = line(f"{COMMANDER}:A {SCRIBE}:R {DEPUTY}:I")
ALL_ACTS = grid(*(line(f"{COMMANDER}:A/R", f"Do {act}", act=act) for act in MANDATORY))


# --- R04, R09, R10 with acts and kinds


@pytest.mark.parametrize("act", ["publish_externally", "notify_authority", "stand_down"])
def test_an_act_that_needs_a_second_person_done_and_decided_by_one_role_warns(act: str) -> None:
    alone = line(f"{COMMANDER}:A/R", "Do it", act=act)
    finding = only("R04", grid(alone))
    assert (finding.level, finding.role) == (Level.WARNING, COMMANDER)
    assert "Incident commander approves its own work" in finding.message
    assert not found("R04", grid(line(f"{COMMANDER}:A {SCRIBE}:R", "Do it", act=act)))


def test_roles_of_one_kind_need_tell_nobody_roles_of_two_do() -> None:
    technical = grid(line(f"{DOMAIN_OWNER}:A {RESPONDER}:R"))
    across = grid(line(f"{DOMAIN_OWNER}:A {COMMUNICATIONS}:R"))
    assert not found("R09", technical, facts())
    assert only("R09", across, facts()).level is Level.WARNING
    assert only("R09", technical)  # a file says nothing of kinds


def test_a_timed_act_waits_only_so_long_for_whom_it_consults() -> None:
    asked = line(f"{COMMANDER}:A/R {SCRIBE}:C", "Do it", "review", act="contain")
    assert only("R10", grid(asked)).role == SCRIBE
    assert not found("R10", grid(replace(asked, proceed_after=5)))
    assert not found("R10", grid(replace(asked, act="resolve")))


def test_an_act_says_more_about_the_clock_than_a_name_does() -> None:
    calm = line(f"{COMMANDER}:A/R {SCRIBE}:C", "Contain costs", "detection", act="actions")
    assert not found("R10", grid(calm))


# --- R15


@pytest.mark.parametrize("name", ["ada@example.com", "@ada", "Lead (@ada)"])
def test_a_column_that_is_a_person_is_an_error_in_a_file_too(name: str) -> None:
    activity = Activity("mitigation", "Restart", {name: line("x:A/R").letters["x"]})
    finding = only("R15", Grid((activity,), (name,)))
    assert (finding.level, finding.role) == (Level.ERROR, name)


@pytest.mark.parametrize("name", ["Lead", "Lead @ night", "Team R&D"])
def test_a_column_that_is_a_role_is_fine(name: str) -> None:
    activity = Activity("mitigation", "Restart", {name: line("x:A/R").letters["x"]})
    assert not found("R15", Grid((activity,), (name,)))


def test_a_role_named_like_somebody_is_an_error() -> None:
    matrix = grid(line(f"{SCRIBE}:A/R"))
    assert only("R15", matrix, facts(people_names=frozenset({"scribe"}))).role == SCRIBE
    assert not found("R15", matrix, facts(people_names=frozenset({"ada"})))


# --- R20, R22


def test_a_commander_directs_no_more_roles_than_one_person_can() -> None:
    crowd = grid(line(f"{COMMANDER}:A/R {DEPUTY}:C {COMMUNICATIONS}:C {SCRIBE}:C {SUPPORT}:C"))
    assert not found("R20", crowd, facts())
    finding = only("R20", crowd, facts(), span_least=1, span_most=2)
    assert (finding.level, finding.role, finding.phase) == (
        Level.WARNING,
        COMMANDER,
        "mitigation",
    )
    assert "In mitigation, 3 of the roles at work report" in finding.message
    assert not found("R20", crowd, None, span_least=1, span_most=2)


def test_a_layer_that_leaves_the_commander_few_to_direct_is_a_warning() -> None:
    layered = grid(line(f"{COMMANDER}:A {DOMAIN_OWNER}:R {RESPONDER}:R {SUPPORT}:C"))
    assert "take out the lead between" in only("R20", layered, facts()).message
    assert not found("R20", layered, facts(), span_least=1)


def test_few_at_work_or_no_commander_are_no_matter_of_span() -> None:
    assert not found("R20", grid(line(f"{COMMANDER}:A {SCRIBE}:R")), facts())
    without = line(f"{DEPUTY}:A {DOMAIN_OWNER}:R {RESPONDER}:R {SUPPORT}:C")
    assert not found("R20", grid(without), facts())
    told = grid(line(f"{COMMANDER}:I {DOMAIN_OWNER}:A {RESPONDER}:R {SUPPORT}:C"))
    assert only("R20", told, facts())


@pytest.mark.parametrize("name", ["Contain the spread", "Restore the service"])
def test_an_executive_is_not_accountable_for_technical_work(name: str) -> None:
    finding = only("R22", grid(line(f"{EXECUTIVE}:A {SCRIBE}:R", name)))
    assert (finding.level, finding.role) == (Level.WARNING, EXECUTIVE)
    assert not found("R22", grid(line(f"{COMMANDER}:A {EXECUTIVE}:I {SCRIBE}:R", name)))


def test_work_that_only_engineers_do_is_technical_too() -> None:
    assert only(
        "R22",
        grid(
            line(f"{EXECUTIVE}:A {RESPONDER}:R", "Rebuild it"),
        ),
        facts(),
    )
    assert not found("R22", grid(line(f"{EXECUTIVE}:A {COMMUNICATIONS}:R", "Tell it")), facts())
    bound = line(f"{EXECUTIVE}:A {SCRIBE}:R", "Contain the spread", act="review")
    assert not found("R22", grid(bound))


def test_a_foreign_executive_is_known_by_a_well_known_name() -> None:
    def accountable(role: str) -> Grid:
        given = {role: line("x:A/R").letters["x"]}
        return Grid((Activity("fix", "Contain it", given),), (role,))

    assert only("R22", accountable("Executive Sponsor"))
    assert not found("R22", accountable("Chief Wizard"))


# --- R23, R25


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        (f"{DEPUTY}:A", "several roles are accountable (Incident commander, Deputy commander)"),
        (f"{COMMANDER}:-", "nobody is accountable"),
        (f"{SCRIBE}:-", "nobody is responsible"),
    ],
)
def test_a_variation_may_not_break_what_holds_in_the_base(written: str, trouble: str) -> None:
    varied = variation("severity", "sev1", BASE, written)
    matrix = Grid((BASE,), (COMMANDER, DEPUTY, SCRIBE), (varied,))
    finding = only("R23", matrix)
    assert (finding.level, finding.activity) == (Level.ERROR, BASE.name)
    assert finding.case == "severity sev1"
    assert finding.message.startswith(f"For severity sev1 {trouble}")


def test_a_variation_that_moves_the_a_is_sound() -> None:
    varied = variation("severity", "sev1", BASE, f"{COMMANDER}:I {DEPUTY}:A")
    assert not found("R23", grid(BASE, variations=(varied,)))


def test_two_variations_sound_apart_may_be_wrong_together() -> None:
    both = (
        variation("tier", "1", BASE, f"{COMMANDER}:- {DEPUTY}:A"),
        variation("severity", "sev1", BASE, f"{COMMANDER}:- {SCRIBE}:A/R"),
    )
    finding = only("R23", grid(BASE, variations=both))
    assert finding.case == "tier 1, severity sev1"
    assert "several roles are accountable" in finding.message


def test_what_one_variation_breaks_is_said_once_and_not_in_every_combination() -> None:
    both = (
        variation("tier", "1", BASE, f"{SCRIBE}:C"),
        variation("severity", "sev1", BASE, f"{COMMANDER}:-"),
    )
    cases = [each.case for each in found("R23", grid(BASE, variations=both))]
    assert cases == ["severity sev1", "tier 1"]


def test_what_the_base_gets_wrong_is_said_there() -> None:
    nobody = line(f"{SCRIBE}:R {DEPUTY}:I")
    varied = variation("severity", "sev1", nobody, f"{DEPUTY}:C")
    matrix = grid(nobody, variations=(varied,))
    assert found("R02", matrix)
    assert not found("R23", matrix)


@pytest.mark.parametrize(
    ("kind", "value", "known"),
    [
        ("severity", "sev9", {"severities": frozenset({"sev1"})}),
        ("scenario", "flood", {"scenarios": frozenset()}),
        ("tier", "5", {}),
    ],
)
def test_a_variation_for_what_there_is_not_is_an_error(
    kind: str, value: str, known: dict
) -> None:
    matrix = grid(BASE, variations=(variation(kind, value, BASE, f"{DEPUTY}:C"),))
    finding = only("R25", matrix, facts(**known))
    assert (finding.level, finding.case) == (Level.ERROR, f"{kind} {value}")


@pytest.mark.parametrize(
    ("kind", "value"), [("severity", "sev1"), ("scenario", "ransomware"), ("tier", "1")]
)
def test_a_variation_for_what_there_is_is_fine(kind: str, value: str) -> None:
    known = facts(severities=frozenset({"sev1"}), scenarios=frozenset({"ransomware"}))
    matrix = grid(BASE, variations=(variation(kind, value, BASE, f"{DEPUTY}:C"),))
    assert not found("R25", matrix, known)
    assert not found("R25", matrix)


# --- R24


def test_a_matrix_that_governs_all_that_must_be_is_whole() -> None:
    assert not found("R24", ALL_ACTS)


@pytest.mark.parametrize("act", MANDATORY)
def test_an_act_nobody_governs_is_an_error_once_the_matrix_governs_any(act: str) -> None:
    left = tuple(each for each in ALL_ACTS.activities if each.act != act)
    finding = only("R24", replace(ALL_ACTS, activities=left))
    assert finding.level is Level.ERROR
    assert ACTS[act].label in finding.message


def test_a_matrix_that_binds_no_act_is_judged_by_its_names_and_told_so() -> None:
    whole = grid(*(line("x:A/R", name, phase) for phase, name in SOUND_MATRIX))
    assert [each.level for each in found("R24", whole)] == [Level.INFORMATION]
    part = replace(whole, activities=whole.activities[1:])
    warning, information = found("R24", part)
    assert (warning.level, information.level) == (Level.WARNING, Level.INFORMATION)
    assert "Declare the incident" in warning.message


def test_a_name_may_speak_of_two_acts() -> None:
    one = grid(line(f"{SCRIBE}:A/R", "Review the action items"))
    missed = {each.message for each in found("R24", one)}
    for act in ("review", "actions"):
        assert not any(ACTS[act].label in message for message in missed)
    assert any(ACTS["contain"].label in message for message in missed)


def test_an_empty_matrix_is_not_asked_what_it_lacks() -> None:
    assert not found("R24", grid())


# --- R31, R34


def test_reporting_in_a_circle_is_an_error() -> None:
    matrix = grid(line(f"{COMMANDER}:A {DEPUTY}:R"))
    circle = reporting(facts(), **{COMMANDER: DEPUTY})
    assert [each.role for each in found("R31", matrix, circle)] == [DEPUTY, COMMANDER]
    assert {each.level for each in found("R31", matrix, circle)} == {Level.ERROR}
    assert not found("R31", matrix, facts())


def test_who_only_reports_into_a_circle_is_not_in_it() -> None:
    circle = reporting(facts(), **{COMMANDER: DEPUTY})
    assert not found("R31", grid(line(f"{SCRIBE}:A/R")), circle)


@pytest.mark.parametrize("name", ["Internal updates", "The commander decides", "First steps"])
def test_a_name_that_does_not_begin_with_a_verb_is_pointed_out(name: str) -> None:
    finding = only("R34", grid(line(f"{SCRIBE}:A/R", name)))
    assert finding.level is Level.INFORMATION
    assert f"“{name.split()[0]}” is not known as a verb" in finding.message


@pytest.mark.parametrize("name", ["Declare it", "hand over", "Roll back, or switch off"])
def test_a_name_that_begins_with_a_verb_is_fine(name: str) -> None:
    assert not found("R34", grid(line(f"{SCRIBE}:A/R", name)))
