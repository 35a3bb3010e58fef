"""A year's plan as its page shows it: the year at a glance, who does what, what is not as it should be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings as site

from incidents.models import Person, Role
from incidents.models.calendar import today
from incidents.rules.reasons import Refused
from training.models import Answer, GameDay, GameDayRole, GameDayStaff, YearPlan
from training.operations import (
    secrets,
    year_lines,
    year_plan,
    year_problem,
    year_services,
    year_worth,
)
from training.operations.year_moves import BY_HAND, planning_key
from training.operations.year_problem import Asked
from training.operations.year_worth import Worth
from training.rules import year_cadence
from training.rules.planning_reasons import title
from training.rules.year_settings import in_words

TERMS = {
    "cells": "cells of the matrix exercised for the first time",
    "seats": "seats filled, and people who see another side",
    "rotation": "people in roles they have not played, or seldom",
    "load": "parts of people who have some already",
    "teams": "teams that meet in an exercise",
    "met": "people who worked together before",
    "dates": "dates that suit few, and stories told before",
    "missing": "seats that must be filled and are not",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat of one exercise: who sits there and why, or why nobody does."""

    key: str
    role: str
    name: str
    is_learner: bool = False
    must: bool = False
    person: Person | None = None
    why: str = ""
    answer: str = ""
    is_pinned: bool = False

    @property
    def is_by_hand(self) -> bool:
        """Whether a person chose who sits there, here or by recasting, and not the planner."""
        return self.why == BY_HAND or (self.is_pinned and not self.why)


@dataclass(frozen=True, slots=True)
class Exercise:
    """One column of the year."""

    day: GameDay
    story: str  # "" where the reader may not know it; `untold` says why
    seats: tuple[Seat, ...]
    staff: tuple[GameDayStaff, ...]
    is_open: bool  # to changes by hand
    untold: str = ""
    is_story_pinned: bool = False
    taken_out: tuple[str, ...] = ()

    @property
    def may_be_told(self) -> bool:
        """Whether the reader may choose another story: not who is to be surprised by it."""
        return self.untold != secrets.SURPRISE

    @property
    def filled(self) -> tuple[Seat, ...]:
        """The seats with somebody in them, and those that must not stay empty."""
        return tuple(one for one in self.seats if one.person or one.must)

    @property
    def empty(self) -> tuple[Seat, ...]:
        """The others: the exercise is held without them."""
        return tuple(one for one in self.seats if not (one.person or one.must))

    @property
    def declined(self) -> tuple[Seat, ...]:
        """The seats whose person said no."""
        return tuple(one for one in self.seats if one.answer == Answer.DECLINED)


@dataclass(frozen=True, slots=True)
class Year:
    """The page. `broken` are hard rules the plan breaks as it stands, `checks` what standards ask.

    Where it `is_changed` since it was planned, `terms` and `worth` are of what stands, as far as
    that can be told, and what the plan says of its proof is of what was planned.
    """

    plan: YearPlan
    exercises: tuple[Exercise, ...]
    lines: tuple[year_lines.Line, ...]
    roles: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, int], ...]
    checks: tuple[year_cadence.Check, ...]
    wanted: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    is_waiting: bool = False
    is_changed: bool = False
    worth: int | None = None  # of what stands; None where it cannot be told
    most_parts: int = 1

    @property
    def gap(self) -> float | None:
        """By how many per cent a better plan could exceed this one; None if nothing is solved."""
        if self.plan.bound is None or self.plan.objective is None:
            return None
        return 100 * (self.plan.bound - self.plan.objective) / max(1, abs(self.plan.bound))

    @property
    def is_nearest(self) -> bool:
        """Whether what cannot be done as asked is proven to come as near to it as can be."""
        found = self.plan
        return found.outcome == YearPlan.Outcome.INFEASIBLE and found.objective == found.bound

    @property
    def proposed(self) -> int:
        """How many exercises nobody was invited to yet."""
        return sum(one.day.status == GameDay.Status.PROPOSED for one in self.exercises)

    @property
    def declined(self) -> int:
        """How many seats and duties of exercises to come were declined."""
        return sum(
            len(one.declined) + sum(part.answer == Answer.DECLINED for part in one.staff)
            for one in self.exercises
            if one.day.status in year_problem.OPEN
        )


def look(plan: YearPlan, *, reader: Person, at: datetime) -> Year:
    """The plan as it stands for this reader; a constant number of queries, whatever its size."""
    asked, said = _asked(plan, at)
    days = _days(plan)
    untold = secrets.untold(reader)
    roles = list(Role.objects.active())
    exercises = tuple(_exercise(plan, day, asked, roles, untold) for day in days)
    short = year_lines.short(roles)
    lines = tuple(year_lines.lines(days, short, asked))
    stands = year_worth.judge(asked, days) if asked else Worth()
    is_changed = year_worth.is_changed(plan, days)
    terms = (is_changed and stands.terms) or plan.answer.get("terms", {})
    return Year(
        plan=plan,
        exercises=exercises,
        lines=lines,
        roles=tuple((short[role.slug], role.name) for role in roles),
        terms=tuple((TERMS.get(name, name), worth) for name, worth in terms.items() if worth),
        checks=tuple(_checks(plan, days)),
        wanted=tuple(in_words(year_problem.settings_of(plan), site.ORGANISATION_ZONE)),
        broken=(*_left(days), *stands.broken),
        notes=(*said, *(asked.notes if asked else ())),
        without=tuple(_without(days, asked)),
        is_waiting=year_plan.is_waiting(plan),
        is_changed=is_changed,
        worth=sum(stands.terms.values()) if stands.terms else None,
        most_parts=max((line.parts for line in lines), default=1),
    )  # fmt: skip


