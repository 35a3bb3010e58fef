"""Writing the planner's answer into game days: what changed is written, what was agreed stays."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from incidents.models import Person, Service
from incidents.rules.roles import COMMANDER
from training.models import (
    Answer,
    ExerciseScenario,
    GameDay,
    GameDayRole,
    GameDayStaff,
    YearPlan,
)
from training.operations import inviting, year_services
from training.operations.year_people import SUPPORT_DOMAIN, Able
from training.operations.year_problem import OPEN, Asked
from training.rules import planning
from training.rules.planning import Planned, Seated

Duty = GameDayStaff.Duty
_PROPOSED = GameDay.Status.PROPOSED
# Who sees what besides the players: one of each domain watches another at work.
WATCHES = (("engineering", "communications"), (SUPPORT_DOMAIN, "engineering"))
_MOST = 300  # characters of a reason


def write(
    plan: YearPlan, asked: Asked, answer: planning.Answer, *, at: datetime
) -> list[GameDay]:
    """The exercises of the answer as game days: proposed ones made or changed, planned ones filled.

    Who newly has a part in a planned one is invited, who has none any more released.
    """
    stories = {story.slug: story for story in ExerciseScenario.objects.filter(
        slug__in={day.story for day in answer.planned}
    )}  # fmt: skip
    services = year_services.dealt(asked.settings.exercises)
    helping: Counter[str] = Counter(one.person for day in answer.planned for one in day.seats)
    written = []
    for planned in answer.planned:
        day = _day(plan, asked, planned, stories, services)
        if day is None:
            continue
        changed = _seat(day, asked, planned)
        changed += _staff(day, asked, planned, helping)
        if day.status != _PROPOSED and changed:
            inviting.invite(day, list(dict.fromkeys(changed)), at=at)
        written.append(day)
    return written


def _day(
    plan: YearPlan,
    asked: Asked,
    planned: Planned,
    stories: Mapping[str, ExerciseScenario],
    services: Sequence[Sequence[Service]],
) -> GameDay | None:
    """The row of this exercise; None where it began or was called off in the meantime."""
    known = asked.days.get(planned.exercise)
    if known is None:
        number = asked.numbers[planned.exercise] + 1
        day = GameDay(
            year_plan=plan, organiser=plan.made_by, status=_PROPOSED,
            title=f"Exercise {number} of {asked.settings.exercises}, {plan.year}",
        )  # fmt: skip
    else:
        day = GameDay.objects.select_for_update(of=("self",)).get(pk=known.pk)
        if day.status not in OPEN:
            return None
        if day.status != _PROPOSED:
            return day
    day.starts_at = asked.instant(planned.slot)
    day.duration_minutes = asked.settings.minutes
    day.exercise_scenario = stories[planned.story]
    day.save()
    if known is None:
        day.services.set(services[asked.numbers[planned.exercise]])
    return day


def _seat(day: GameDay, asked: Asked, planned: Planned) -> list[Person]:
    """Bring the rows to the plan; returns whoever got or lost a part."""
    wanted = {(one.role, one.is_learner): one for one in planned.seats}
    changed: list[Person] = []
    for part in day.roles.select_related("person"):
        one = wanted.get((part.role_id, part.is_shadow))
        if one is not None and one.person == part.person.username:
            del wanted[part.role_id, part.is_shadow]
            _explain(part, one)
        elif one is not None or day.status == _PROPOSED:
            # For which nobody else was found, a seat of an agreed day keeps who declined it.
            changed.append(part.person)
            part.delete()
    for one in wanted.values():
        person = asked.able[one.person].person
        GameDayRole.objects.create(
            game_day=day, role_id=one.role, person=person, is_shadow=one.is_learner,
            reason=one.reason[:_MOST],
        )  # fmt: skip
        changed.append(person)
    return list(dict.fromkeys(changed))


def _explain(part: GameDayRole, one: Seated) -> None:
    reason = one.reason[:_MOST]
    if part.reason != reason and not part.is_pinned:
        part.reason = reason
        part.save(update_fields=["reason"])


def _staff(day: GameDay, asked: Asked, planned: Planned, helping: Counter[str]) -> list[Person]:
    """Who runs and judges it, and who watches another side at work: those who do least else.

    Of an agreed day only who declined or left is replaced. Returns whoever got or lost a duty.
    """
    playing = {*planned.people(), *day.roles.values_list("person__username", flat=True)}
    left = list(day.staff.select_related("person"))
    gone = [part for part in left if _lets_go(day, part, playing)]
    kept = [part for part in left if part not in gone]
    taken = {*playing, *(part.person.username for part in left if part.is_pinned),
             *(part.person.username for part in kept)}  # fmt: skip
    free = [one for one in _free(day, asked) if one.person.username not in taken]
    named = list(_named(free, helping, {part.duty for part in kept}))
    for part in gone:
        part.delete()
    for duty, person, reason in named:
        GameDayStaff.objects.create(game_day=day, duty=duty, person=person, reason=reason)
        helping[person.username] += 1
    return [*(part.person for part in gone), *(person for _, person, _ in named)]


def _lets_go(day: GameDay, part: GameDayStaff, playing: Collection[str]) -> bool:
    if part.answer == Answer.DECLINED or not part.person.is_active:
        return True
    if part.person.username in playing:
        return True
    return day.status == _PROPOSED and not part.is_pinned


def _named(
    free: Sequence[Able], helping: Mapping[str, int], has: set[str]
) -> Iterator[tuple[str, Person, str]]:
    left = sorted(free, key=lambda one: (helping[one.person.username], one.person.username))
    commands = [one for one in left if COMMANDER in one.qualified]
    for duty, why in (
        (Duty.LEAD_EVALUATOR, "is qualified to command and does not play"),
        (Duty.FACILITATOR, "is qualified to command and does not play"),
        (Duty.EVALUATOR, "is qualified and does not play"),
    ):
        able = commands if duty != Duty.EVALUATOR and commands else left
        if duty in has or not able:
            continue
        one = able[0]
        yield (
            duty,
            one.person,
            why
            if one in commands or duty == Duty.EVALUATOR
            else ("does not play; nobody who is qualified to command is free"),
        )
        left = [other for other in left if other is not one]
        commands = [other for other in commands if other is not one]
    if Duty.OBSERVER in has:
        return
    for home, other in WATCHES:
        watching = next((each for each in left if each.domain == home), None)
        if watching is not None:
            yield Duty.OBSERVER, watching.person, f"comes from {home} and sees {other}"


def _free(day: GameDay, asked: Asked) -> Iterable[Able]:
    declined = {
        part.person_id
        for kind in (GameDayRole, GameDayStaff)
        for part in kind.objects.filter(game_day=day, answer=Answer.DECLINED)
    }
    for one in asked.able.values():
        if one.person.pk not in declined and asked.diary.comes(one.person, [day.starts_at]):
            yield one
