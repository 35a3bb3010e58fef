"""The checks that turn roles into people: each finds what it looks for and nothing beside it."""

from datetime import UTC, date, datetime

import pytest

from incidents.rules.matrix_checks import CHECKS, Level, Needs, check
from incidents.rules.matrix_facts import InForce, loads
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    DOMAIN_OWNER,
    RESPONDER,
    SCRIBE,
)
from tests.incidents.checking import facts, found, grid, holder, line, only, variation

PUBLISH = line(f"{COMMANDER}:A {COMMUNICATIONS}:R", "Publish it", act="publish_externally")
IN_FORCE = InForce(days_since_looked_at=10)
LATER = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)


# --- R05


def test_one_person_who_alone_prepares_and_approves_is_an_error() -> None:
    known = facts({COMMANDER: "ada", COMMUNICATIONS: "ada"})
    finding = only("R05", grid(PUBLISH), known)
    assert (finding.level, finding.role, finding.activity) == (
        Level.ERROR,
        COMMANDER,
        "Publish it",
    )
    assert finding.message.startswith("Ada alone could both prepare and approve")


@pytest.mark.parametrize(
    ("approving", "preparing"), [("ada ben", "ada"), ("ada", "ada ben"), ("ada", "ben")]
)
def test_a_second_person_on_either_side_is_enough(approving: str, preparing: str) -> None:
    assert not found(
        "R05", grid(PUBLISH), facts({COMMANDER: approving, COMMUNICATIONS: preparing})
    )


def test_a_role_that_does_both_needs_a_second_holder() -> None:
    both = line(f"{COMMANDER}:A/R", "Close it", act="stand_down")
    assert only("R05", grid(both), facts({COMMANDER: "ada"})).role == COMMANDER
    assert not found("R05", grid(both), facts({COMMANDER: "ada ben"}))


def test_what_needs_no_approval_may_be_one_persons() -> None:
    free = line(f"{COMMANDER}:A {COMMUNICATIONS}:R", "Publish it", act="contain")
    assert not found("R05", grid(free), facts({COMMANDER: "ada", COMMUNICATIONS: "ada"}))


def test_a_variation_may_bring_both_to_one_person_and_is_named() -> None:
    varied = variation(
        "severity", "sev1", PUBLISH, f"{COMMANDER}:A {COMMUNICATIONS}:- {SCRIBE}:R"
    )
    known = facts({COMMANDER: "ada", COMMUNICATIONS: "ben", SCRIBE: "ada"})
    finding = only("R05", grid(PUBLISH, variations=(varied,)), known)
    assert finding.case == "severity sev1"
    assert finding.message.startswith("For severity sev1 Ada alone")


# --- R16, R17, R19


def test_a_role_at_work_that_nobody_can_hold_is_an_error() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R {SCRIBE}:I"))
    finding = only("R16", matrix, facts({SCRIBE: "ada"}))
    assert (finding.level, finding.role) == (Level.ERROR, COMMANDER)
    assert "Nobody can be Incident commander" in finding.message


def test_a_role_at_work_wants_a_deputy() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R"))
    finding = only("R16", matrix, facts({COMMANDER: "ada"}))
    assert "Only Ada can be Incident commander, and 2 people should" in finding.message
    assert not found("R16", matrix, facts({COMMANDER: "ada ben"}))
    assert not found("R16", matrix, facts({COMMANDER: "ada"}), holders=1)


def test_who_left_or_lapsed_holds_no_role() -> None:
    gone = (holder("ada", is_active=False), holder("ben", lapsed_on=date(2026, 11, 1)))
    matrix = grid(line(f"{COMMANDER}:A/R"))
    assert "Nobody" in only("R16", matrix, facts({COMMANDER: gone})).message


def test_before_any_qualification_is_recorded_people_are_one_information() -> None:
    finding = only("R16", grid(line(f"{COMMANDER}:A {SCRIBE}:R")), facts())
    assert (finding.level, finding.role) == (Level.INFORMATION, "")
    assert not found("R16", grid(line(f"{COMMANDER}:A {SCRIBE}:R")))


