"""Whether a year's plan is still as it was planned, what it is worth as it stands, what it breaks.

A proof is of the plan it was made for: once a date, a story or a seat is another, it holds no more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from training.models import Answer, GameDay, YearPlan
from training.operations.year_problem import Asked
from training.rules.planning import Planned, Problem, Seated
from training.rules.planning_reasons import as_the_year_has_it
from training.rules.planning_score import broken, score

SETTLED = "settled"  # within a plan's answer: what each game day was when it was answered


@dataclass(frozen=True, slots=True)
class Worth:
    """The judge's word on what stands: `terms` add up to its worth; empty where none can be told."""

    broken: tuple[str, ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)


def settled(days: Iterable[GameDay]) -> dict[str, list[str]]:
    """The dates, stories and seats, by game day: to be kept with the answer and compared later."""
    return {str(day.pk): list(_said(day)) for day in days}


def is_changed(plan: YearPlan, days: Iterable[GameDay]) -> bool:
    """Whether somebody changed what the planner answered: on the plan's page, or by recasting.

    Of what was answered before this was kept nobody can tell: it counts as unchanged, and so does
    what was withdrawn, which is no plan any more.
    """
    if plan.status == YearPlan.Status.WITHDRAWN:
        return False
    kept = plan.answer.get(SETTLED)
    return kept is not None and kept != settled(days)


def judge(asked: Asked, days: Sequence[GameDay]) -> Worth:
    """As the planner's own judge sees the plan, with names instead of usernames; no query."""
    of_row = {day.pk: exercise for exercise, day in asked.days.items()}
    planned = [_planned(asked, of_row[day.pk], day) for day in days if day.pk in of_row]
    if len(planned) < asked.problem.exercises:
        return Worth()  # not everything is planned yet: that is no fault of what is
    said = broken(replace(asked.problem, pins=()), planned)
    # The judge knows the others by name.
    names = {
        part.person.username: str(part.person)
        for day in days for part in day.roles.all()
        if part.person.username not in asked.able
    }  # fmt: skip
    terms = score(asked.problem, planned) if _can_be_told(asked.problem, planned) else {}
    told = (as_the_year_has_it(sentence, names, asked.numbers) for sentence in said)
    return Worth(tuple(f"{each[0].upper()}{each[1:]}." for each in told), terms)


def _said(day: GameDay) -> Iterator[str]:
    yield f"{day.starts_at.timestamp():.0f} {day.exercise_scenario_id}"
    yield from sorted(
        f"{part.role_id}{'+' if part.is_shadow else ''} {part.person_id}"
        for part in day.roles.all()
    )


def _planned(asked: Asked, exercise: int, day: GameDay) -> Planned:
    dates = {slot.on: slot.id for slot in asked.problem.slots_of[exercise]}
    return Planned(
        exercise,
        next(
            slot for on, slot in dates.items() if datetime.fromisoformat(on) == day.starts_at
        ),
        day.exercise_scenario.slug,
        tuple(
            Seated(part.role_id, part.person.username, part.is_shadow)
            for part in day.roles.all()
            if part.answer != Answer.DECLINED and part.person.is_active
        ),
    )  # fmt: skip


def _can_be_told(problem: Problem, planned: Iterable[Planned]) -> bool:
    """Who lost a qualification, and a role that is out of use, have no price."""
    return all(
        one.person in problem.people and one.key in problem.seat
        for day in planned for one in day.seats
    )  # fmt: skip
