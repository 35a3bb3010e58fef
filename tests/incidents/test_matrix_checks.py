"""Each check finds what it looks for, and leaves its sound counterpart alone."""

import csv
import os
from pathlib import Path

import pytest

from incidents.rules.matrix_checks import CHECKS, Finding, Level, Thresholds, check
from incidents.rules.matrix_sheet import read
from incidents.rules.raci import Activity, Grid, Letter

REAL = Path(os.environ.get("SHARED_DATA", "../shared/data")) / "raci"


def row(letters: str, name: str = "Restart the service", phase: str = "mitigation") -> Activity:
    """An activity from letters in column order, `-` for a blank: `row("A/R I -")`."""
    given = {
        f"role{index}": Letter.parse(letter)
        for index, letter in enumerate(letters.split(), start=1)
        if letter != "-"
    }
    return Activity(phase, name, given)


def grid(*activities: Activity) -> Grid:
    roles = dict.fromkeys(role for activity in activities for role in activity.letters)
    return Grid(activities, tuple(sorted(roles)))


def rules(*activities: Activity, **thresholds: int) -> list[str]:
    """Which rules find something; R24 apart, which every matrix of a few lines fails."""
    found = check(grid(*activities), Thresholds(**thresholds))
    return [finding.rule for finding in found if finding.rule != "R24"]


def only(rule: str, *activities: Activity) -> Finding:
    found = [finding for finding in check(grid(*activities)) if finding.rule == rule]
    assert len(found) == 1
    return found[0]


def test_a_sound_matrix_gives_no_finding() -> None:
    assert rules(row("A R C"), row("R I A/R", "Restart the database")) == []
    assert check(Grid((), ())) == []


def test_two_accountable_roles_are_one_error_that_names_them() -> None:
    finding = only("R01", row("A A/R I"))
    assert finding.level is Level.ERROR
    assert (finding.phase, finding.activity) == ("mitigation", "Restart the service")
    assert "role1, role2" in finding.message
    assert "R02" not in rules(row("A A/R I"))


def test_an_activity_without_an_accountable_role_is_an_error() -> None:
    assert only("R02", row("R I")).level is Level.ERROR
    assert rules(row("R I")).count("R01") == 0
    assert "R02" not in rules(row("A/R I"))


def test_an_activity_without_a_responsible_role_is_an_error() -> None:
    assert only("R03", row("A I")).level is Level.ERROR
    assert "R03" not in rules(row("A/R I"))
    assert "R03" not in rules(row("A R I"))


def test_an_activity_without_any_letter_lacks_both() -> None:
    assert rules(row("- -")) == ["R02", "R03"]


@pytest.mark.parametrize(
    "name",
    [
        "Approve the statement",
        "Sign off the text",
        "Publish",
        "Close the incident",
        "Notify DPA",
    ],
)
def test_a_role_that_approves_its_own_work_is_pointed_out(name: str) -> None:
    finding = only("R04", row("A/R I", name))
    assert (finding.level, finding.role) == (Level.INFORMATION, "role1")


def test_a_second_pair_of_eyes_satisfies_an_approval() -> None:
    assert "R04" not in rules(row("A R", "Approve the statement"))
    assert "R04" not in rules(row("A/R R", "Approve the statement"))


def test_doing_ordinary_work_alone_needs_no_second_pair_of_eyes() -> None:
    assert "R04" not in rules(row("A/R I", "Restart the closet server"))


@pytest.mark.parametrize(
    ("rule", "within", "beyond"),
    [
        ("R06", "A R R R I", "A R R R R I"),
        ("R07", "A/R C C C C", "A/R C C C C C"),
        ("R08", "A/R I I I I I", "A/R I I I I I I"),
    ],
)
def test_a_count_warns_only_beyond_its_threshold(rule: str, within: str, beyond: str) -> None:
    assert rule not in rules(row(within))
    assert only(rule, row(beyond)).level is Level.WARNING


def test_a_company_may_set_its_own_thresholds() -> None:
    assert "R06" in rules(row("A R R I"), responsible=1)
    assert "R06" not in rules(row("A R R R R I"), responsible=4)


def test_several_roles_at_work_who_tell_nobody_are_a_warning() -> None:
    assert only("R09", row("A R")).level is Level.WARNING
    assert "R09" not in rules(row("A R I"))
    assert "R09" not in rules(row("A/R"))