def test_a_role_that_works_only_in_a_variation_is_asked_for_too() -> None:
    base = line(f"{COMMANDER}:A/R")
    varied = variation("tier", "1", base, f"{DEPUTY}:R")
    known = facts({COMMANDER: "ada ben"})
    assert only("R16", grid(base, variations=(varied,)), known).role == DEPUTY


@pytest.mark.parametrize("working", [DOMAIN_OWNER, RESPONDER, COMMUNICATIONS])
def test_one_person_may_not_be_both_command_and_hands_or_voice(working: str) -> None:
    matrix = grid(line(f"{COMMANDER}:A {working}:R"))
    finding = only("R17", matrix, facts({COMMANDER: "ada", working: "ada"}))
    assert (finding.level, finding.role) == (Level.ERROR, working)
    assert not found("R17", matrix, facts({COMMANDER: "ada ben", working: "ada"}))
    assert not found("R17", matrix, facts({COMMANDER: "ada", working: "ben"}))


def test_a_scribe_who_alone_could_command_is_no_such_error() -> None:
    matrix = grid(line(f"{COMMANDER}:A {SCRIBE}:R"))
    assert not found("R17", matrix, facts({COMMANDER: "ada", SCRIBE: "ada"}))


def test_one_person_in_two_roles_of_a_phase_has_one_reporting_line() -> None:
    matrix = grid(line(f"{RESPONDER}:R {SCRIBE}:A"))
    finding = only("R19", matrix, facts({RESPONDER: "ada", SCRIBE: "ada"}))
    assert (finding.level, finding.phase) == (Level.WARNING, "mitigation")
    assert "Ada alone can be Responder, Scribe" in finding.message
    assert not found("R19", matrix, facts({RESPONDER: "ada ben", SCRIBE: "ada"}))
    same_line = grid(line(f"{DEPUTY}:R {SCRIBE}:A"))
    assert not found("R19", same_line, facts({DEPUTY: "ada", SCRIBE: "ada"}))


def test_two_roles_in_two_phases_are_no_two_reporting_lines() -> None:
    apart = grid(line(f"{RESPONDER}:A/R"), line(f"{SCRIBE}:A/R", phase="review"))
    assert not found("R19", apart, facts({RESPONDER: "ada", SCRIBE: "ada"}))


# --- R29 to R32


def test_who_answers_or_acts_is_reached_two_ways() -> None:
    mute = (holder("ada", has_phone=False), holder("ben", has_email=False))
    matrix = grid(line(f"{COMMANDER}:A/R {SCRIBE}:I"))
    finding = only("R29", matrix, facts({COMMANDER: mute, SCRIBE: mute}))
    assert (finding.level, finding.role) == (Level.WARNING, COMMANDER)
    assert "an e-mail address of Ben; a phone number of Ada" in finding.message
    assert not found("R29", matrix, facts({COMMANDER: "ada ben", SCRIBE: mute}))


def test_of_many_who_lack_something_five_are_named() -> None:
    mute = tuple(holder(f"p{n}", has_phone=False) for n in range(8))
    message = only("R29", grid(line(f"{COMMANDER}:A/R")), facts({COMMANDER: mute})).message
    assert "P0, P1, P2, P3, P4 and 3 more" in message


def test_everybody_away_is_an_error_of_the_law_in_force_only() -> None:
    away = (holder("ada", away_until=LATER), holder("ben", away_until=LATER))
    matrix = grid(line(f"{COMMANDER}:A/R"))
    finding = only("R30", matrix, facts({COMMANDER: away}, force=IN_FORCE))
    assert (finding.level, finding.role) == (Level.ERROR, COMMANDER)
    assert "until 1 Dec 08:30 UTC" in finding.message
    assert not found("R30", matrix, facts({COMMANDER: away}))
    here = (*away, holder("cleo"))
    assert not found("R30", matrix, facts({COMMANDER: here}, force=IN_FORCE))


def test_who_no_longer_counts_is_named_once_a_role() -> None:
    pool = (
        holder("ada"),
        holder("ben", is_active=False),
        holder("cleo", lapsed_on=date(2026, 11, 1)),
    )
    matrix = grid(line(f"{COMMANDER}:A/R"))
    finding = only("R30", matrix, facts({COMMANDER: pool}))
    assert finding.level is Level.INFORMATION
    assert "No longer counted as Incident commander: Ben, Cleo." in finding.message
    assert not found("R30", matrix, facts({COMMANDER: "ada ben"}))


