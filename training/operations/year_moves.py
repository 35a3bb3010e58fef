"""What a person changes in a year's plan by hand: dates, people, stories; planning anew keeps it.

Every act says which exercise of the plan it is about, and refuses while the planner thinks.
"""

from datetime import datetime

from django.db import transaction

from incidents.models import NudgePolicy, Person, Role
from incidents.models.calendar import today
from incidents.operations import nudges, policies, records
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from training.models import ExerciseScenario, GameDay, GameDayRole, YearPlan
from training.operations import inviting, secrets, year_plan, year_problem
from training.operations.year_plan import PLAN
from training.operations.year_problem import OPEN, STORIES_SET, TAKEN_OUT, Asked

_PROPOSED = GameDay.Status.PROPOSED
BY_HAND = "set by hand"
DATE, STORY, EVERYTHING = "date", "story", "everything"


@transaction.atomic
def move(
    plan: YearPlan, *, game_day: GameDay, starts_at: datetime, actor: Person, at: datetime
) -> GameDay:
    """Another date, kept from now on; who was invited is asked anew.

    Refuses `starts_in_past` and `outside_period`: the other exercises have the rest of the year.
    """
    plan = year_plan.held(plan, PLAN, actor)
    day = _open(plan, game_day)
    if starts_at <= at:
        message = "An exercise lies in the future: choose a later date."
        raise Invalid.because("starts_in_past", message, "starts_at")
    _require_in_period(plan, day, starts_at)
    was = day.starts_at
    day.starts_at, day.is_date_pinned = starts_at, True
    if day.status != _PROPOSED:
        day.due_at = starts_at
        nudges.schedule(day, policies.of(NudgePolicy.What.GAME_DAY), at=at)
    day.save()
    if day.status != _PROPOSED and starts_at != was:
        inviting.moved(day, was, at=at)
    records.audit("move_gameday", day, actor=actor, at=at, starts_at=starts_at, before=was)
    return day


@transaction.atomic
def put(
    plan: YearPlan,
    *,
    game_day: GameDay,
    role: Role,
    person: Person,
    is_learner: bool = False,
    actor: Person,
    at: datetime,
) -> GameDayRole:
    """This person sits there, whoever did before, and is kept there.

    Refuses `not_able`, `has_a_part`, `has_the_duty`, and `agreed_already` for a published exercise,
    whose roles are recast instead. Whether they can come then, the page of the plan says.
    """
    plan = year_plan.held(plan, PLAN, actor)
    day = _proposed(plan, game_day)
    if reason := _hindrance(
        year_problem.read(plan, at=at), day, role, person, is_learner=is_learner
    ):
        raise Refused(reason)
    seated = day.roles.filter(role=role, is_shadow=is_learner).select_related("person")
    before = [part.person.username for part in seated]
    for part in seated:
        part.delete()
    made = GameDayRole.objects.create(
        game_day=day, role=role, person=person, is_shadow=is_learner, is_pinned=True,
        reason=BY_HAND,
    )  # fmt: skip
    _forget(plan, TAKEN_OUT, [day.pk, person.username])
    records.audit(
        "seat_gameday", day, actor=actor, at=at, role=role.slug, person=person.username,
        is_learner=is_learner, before=before,
    )  # fmt: skip
    return made


@transaction.atomic
def take_out(
    plan: YearPlan, *, game_day: GameDay, person: Person, actor: Person, at: datetime
) -> GameDay:
    """This person takes no part in it, and planning anew does not bring them back.

    Refuses `has_no_part`, and `agreed_already` for a published exercise.
    """
    plan = year_plan.held(plan, PLAN, actor)
    day = _proposed(plan, game_day)
    parts = [*day.roles.filter(person=person), *day.staff.filter(person=person)]
    if not parts:
        message = f"{person} has no part in “{day}”: there is nothing to take them out of."
        raise Refused.because("has_no_part", message, "person")
    for part in parts:
        part.delete()
    _remember(plan, TAKEN_OUT, [day.pk, person.username])
    records.audit("take_out_gameday", day, actor=actor, at=at, person=person.username)
    return day


@transaction.atomic
def tell(
    plan: YearPlan, *, game_day: GameDay, story: ExerciseScenario, actor: Person, at: datetime
) -> GameDay:
    """Another story, kept from now on. Refuses `story_retired`, and a published exercise.

    Nobody chooses what they are to be surprised by (`plays_in_it`).
    """
    plan = year_plan.held(plan, PLAN, actor)
    day = _proposed(plan, game_day)
    if secrets.is_hidden(day, actor):
        message = (
            "You play in it, so you may not choose its story: leave it to another planner."
        )
        raise NotPermitted.because("plays_in_it", message, "story")
    if story.retired_at is not None:
        message = f"“{story}” was retired: bring it back, or choose another."
        raise Refused.because("story_retired", message, "story")
    before, day.exercise_scenario = day.exercise_scenario_id, story
    day.save()
    _remember(plan, STORIES_SET, day.pk)
    records.audit("tell_gameday", day, actor=actor, at=at, story=story.slug, before=before)
    return day


