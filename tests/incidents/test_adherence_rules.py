"""What was done of a matrix, by whom, in time; what was not, and what nobody explained."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.rules.acts import ACTS
from incidents.rules.adherence import (
    ON_OCCASION,
    Adherence,
    Course,
    Line,
    Omitted,
    Performed,
    Standing,
    Who,
    measure,
)
from incidents.rules.raci import Activity, Letter
from incidents.rules.routing import (
    Asked,
    Departure,
    departures,
    due_at,
    minutes,
    role_taken,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA = Who("ada", "Ada")
A, R, C, I = Letter.A, Letter.R, Letter.C, Letter.I  # noqa: E741


def activity(name: str = "Contain", phase: str = "triage", **fields) -> Activity:
    letters = fields.pop("letters", {"incident_commander": A, "responder": R})
    return Activity(phase, name, letters, **fields)


def done(of: Activity, minute: int = 1, **fields) -> Performed:
    return Performed(of.place, ADA, "incident_commander", NOW + minute * MINUTE, **fields)


def measured(*activities: Activity, performed=(), omitted=(), at=60, **course) -> Adherence:
    course = {"declared_at": NOW, "phase": "triage"} | course
    return measure(activities, performed, omitted, Course(**course), at=NOW + at * MINUTE)


def standing(of: Activity, **fields) -> Standing | None:
    lines = measured(of, **fields).lines
    return lines[0].standing if lines else None


LATE = Departure("late", "5 min later than the 10 min agreed.")


# --- in which role somebody acts


@pytest.mark.parametrize(
    ("held", "stands_in", "role"),
    [
        ({"responder", "incident_commander"}, set(), "incident_commander"),
        ({"responder"}, set(), "responder"),
        ({"responder"}, {"incident_commander"}, "responder"),
        ({"legal_counsel"}, {"incident_commander"}, "incident_commander"),
        ({"legal_counsel", "executive"}, set(), "legal_counsel"),
        ({"scribe"}, set(), ""),
        (set(), {"scribe"}, ""),
    ],
)
def test_who_answers_comes_before_who_does_and_what_is_held_before_what_is_stood_in_for(
    held, stands_in, role
) -> None:
    letters = {"executive": I, "legal_counsel": C, "responder": R, "incident_commander": A}
    assert role_taken(activity(letters=letters), held, stands_in) == role


# --- departures of one act


def departed(of: Activity, **fields) -> list[str]:
    given = {
        "role": "incident_commander", "is_anybodys": False, "asked": Asked.NOBODY,
        "due_at": None, "done_at": NOW,
    } | fields  # fmt: skip
    return [each.code for each in departures(of, **given)]


def test_an_act_as_the_matrix_says_departs_in_nothing() -> None:
    assert departed(activity()) == []
    assert departed(activity(), asked=Asked.IN_TIME, role="responder") == []


@pytest.mark.parametrize("role", ["", "legal_counsel"])
def test_who_is_neither_accountable_nor_responsible_departs(role) -> None:
    of = activity(letters={"incident_commander": A, "legal_counsel": C})
    assert departed(of, role=role) == ["not_accountable_or_responsible"]
    assert departed(of, role=role, is_anybodys=True) == []


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        (Asked.NOBODY, []),
        (Asked.IN_TIME, []),
        (Asked.NOT_ASKED, ["not_consulted"]),
        (Asked.NOT_WAITED_FOR, ["not_waited_for"]),
    ],
)
def test_whom_it_consults_is_asked_and_waited_for(asked, codes) -> None:
    assert departed(activity(), asked=asked) == codes


@pytest.mark.parametrize(("seconds", "codes"), [(-1, []), (0, []), (1, ["late"])])
def test_what_is_done_after_its_target_is_late(seconds, codes) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert departed(activity(within=10), due_at=NOW, done_at=at) == codes


def test_several_departures_are_all_named() -> None:
    found = departures(
        activity(within=10, letters={"incident_commander": A, "executive": C}),
        role="", is_anybodys=False, asked=Asked.NOT_ASKED,
        due_at=NOW, done_at=NOW + 90 * timedelta(seconds=1),
    )  # fmt: skip
    assert [each.message for each in found] == [
        "Without a part in it: it is for Incident commander.",
        "Nobody asked Executive before it.",
        "2 min later than the 10 min agreed.",
    ]


def test_a_target_counts_from_the_declaration() -> None:
    assert due_at(activity(within=15), NOW) == NOW + 15 * MINUTE
    assert due_at(activity(), NOW) is None


@pytest.mark.parametrize(
    ("seconds", "whole"), [(0, 0), (1, 1), (60, 1), (61, 2), (-1, -1), (-61, -2)]
)
def test_minutes_are_whole_and_never_nought_by_rounding(seconds, whole) -> None:
    assert minutes(timedelta(seconds=seconds)) == whole


# --- where each line stands


def test_what_was_done_is_done_by_whom_in_which_role() -> None:
    of = activity()
    (line,) = measured(of, performed=[done(of)]).lines
    assert line.standing is Standing.DONE
    assert (line.performed[0].by.username, line.performed[0].role) == (
        "ada",
        "incident_commander",
    )
    assert (line.departures, line.is_unexplained) == ((), False)


def test_what_nobody_did_is_owed_once_its_phase_is_left() -> None:
    of = activity(phase="triage")
    assert standing(of, phase="triage") is Standing.NOT_DUE
    assert standing(of, phase="mitigation") is Standing.NOT_DONE


@pytest.mark.parametrize(("at", "expected"), [(10, Standing.NOT_DUE), (11, Standing.NOT_DONE)])
def test_what_nobody_did_is_owed_once_its_target_has_passed(at, expected) -> None:
    assert standing(activity(within=10), at=at) is expected


def test_phases_ahead_and_what_is_done_in_calm_are_left_out() -> None:
    assert standing(activity(phase="resolution"), phase="triage") is None
    assert standing(activity(phase="preparation"), phase="review") is None


def test_a_phase_ahead_is_shown_where_something_of_it_was_done() -> None:
    of = activity(phase="resolution")
    assert standing(of, performed=[done(of)]) is Standing.DONE


def test_a_phase_that_was_skipped_was_gone_through() -> None:
    assert standing(activity(phase="mitigation"), phase="resolution") is Standing.NOT_DONE


def test_of_a_review_everything_is_owed_when_the_review_is() -> None:
    of = activity(phase="review")
    due = NOW + 30 * MINUTE
    assert standing(of, phase="review", at=29, review_due_at=due) is Standing.NOT_DUE
    assert standing(of, phase="review", at=31, review_due_at=due) is Standing.NOT_DONE
    assert standing(of, phase="review", at=31) is Standing.NOT_DUE


@pytest.mark.parametrize("act", sorted(ON_OCCASION))
def test_what_is_done_on_occasion_is_owed_only_where_there_was_one(act) -> None:
    of = activity(act=act)
    assert standing(of, phase="review") is Standing.NO_OCCASION
    assert standing(of, phase="review", called_for={act}) is Standing.NOT_DONE


def test_the_acts_on_occasion_are_acts() -> None:
    assert set(ACTS) >= ON_OCCASION


def test_what_was_no_incident_owes_nothing() -> None:
    of = activity(phase="detection", within=1)
    assert standing(of, phase="triage", is_cancelled=True) is Standing.NOT_DUE


# --- explained or not


def test_what_was_not_done_is_explained_by_whoever_says_why() -> None:
    of = activity()
    open_one = measured(of, phase="review").lines[0]
    said = Omitted(of.place, "Nothing to contain", ADA, NOW)
    explained = measured(of, phase="review", omitted=[said]).lines[0]
    assert open_one.is_unexplained
    assert not explained.is_unexplained
    assert [each.code for each in explained.departures] == ["not_done"]


def test_what_will_not_be_done_is_not_done_before_its_time() -> None:
    of = activity()
    said = Omitted(of.place, "Nothing to contain", ADA, NOW)
    assert standing(of, omitted=[said]) is Standing.NOT_DONE


def test_what_was_done_after_all_counts_as_done() -> None:
    of = activity()
    said = Omitted(of.place, "Too early", ADA, NOW)
    (line,) = measured(of, performed=[done(of)], omitted=[said]).lines
    assert (line.standing, line.is_unexplained) == (Standing.DONE, False)


def test_one_unexplained_time_of_several_is_enough() -> None:
    of = activity()
    first = done(of, 1, departures=(LATE,), reason="Alone", reason_by=ADA)
    second = done(of, 2, departures=(LATE,))
    assert not measured(of, performed=[first]).lines[0].is_unexplained
    assert measured(of, performed=[second, first]).lines[0].is_unexplained


def test_the_first_time_decides_whether_it_was_in_time() -> None:
    of = activity(within=10)
    line = measured(of, performed=[done(of, 20), done(of, 4)]).lines[0]
    assert (line.minutes, line.is_in_time) == (6, True)
    late = measured(of, performed=[done(of, 20)]).lines[0]
    assert (late.minutes, late.is_in_time) == (-10, False)


def test_without_a_target_nothing_is_early_or_late() -> None:
    of = activity()
    line = measured(of, performed=[done(of)]).lines[0]
    assert (line.minutes, line.is_in_time) == (None, False)


# --- sums


def test_the_sums_count_what_is_owed_and_nothing_else() -> None:
    kept, late, left, explained = (
        activity(name, "detection", within=10) for name in ("a", "b", "c", "d")
    )
    ahead = activity("e", "triage")
    never = activity("f", "detection", act="hand_over")
    sums = measured(
        kept, late, left, explained, ahead, never,
        performed=[done(kept), done(late, 15, departures=(LATE,))],
        omitted=[Omitted(explained.place, "No need", ADA, NOW)],
    )  # fmt: skip
    assert len(sums.lines) == 6
    assert (len(sums.owed), sums.done) == (4, 2)
    assert (sums.timed, sums.in_time) == (4, 1)
    assert (sums.departed, sums.explained) == (3, 1)
    assert [each.activity.name for each in sums.unexplained] == ["b", "c"]
    assert sums.share == 0.25


def test_where_nothing_is_owed_there_is_no_share() -> None:
    assert measured(activity()).share is None
    assert measured().share is None


def test_lines_keep_the_order_of_the_matrix() -> None:
    names = [each.activity.name for each in measured(activity("b"), activity("a")).lines]
    assert names == ["b", "a"]
    assert isinstance(measured(activity()).lines[0], Line)