def test_who_alone_answers_is_not_also_whom_it_escalates_to() -> None:
    matrix = grid(line(f"{COMMUNICATIONS}:A/R"))
    finding = only("R31", matrix, facts({COMMUNICATIONS: "ada", COMMANDER: "ada"}))
    assert (finding.level, finding.role) == (Level.WARNING, COMMUNICATIONS)
    assert not found("R31", matrix, facts({COMMUNICATIONS: "ada", COMMANDER: "ada ben"}))
    only_hands = grid(line(f"{COMMUNICATIONS}:R {COUNSEL}:A"))
    assert not found("R31", only_hands, facts({COMMUNICATIONS: "ada", COMMANDER: "ada"}))


def test_who_carries_far_more_than_others_is_named() -> None:
    rows = [line(f"{COMMANDER}:A {RESPONDER}:R", f"Step {n}") for n in range(6)]
    uneven = facts({COMMANDER: "ada", RESPONDER: "ben cleo dan"})
    finding = only("R32", grid(*rows), uneven)
    assert finding.level is Level.WARNING
    assert "which is 2.0 letters, falls on Ada (6.0):" in finding.message
    assert not found("R32", grid(*rows), uneven, load_factor=3.0)
    assert not found(
        "R32", grid(*rows), facts({COMMANDER: "ada eve fay", RESPONDER: "ben cleo dan"})
    )


def test_the_load_of_three_people_is_not_compared() -> None:
    rows = [line(f"{COMMANDER}:A {RESPONDER}:R", f"Step {n}") for n in range(6)]
    assert not found("R32", grid(*rows), facts({COMMANDER: "ada", RESPONDER: "ben cleo"}))


def test_a_letter_is_shared_by_all_who_can_hold_its_role() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R"), line(f"{COMMANDER}:A {SCRIBE}:R", "Note"))
    load = loads(matrix, facts({COMMANDER: "ada ben", SCRIBE: "ada"}))
    assert load == {"ada": 2.5, "ben": 1.5}


# --- R26, R27: the law in force


def test_an_emergency_in_force_without_approval_is_an_error() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R"))
    owed = InForce(0, is_unapproved=True, owed_until=LATER)
    finding = only("R26", matrix, facts(force=owed))
    assert finding.level is Level.ERROR
    assert "approval is missing, owed until 1 Dec 2026 08:30 UTC" in finding.message
    late = InForce(0, is_unapproved=True, owed_until=LATER, is_overdue=True)
    assert "and overdue" in only("R26", matrix, facts(force=late)).message
    assert not found("R26", matrix, facts(force=IN_FORCE))
    assert not found("R26", matrix, facts())


def test_a_law_nobody_looked_at_for_long_is_a_warning() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R"))
    finding = only("R27", matrix, facts(force=InForce(181)))
    assert finding.level is Level.WARNING
    assert "for 181 days, more than 180" in finding.message
    assert not found("R27", matrix, facts(force=InForce(180)))
    assert not found("R27", matrix, facts(force=InForce(181)), review_days=365)


def test_a_law_whose_teams_or_roles_changed_is_a_warning() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R"))
    changed = InForce(10, changed_since=("team Payments", "role Scribe"))
    assert (
        "team Payments, role Scribe changed"
        in only("R27", matrix, facts(force=changed)).message
    )
    assert not found("R27", matrix, facts(force=IN_FORCE))


def test_without_a_register_nothing_is_asked_that_needs_people() -> None:
    matrix = grid(line(f"{COMMANDER}:A/R"))
    needing = {each.rule for each in CHECKS if "register" in each.needs}
    asked = {each.rule for each in check(matrix, facts=facts()) if each.level is Level.ERROR}
    assert needing >= {"R05", "R16", "R17", "R19", "R29", "R30", "R31", "R32"}
    assert not needing & asked


def test_without_facts_nothing_is_asked_that_needs_them() -> None:
    alone = {each.rule for each in CHECKS if each.needs is Needs.GRID}
    assert {each.rule for each in check(grid(line(f"{COMMANDER}:R")))} <= alone
