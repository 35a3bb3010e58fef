"""What a story, a game day and a year must have: each rule beside the case it lets pass."""

from dataclasses import replace

import pytest

from incidents.rules.reasons import Reason
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DOMAIN_OWNER,
    PRIVACY,
    SCRIBE,
)
from training.rules.exercise_checks import ERROR, INFORMATION, WARNING, Known, of_story
from training.rules.game_day_checks import Day, of_day, of_year
from training.rules.stories import Happening, Inject, Objective, Story

GOAL = Objective(
    number=1, capability="Command", text="Lead", target="in 5 minutes", activities=("declare",)
)
FIRST = Inject(
    number=1, text="It fails.", minute=0, module=1, expected_action="Declare", objectives=(1,)
)
SOUND = Story(
    slug="s", title="S", objectives=(GOAL,), injects=(FIRST,), modules=("One", "Two"),
    duration_minutes=60,
)  # fmt: skip


def another(**fields) -> Story:
    """The sound story with a second inject."""
    second = replace(FIRST, number=2, minute=10, **fields)
    return replace(SOUND, injects=(FIRST, second))


def rules(story: Story, known: Known | None = None) -> list[str]:
    return [one.rule for one in of_story(story, known or Known())]


def test_nothing_stands_against_a_sound_story():
    assert rules(SOUND) == []
    assert rules(another(module=2, is_gate=True)) == []


@pytest.mark.parametrize(
    ("story", "rule", "level"),
    [
        (replace(SOUND, injects=()), "E00", ERROR),
        (replace(SOUND, objectives=(), injects=(replace(FIRST, objectives=()),)), "E00", ERROR),
        (another(objectives=()), "E01", ERROR),
        (replace(SOUND, objectives=(GOAL, replace(GOAL, number=2))), "E02", ERROR),
        (another(expected_action=""), "E03", ERROR),
        (replace(another(module=1), injects=(replace(FIRST, module=2), replace(FIRST, number=2, minute=5))), "E04", WARNING),
        (replace(SOUND, duration_minutes=5, injects=(FIRST, replace(FIRST, number=2, minute=6))), "E04", WARNING),
        (replace(SOUND, injects=(replace(FIRST, minute=3),)), "E04", INFORMATION),
        (replace(SOUND, objectives=(replace(GOAL, target=""),)), "E09", WARNING),
        (replace(SOUND, objectives=(replace(GOAL, activities=()),)), "E09", WARNING),
        (replace(SOUND, chronicle=(Happening(at="", kind="", fact="F"),)), "E11", INFORMATION),
    ],
)  # fmt: skip
def test_what_is_missing_is_found_at_its_weight(story, rule, level):
    assert (rule, level) in [(one.rule, one.level) for one in of_story(story, Known())]


def test_players_decide_one_thing_at_a_time():
    gate = replace(FIRST, is_gate=True)
    assert rules(replace(SOUND, injects=(gate, replace(gate, number=2)))) == ["E05"]
    assert rules(replace(SOUND, injects=(gate, replace(gate, number=2, minute=1)))) == []


def test_a_contingency_stands_outside_the_order():
    assert rules(another(trigger="Nobody has spoken", module=1)) == []
    late = replace(FIRST, number=2, minute=500, trigger="Nobody has spoken")
    assert rules(replace(SOUND, injects=(FIRST, late))) == []


def test_facts_are_judged_as_they_add_up_in_the_order_of_the_story():
    asked = []

    def judge(facts):
        asked.append(dict(facts))
        return (Reason("bad", "This cannot be.", "facts"),) if "c" in facts else ()

    story = replace(
        SOUND,
        facts={"a": 1},
        injects=(
            FIRST,
            replace(FIRST, number=2, minute=9, facts={"b": 2}),
            replace(FIRST, number=3, minute=4, facts={"a": 3}),
            replace(FIRST, number=4, trigger="If", facts={"c": 4}),
        ),
    )
    (found,) = of_story(story, Known(judge=judge))
    assert asked == [{"a": 1}, {"a": 3}, {"a": 3, "b": 2}, {"a": 3, "b": 2, "c": 4}]
    assert (found.rule, found.inject) == ("E07", 4)
    assert "inject 4: This cannot be." in found.message