def revision(plan: YearPlan) -> str:
    """Changes whenever the page would: cheap enough to be asked every few seconds."""
    newest = GameDayRole.history.filter(game_day__year_plan=plan).order_by("-history_id")
    days = GameDay.history.filter(year_plan=plan).order_by("-history_id")
    return "-".join(
        str(one)
        for one in (
            plan.history.order_by("-history_id").values_list("history_id", flat=True).first(),
            newest.values_list("history_id", flat=True).first(),
            days.values_list("history_id", flat=True).first(),
            bool(plan.claim),
            plan.progress.get("seconds", ""),
        )
    )


def _asked(plan: YearPlan, at: datetime) -> tuple[Asked | None, tuple[str, ...]]:
    """The problem as it is now; a sentence instead where there is none any more."""
    if plan.status == YearPlan.Status.WITHDRAWN:
        return None, ()
    try:
        return year_problem.read(plan, at=at), ()
    except Refused as refused:
        return None, () if refused.has("year_over") else (str(refused),)


def _days(plan: YearPlan) -> list[GameDay]:
    days = plan.game_days.exclude(status=GameDay.Status.CANCELLED).order_by("starts_at", "pk")
    return list(
        days.select_related("exercise_scenario").prefetch_related(
            "roles__person", "roles__role", "staff__person", "services"
        )
    )


def _exercise(
    plan: YearPlan,
    day: GameDay,
    asked: Asked | None,
    roles: Sequence[Role],
    untold: Mapping[int, str],
) -> Exercise:
    settings = year_problem.settings_of(plan)
    number = settings.number_of(today(day.starts_at))
    why = {
        one["seat"]: one["reason"]
        for one in plan.answer.get("unfilled", ()) if one["number"] == number
    }  # fmt: skip
    out = [name for pk, name in plan.settings.get(year_problem.TAKEN_OUT, ()) if pk == day.pk]
    return Exercise(
        day=day,
        story="" if day.exercise_scenario_id in untold else str(day.exercise_scenario),
        untold=untold.get(day.exercise_scenario_id, ""),
        seats=tuple(_seats(day, asked, roles, why)),
        staff=tuple(day.staff.all()),
        is_open=day.status == GameDay.Status.PROPOSED,
        is_story_pinned=day.pk in year_problem.stories_set(plan),
        taken_out=tuple(_name(asked, one) for one in out),
    )


def _seats(
    day: GameDay, asked: Asked | None, roles: Sequence[Role], why: Mapping[str, str]
) -> Iterator[Seat]:
    """In the order of the matrix; who learns a role beneath who plays it."""
    sits = {planning_key(part): part for part in day.roles.all()}
    open_seats = asked.problem.seat if asked and day.status in year_problem.OPEN else {}
    for role in roles:
        for key in (role.slug, f"{role.slug}+"):
            part, seat = sits.get(key), open_seats.get(key)
            name = title(seat) if seat else f"{role}{' (learner)' if key[-1] == '+' else ''}"
            bare = Seat(key, role.slug, name, key[-1] == "+", bool(seat and seat.must))
            if part is not None:
                yield replace(
                    bare, person=part.person, why=part.reason, answer=part.answer,
                    is_pinned=part.is_pinned,
                )  # fmt: skip
            elif seat is not None:
                yield replace(bare, why=why.get(key, ""))


def _left(days: Iterable[GameDay]) -> Iterator[str]:
    """A sentence for every part still to come of somebody who is not there any more."""
    for day in days:
        if day.status not in year_problem.OPEN:
            continue
        parts = [(part.person, str(part.role)) for part in day.roles.all()]
        duties = [(duty.person, duty.get_duty_display()) for duty in day.staff.all()]
        for person, what in (*parts, *duties):
            if not person.is_active:
                yield f"{person} was deactivated: “{day}” needs somebody else as {what}."


def _name(asked: Asked | None, username: str) -> str:
    able = asked.able.get(username) if asked else None
    return str(able.person) if able else username


def _without(days: Sequence[GameDay], asked: Asked | None) -> Iterator[str]:
    """Who is qualified or learning and has no part this year."""
    if asked is None or not days:
        return
    busy = {part.person_id for day in days for part in day.roles.all()}
    for one in asked.able.values():
        if one.person.pk not in busy:
            yield str(one.person)


def _checks(plan: YearPlan, days: Sequence[GameDay]) -> Iterable[year_cadence.Check]:
    if not days:
        return ()
    held = [today(day.starts_at) for day in days]
    services = year_services.kept(days)
    return year_cadence.checks(plan.year, held, _played(days), services)


def _played(days: Iterable[GameDay]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for day in days:
        for part in day.roles.all():
            if not part.is_shadow and part.answer != Answer.DECLINED:
                found[part.role_id] += 1
    return found
