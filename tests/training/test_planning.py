"""The planner: no plan breaks a hard rule, and none is better than what is called the optimum."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis
from ortools.sat.python import cp_model

from bench.planning_problem import company
from incidents.rules.reasons import Invalid
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, SCRIBE
from tests.training.planning_strategies import problems
from training.rules.planning import (
    Candidate,
    Pin,
    Planned,
    Problem,
    Seat,
    Seated,
    Slot,
    Story,
    Weights,
)
from training.rules.planning_json import (
    answer_as_json,
    answer_from_json,
    problem_as_json,
    problem_from_json,
)
from training.rules.planning_score import broken, score, worth
from training.solver import greedy, random_plan
from training.solver.solve import solve

COUNT = 60


def slots(exercises: int = 2) -> tuple[Slot, ...]:
    return tuple(Slot(e, e, f"2027-0{3 * e + 2}-02T13:00:00+00:00") for e in range(exercises))


def person(key: str, *qualified: str, **fields) -> Candidate:
    fields.setdefault("slots", frozenset({0, 1}))
    return Candidate(key, qualified=frozenset(qualified), **fields)


def year(
    *candidates: Candidate, seats: tuple[Seat, ...] = (Seat(COMMANDER),), **fields
) -> Problem:
    fields.setdefault("exercises", 2)
    fields.setdefault("slots", slots(fields["exercises"]))
    fields.setdefault("seconds", 10)
    return Problem(seats=seats, stories=(), candidates=candidates, **fields)


@hypothesis(max_examples=COUNT)
@given(problems())
def test_no_plan_breaks_a_hard_rule_and_its_terms_sum_up(problem):
    answer = solve(problem)
    faults = broken(problem, answer.planned)
    assert all("set" in said or "was to sit" in said for said in faults), faults
    assert bool(faults) <= (answer.status == "infeasible")
    assert answer.objective == worth(problem, answer.planned) == sum(answer.terms.values())
    assert answer.objective <= answer.bound
    filled = {(day.exercise, one.key) for day in answer.planned for one in day.seats}
    seats = {(e, seat.key) for e in range(problem.exercises) for seat in problem.seats}
    assert {(one.exercise, one.key) for one in answer.unfilled} == seats - filled


@hypothesis(max_examples=COUNT)
@given(problems())
def test_neither_a_patient_person_nor_the_lot_plans_better(problem):
    answer = solve(problem)
    for plan in (greedy.plan(problem), *(random_plan.plan(problem, seed) for seed in range(3))):
        if not broken(problem, plan):
            assert not broken(problem, answer.planned)
            assert worth(problem, plan) <= answer.objective


@hypothesis(max_examples=COUNT)
@given(problems(people=3, pins=False))
def test_a_small_optimum_is_what_trying_everything_finds(problem):
    best = max(every_plan(problem), key=lambda plan: worth(problem, plan))
    answer = solve(problem)
    assert answer.objective == worth(problem, best)
    assert (answer.status == "infeasible") == bool(score(problem, best)["missing"])
    assert answer.bound == answer.objective


@hypothesis(max_examples=20)
@given(problems())
def test_what_was_set_by_hand_holds_when_the_rest_is_planned_anew(problem):
    answer = solve(problem)
    if answer.status == "infeasible" or not answer.planned[0].seats:
        return
    day = answer.planned[0]
    one = day.seats[0]
    pins = (
        Pin(0, slot=day.slot),
        Pin(0, one.role, one.person, is_learner=one.is_learner),
    )
    again = solve(replace(problem, pins=pins))
    assert again.planned[0].slot == day.slot
    assert one.person in {each.person for each in again.planned[0].seats if each.key == one.key}


@hypothesis(max_examples=30)
@given(problems())
def test_a_problem_and_its_answer_survive_the_way_to_the_solver(problem):
    assert problem_from_json(json.loads(json.dumps(problem_as_json(problem)))) == problem
    answer = solve(problem)
    assert answer_from_json(json.loads(json.dumps(answer_as_json(answer)))) == answer


def every_plan(problem: Problem) -> Iterator[tuple[Planned, ...]]:
    """Each plan there is, of two exercises, that breaks no hard rule."""
    stories = [story.key for story in problem.stories] or [""]
    days = [
        [
            Planned(e, slot.id, story, seats)
            for slot in problem.slots_of[e]
            for story in stories
            for seats in every_table(problem, e, slot)
        ]
        for e in range(problem.exercises)
    ]
    for plan in product(*days):
        if not broken(problem, plan):
            yield plan


def every_table(problem: Problem, exercise: int, slot: Slot) -> Iterator[tuple[Seated, ...]]:
    rows = [
        [
            None,
            *(
                p
                for p in problem.candidates
                if slot.id in p.slots and problem.may_play(exercise, seat, p)
            ),
        ]
        for seat in problem.seats
    ]
    for chosen in product(*rows):
        people = [one.key for one in chosen if one]
        if len(people) == len(set(people)):
            yield tuple(
                Seated(seat.role, one.key, seat.is_learner)
                for seat, one in zip(problem.seats, chosen, strict=True)
                if one
            )


def test_nobody_commands_twice_running_and_last_years_last_one_does_not_begin():
    problem = year(person("ada", COMMANDER), person("ben", COMMANDER), last_commander="ada")
    commanders = [day.seats[0].person for day in solve(problem).planned]
    assert commanders == ["ben", "ada"]


def test_whoever_led_most_real_incidents_lets_others_practise():
    busy = person("ada", COMMANDER, is_busiest_commander=True)
    answer = solve(year(busy, person("ben", COMMANDER), exercises=1))
    assert answer.planned[0].seats[0].person == "ben"


def test_too_few_people_are_named_with_the_least_that_would_help():
    noor = person("noor", COUNSEL, slots=frozenset({0}), name="Noor")
    problem = year(noor, seats=(Seat(COUNSEL),))
    answer = solve(problem)
    assert answer.status == "infeasible"
    assert answer.planned[0].seats[0].person == "noor"
    assert answer.reasons == (
        "Legal counsel in the second exercise: Noor is away on every date.",
    )
    assert answer.least == (
        "Free Noor for the second exercise: leave moved, or a date that suits.",
    )


def test_where_nobody_can_speak_one_more_person_is_asked_for():
    answer = solve(year(person("ada", COMMANDER), person("ben", COMMANDER),
                        seats=(Seat(COMMANDER), Seat(COMMUNICATIONS))))  # fmt: skip
    assert answer.status == "infeasible"
    assert "Qualify 1 more person for Communications lead." in answer.least
    assert "nobody is qualified for it" in answer.reasons[0]


def test_parts_of_this_year_that_are_over_count_against_what_is_allowed():
    tired = person("ada", COMMANDER, parts=2)
    problem = year(tired, person("bo", COMMANDER), exercises=1)
    assert [one.person for one in solve(problem).planned[0].seats] == ["bo"]
    alone = replace(problem, candidates=(tired,))
    answer = solve(alone)
    assert answer.reasons == (
        "Incident commander in the first exercise: ada has 2 parts that year already.",
    )
    assert answer.least == ("Let ada take part more often than 2 times a year.",)


def test_cells_never_exercised_come_first():
    old, new = Story("old", frozenset({"a:r"})), Story("new", frozenset({"b:r", "c:r"}))
    problem = replace(
        year(person("ada", COMMANDER), exercises=1),
        stories=(old, new),
        cells_done=frozenset({"a:r"}),
    )
    assert solve(problem).planned[0].story == "new"


def test_a_role_never_played_goes_before_one_played_often():
    tired = person("ada", COMMANDER, played={COMMANDER: 3})
    answer = solve(year(tired, person("ben", COMMANDER), exercises=1))
    seated = answer.planned[0].seats[0]
    assert (seated.person, seated.reason) == (
        "ben",
        "never played it before; no exercise in the last year",
    )


def test_the_same_problem_gives_the_same_plan():
    problem = company(30, roles=6, seconds=20)
    one, two = solve(problem), solve(problem)
    assert one.status == "optimal"
    assert one.planned == two.planned


def test_a_year_of_as_many_dates_as_settings_give_is_proven_too():
    problem = company(60, roles=6, seconds=20, dates=78)
    answer = solve(problem)
    assert answer.status == "optimal"
    assert not broken(problem, answer.planned)


def test_without_time_for_a_plan_nothing_is_called_proven(monkeypatch):
    monkeypatch.setattr(cp_model.CpSolver, "solve", lambda *_: cp_model.UNKNOWN)
    monkeypatch.setattr("training.solver.stories.choose", lambda *_: ({}, 0))
    problem = replace(company(30, roles=6), stories=())
    answer = solve(problem)
    assert worth(problem, answer.planned) == worth(problem, greedy.plan(problem))
    assert answer.status == "feasible"
    monkeypatch.undo()
    assert answer.bound >= solve(problem).objective


def test_a_seat_that_must_be_filled_is_worth_any_date_and_any_load():
    dear = (Slot(0, 0, "2027-02-02", 0), Slot(1, 0, "2027-02-03", 90_000))
    tired = person("ada", COMMANDER, slots=frozenset({1}), load=900)
    answer = solve(year(tired, exercises=1, slots=dear))
    assert (answer.status, answer.planned[0].slot) == ("optimal", 1)


def test_names_are_said_as_they_are():
    noor = person("noor", COUNSEL, slots=frozenset({0}), name="No{or} {count")
    said = solve(year(noor, seats=(Seat(COUNSEL),))).least
    assert said == (
        "Free No{or} {count for the second exercise: leave moved, or a date that suits.",
    )


def test_whoever_is_set_into_another_seat_can_be_let_go_of_it():
    ada, cora = person("ada", COMMANDER), person("cora", COUNSEL, SCRIBE)
    seats = (Seat(COMMANDER), Seat(SCRIBE, must=False), Seat(COUNSEL))
    answer = solve(year(ada, cora, seats=seats, exercises=1, pins=(Pin(0, SCRIBE, "cora"),)))
    assert answer.status == "infeasible"
    assert answer.least == ("Lift that cora is set as Scribe in the first exercise.",)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"exercises": 0}, "exercises_out_of_range"),
        ({"seats": ()}, "no_seats"),
        ({"candidates": ()}, "no_candidates"),
        ({"slots": slots(1)}, "no_slots"),
        ({"slots": (*slots(), Slot(9, 7, "2027-12-01"))}, "slot_unknown_exercise"),
        ({"seconds": 0}, "seconds_out_of_range"),
        ({"weights": Weights(met=-1)}, "out_of_range"),
        ({"slots": (Slot(0, 0, "soon"), slots()[1])}, "not_a_date"),
        ({"slots": (Slot(0, 0, "2027-01-01", cost="1"), slots()[1])}, "wrong_kind"),
        ({"pins": (Pin(0, COMMANDER),)}, "pin_nobody"),
        ({"pins": (Pin(0, COMMANDER, "zoe"),)}, "pin_unknown_person"),
        ({"pins": (Pin(0, COUNSEL, "ada"),)}, "pin_unknown_role"),
        ({"pins": (Pin(5, slot=0),)}, "pin_unknown_exercise"),
        ({"pins": (Pin(0, slot=1),)}, "pin_unknown_slot"),
        ({"pins": (Pin(0, story="none"),)}, "pin_unknown_story"),
        ({"pins": (Pin(0, COMMANDER, "away"),)}, "pin_cannot_come"),
        ({"pins": (Pin(0, COMMANDER, "ada"), Pin(1, COMMANDER, "ada"))}, "pins_contradict"),
        ({"pins": (Pin(0, COMMANDER, "ada"), Pin(0, COMMANDER, "ben"))}, "pins_contradict"),
        ({"forbidden": frozenset({(0, "ada")}), "pins": (Pin(0, COMMANDER, "ada"),)}, "pin_not_allowed"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_before_anything_is_solved(wrong, code):
    whole = year(
        person("ada", COMMANDER),
        person("ben", COMMANDER),
        person("away", COMMANDER, slots=frozenset()),
    )
    assert problem_from_json(problem_as_json(whole)) == whole
    with pytest.raises(Invalid) as refused:
        problem_from_json(problem_as_json(replace(whole, **wrong)))
    assert refused.value.has(code)


def test_the_solvers_process_answers_in_lines_and_refuses_garbage():
    ada = person("ada", COMMANDER, slots=frozenset({0}))
    asked = json.dumps(problem_as_json(year(ada, exercises=1)))
    done = process(asked)
    *progress, last = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 0
    assert all(
        line["progress"].keys() == {"seconds", "objective", "bound"} for line in progress
    )
    assert answer_from_json(last["answer"]).status == "optimal"
    for garbage in ('{"exercises": ', "[" * 100_000, '{"exercises": Infinity}'):
        refused = process(garbage)
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1


def process(text: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "training.solver"]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, input=text, capture_output=True, text=True
    )
