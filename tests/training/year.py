"""A company to plan a year for, and a planner that answers by turns, without a process of its own."""

from datetime import datetime

import pytest

from incidents.models import Person
from incidents.rules.reasons import Refused
from incidents.rules.roles import COMMANDER, COMMUNICATIONS
from tests.factories import NOW, allow, person
from tests.training.factories import story
from training.models import GameDay, YearPlan
from training.operations import year_plan, year_problem
from training.rules.planning import Answer as Found
from training.rules.planning import Planned, Seated
from training.rules.planning_score import worth

YEAR = NOW.year + 1
ASKED = {"year": YEAR, "must": (COMMANDER, COMMUNICATIONS), "seconds": 5.0}


def planner() -> Person:
    return allow(
        person("elif"), "training.plan_yearplan", "training.publish_yearplan",
        "training.view_yearplan",
    )  # fmt: skip


def company(commanders: int = 3, speakers: int = 3) -> dict[str, list[Person]]:
    """Enough people for four exercises, and two stories."""
    story()
    story("leaked-export")
    return {
        COMMANDER: [person(f"com{n}", qualified=(COMMANDER,)) for n in range(commanders)],
        COMMUNICATIONS: [
            person(f"spk{n}", qualified=(COMMUNICATIONS,)) for n in range(speakers)
        ],
    }


def made(**asked) -> YearPlan:
    return year_plan.make(**{**ASKED, **asked}, actor=planner(), at=NOW)


def answered(plan: YearPlan, *, at: datetime = NOW, **said) -> YearPlan:
    """Settled as a planner that goes by turns would answer, without a process of its own."""
    mine = year_plan.claim(at=at)
    assert mine == plan
    asked = year_problem.read(mine, at=at)
    return year_plan.settle(mine, asked, in_turn(asked.problem, **said), at=at)


def _commander(day: Planned) -> str:
    return next((one.person for one in day.seats if one.key == COMMANDER), "")


def in_turn(problem, status="feasible") -> Found:
    days, parts = [], dict.fromkeys(problem.people, 0)
    for exercise, slots in enumerate(problem.slots_of):
        slot = next(
            (p.slot for p in problem.pins if p.exercise == exercise and p.slot is not None),
            slots[0].id,
        )
        told = [p.story for p in problem.pins if p.exercise == exercise and p.story]
        seats = [
            Seated(p.role, p.person, p.is_learner, "set by hand")
            for p in problem.pins if p.exercise == exercise and p.person
        ]  # fmt: skip
        for seat in problem.seats:
            taken = {one.person for one in seats}
            if seat.key in {one.key for one in seats}:
                continue
            free = [
                one for one in problem.candidates
                if problem.may_play(exercise, seat, one) and one.key not in taken
                and not (seat.key == COMMANDER and days and _commander(days[-1]) == one.key)
                and parts[one.key] < problem.most_parts
            ]  # fmt: skip
            if free:
                least = min(free, key=lambda one: (parts[one.key], one.key))
                parts[least.key] += 1
                seats.append(Seated(seat.role, least.key, seat.is_learner, "their turn"))
        key = told[0] if told else problem.stories[exercise % len(problem.stories)].key
        days.append(Planned(exercise, slot, key, tuple(seats)))
    value = worth(problem, days)
    return Found(status, value, value + 10, tuple(days))


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def cast_of(day: GameDay) -> dict[str, str]:
    return {part.role_id: part.person.username for part in day.roles.all()}