@pytest.mark.parametrize(
    ("phase", "name"),
    [
        ("declare", "Open the call"),
        ("detection", "Page the commander"),
        ("contain", "Isolate the segment"),
        ("communicate", "Draft the statement"),
        ("mitigation", "Contain the spread"),
        ("triage", "Declare a major incident"),
        ("triage", "Send the first public update"),
    ],
)
def test_nobody_is_asked_first_where_time_is_short(phase: str, name: str) -> None:
    finding = only("R10", row("A/R C", name, phase))
    assert (finding.level, finding.role) == (Level.WARNING, "role2")
    assert "R10" not in rules(row("A/R I", name, phase))


def test_a_consultation_that_cannot_hold_up_the_act_is_fine() -> None:
    assert "R10" not in rules(row("A/R C", "Contain, proceed after 5 minutes"))


@pytest.mark.parametrize("name", ["Write the report", "Restart the containers"])
def test_work_without_a_time_target_may_consult(name: str) -> None:
    assert "R10" not in rules(row("A/R C", name))


def test_one_role_accountable_for_nearly_everything_is_a_warning() -> None:
    most = [row("A R I", f"Step {n}") for n in range(4)]
    finding = only("R11", *most)
    assert (finding.level, finding.role, finding.activity) == (Level.WARNING, "role1", "")
    assert "R11" not in rules(*most[:3], row("R A I", "Step 4"))


def test_one_role_responsible_for_nearly_everything_is_a_warning() -> None:
    most = [row("A R I", f"Step {n}") for n in range(4)]
    assert only("R12", *most).role == "role2"
    assert "R12" not in rules(*most[:3], row("R A I", "Step 4"))


def test_a_role_in_every_activity_is_a_warning_until_it_is_left_out_once() -> None:
    rows = [row("A/R - I", f"Step {n}") for n in range(2)] + [row("- A/R I", "x"), row("A R I")]
    assert [f.role for f in check(grid(*rows)) if f.rule == "R13"] == ["role3"]
    assert "R13" not in rules(*rows[:3], row("A R -"))


def test_columns_of_a_very_small_matrix_are_not_judged() -> None:
    small = [row("A/R I", f"Step {n}") for n in range(3)]
    assert not {"R11", "R12", "R13"} & set(rules(*small))


def test_a_role_that_never_works_is_pointed_out() -> None:
    finding = only("R14", row("A/R C I -", "One"), row("A/R R C -", "Two"))
    assert (finding.level, finding.role) == (Level.INFORMATION, "role3")


@pytest.mark.parametrize("phase", ["mitigation", "review"])
def test_a_name_used_twice_is_pointed_out_at_its_second_place(phase: str) -> None:
    finding = only("R34", row("A/R"), row("A/R", "restart the  service!", phase))
    assert (finding.level, finding.phase) == (Level.INFORMATION, phase)
    assert "R34" not in rules(row("A/R"), row("A/R", "Restart the database", phase))


def test_findings_come_in_the_order_of_the_rules_then_of_the_matrix() -> None:
    found = check(grid(row("R", "One"), row("A", "Two"), row("I", "Three")))
    errors = [(f.rule, f.activity) for f in found if f.level is Level.ERROR]
    assert errors == [("R02", "One"), ("R02", "Three"), ("R03", "Two"), ("R03", "Three")]


def test_every_check_says_in_its_first_words_which_rule_it_is_and_how_much_it_weighs() -> None:
    for each in CHECKS:
        assert (each.look.__doc__ or "").startswith(f"{each.rule}, {each.level}:")


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real matrices in {REAL}")
@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("counteractive_template", []),
        ("gitlab_com", []),
        ("login_gov", []),
        ("pagerduty_major_incident", []),
        ("public_sector_ics_lite", [("R02", "Preserve logs and images")]),
        ("uk_gds_paas", []),
    ],
)
def test_real_matrices_have_no_errors_but_the_known_one(
    name: str, errors: list[tuple[str, str]]
) -> None:
    with (REAL / f"{name}_wide.csv").open(encoding="utf-8", newline="") as file:
        sheet = read(list(csv.reader(file)))
    found = [(f.rule, f.activity) for f in check(sheet.grid) if f.level is Level.ERROR]
    assert found == errors