def pin(
    plan: YearPlan, *, game_day: GameDay, what: str, actor: Person, at: datetime
) -> GameDay:
    """Keep this when the rest is planned anew: the date, the story, a seat by its key, or everything.

    Refuses `nothing_there` for a seat that nobody has.
    """
    return _hold(plan, game_day, what, actor, at, is_kept=True)


def unpin(
    plan: YearPlan, *, game_day: GameDay, what: str, actor: Person, at: datetime
) -> GameDay:
    """Let planning anew change it again; as `pin`. With everything, who was taken out may come back."""
    return _hold(plan, game_day, what, actor, at, is_kept=False)


@transaction.atomic
def _hold(
    plan: YearPlan, game_day: GameDay, what: str, actor: Person, at: datetime, *, is_kept: bool
) -> GameDay:
    plan = year_plan.held(plan, PLAN, actor)
    day = _proposed(plan, game_day)
    parts = [
        part for part in day.roles.all()
        if what in (EVERYTHING, planning_key(part))
    ]  # fmt: skip
    if not parts and what not in (DATE, STORY, EVERYTHING):
        message = "Nobody sits there: put somebody in it first."
        raise Refused.because("nothing_there", message, "what")
    for part in parts:
        part.is_pinned = is_kept
        part.save(update_fields=["is_pinned"])
    if what in (DATE, EVERYTHING):
        day.is_date_pinned = is_kept
        day.save(update_fields=["is_date_pinned"])
    if what in (STORY, EVERYTHING):
        (_remember if is_kept else _forget)(plan, STORIES_SET, day.pk)
    if what == EVERYTHING and not is_kept:
        for one in list(plan.settings.get(TAKEN_OUT, [])):
            if one[0] == day.pk:
                _forget(plan, TAKEN_OUT, one)
    records.audit(
        "pin_gameday" if is_kept else "unpin_gameday", day, actor=actor, at=at, what=what
    )
    return day


def planning_key(part: GameDayRole) -> str:
    """The seat's key, as the planner has it."""
    return f"{part.role_id}+" if part.is_shadow else part.role_id


def _open(plan: YearPlan, game_day: GameDay) -> GameDay:
    day = GameDay.objects.select_for_update(of=("self",)).get(pk=game_day.pk)
    if day.year_plan_id != plan.pk:
        message = f"“{day}” is not of this plan: change it on its own page."
        raise Refused.because("not_of_this_plan", message, "game_day")
    if day.status not in OPEN:
        message = f"“{day}” is {day.status}: only what is still to come can be changed."
        raise Refused.because("wrong_state", message, "game_day")
    return day


def _proposed(plan: YearPlan, game_day: GameDay) -> GameDay:
    day = _open(plan, game_day)
    if day.status != _PROPOSED:
        message = (
            f"“{day}” is published and its people were invited: recast it on its own page."
        )
        raise Refused.because("agreed_already", message, "game_day")
    return day


def _require_in_period(plan: YearPlan, day: GameDay, starts_at: datetime) -> None:
    settings = year_problem.settings_of(plan)
    number = settings.number_of(today(day.starts_at))
    if number is None or settings.number_of(today(starts_at)) == number:
        return
    stretch = settings.period(number)
    message = (
        f"“{day}” is held between {stretch.first:%-d %B} and {stretch.last:%-d %B %Y}: choose a day "
        "among these, or the other exercises would be out of order."
    )
    raise Invalid.because("outside_period", message, "starts_at")


def _hindrance(
    asked: Asked, day: GameDay, role: Role, person: Person, *, is_learner: bool
) -> Reason | None:
    able = asked.able.get(person.username)
    ready = able and (able.learning if is_learner else able.qualified)
    if not ready or role.slug not in ready:
        state = "learning" if is_learner else "qualified for"
        message = f"{person} is not {state} {role}: qualify them first, or name another."
        return Reason("not_able", message, "person")
    others = day.roles.filter(person=person).exclude(role=role, is_shadow=is_learner)
    if other := others.select_related("role").first():
        message = f"{person} sits as {other.role} there: take them out of that seat first."
        return Reason("has_a_part", message, "person")
    if day.staff.filter(person=person).exists():
        message = f"{person} helps to run or judge it and knows the story: name another."
        return Reason("has_the_duty", message, "person")
    return None


def _remember(plan: YearPlan, what: str, entry: object) -> None:
    kept = [one for one in plan.settings.get(what, []) if one != entry]
    plan.settings = {**plan.settings, what: [*kept, entry]}
    plan.save()


def _forget(plan: YearPlan, what: str, entry: object) -> None:
    kept = [one for one in plan.settings.get(what, []) if one != entry]
    plan.settings = {**plan.settings, what: kept}
    plan.save()