def test_activities_are_those_of_the_matrix_in_force():
    known = Known(activities={"declare", "draft_the_word"})
    assert rules(SOUND, known) == []
    unbound = replace(SOUND, objectives=(replace(GOAL, activities=("escalate", "unheard_of")),))
    assert [(one.rule, one.level) for one in of_story(unbound, known)] == [
        ("E08", ERROR), ("E08", WARNING),
    ]  # fmt: skip
    assert rules(unbound) == []  # no matrix in force: nothing to compare with


def test_no_inject_goes_to_a_role_that_is_retired():
    retired = {SCRIBE: "Scribe"}
    assert rules(another(to=SCRIBE), Known(retired_roles=retired)) == ["E10"]
    assert rules(another(to=COMMANDER), Known(retired_roles=retired)) == []


# --- the day


DAY = Day(
    title="Q1", year=2027, parts=((COMMANDER, "ana"), (COMMUNICATIONS, "bo")),
    duties=(("facilitator", "fay"), ("evaluator", "eve")), has_report_owner=True,
    has_report_date=True, names={"ana": "Ana A."},
)  # fmt: skip


def of(day: Day, story: Story = SOUND, **around) -> list[tuple[str, str]]:
    return [(one.rule, one.level) for one in of_day(story, day, **around)]


def test_nothing_stands_against_a_day_that_is_cast_and_staffed():
    assert of(DAY) == []


@pytest.mark.parametrize(
    ("changed", "rule", "level"),
    [
        ({"duties": (("facilitator", "fay"),)}, "E20", ERROR),
        ({"duties": (*DAY.duties, ("evaluator", "ana"))}, "E21", ERROR),
        ({"shadows": ((COMMANDER, "eve"),)}, "E21", ERROR),
        ({"duties": (("evaluator", "eve"),)}, "E22", WARNING),
        ({"parts": ((COMMUNICATIONS, "bo"),)}, "E23", ERROR),
        ({"has_report_owner": False}, "E25", INFORMATION),
        ({"has_report_date": False, "status": "completed"}, "E25", ERROR),
        ({"declined": frozenset({"bo"})}, "E27", ERROR),
    ],
)
def test_what_a_day_lacks_is_found_at_its_weight(changed, rule, level):
    assert of(replace(DAY, **changed)) == [(rule, level)]


def test_who_declined_does_not_matter_any_more_once_it_runs():
    assert of(replace(DAY, declined=frozenset({"bo"}), status="running")) == []


def test_who_led_most_real_incidents_does_not_command():
    (found,) = of_day(SOUND, DAY, busiest="ana")
    assert (found.rule, found.level) == ("E23", ERROR)
    assert found.message.startswith("Ana A. led most real incidents")
    assert of(DAY, busiest="bo") == []


def test_nobody_commands_two_exercises_running():
    assert of(DAY, neighbours=[replace(DAY, title="Q2")]) == [("E24", ERROR)]
    assert of(DAY, neighbours=[replace(DAY, parts=((COMMANDER, "zoe"),))]) == []


def test_an_inject_for_a_role_nobody_plays_is_heard_by_all_and_said_so():
    assert of(DAY, another(to=SCRIBE)) == [("E26", WARNING)]
    assert of(DAY, another(to=COMMANDER)) == []


# --- the year


def test_a_year_has_legal_communications_and_an_owner_in_it():
    whole = ((COMMUNICATIONS, "bo"), (PRIVACY, "uma"), (DOMAIN_OWNER, "nils"))
    assert of_year(2027, [replace(DAY, parts=whole)]) == ()
    apart = [replace(DAY, parts=(part,)) for part in (*whole[:1], (COUNSEL, "uma"), whole[2])]
    assert of_year(2027, apart) == ()
    assert [one.rule for one in of_year(2027, [DAY])] == ["E31", "E33"]


def test_a_year_without_an_exercise_is_found_and_one_called_off_does_not_count():
    assert [one.rule for one in of_year(2027, [])] == ["E30"]
    assert [one.rule for one in of_year(2027, [replace(DAY, status="cancelled")])] == ["E30"]
    assert [one.rule for one in of_year(2028, [DAY])] == ["E30"]
