"""The year's exercises as a problem for the planner: who, when, which story, what is set by hand.

Read in a constant number of queries, however many people, dates and stories there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings as site

from incidents.models import Role
from incidents.models.calendar import today
from incidents.rules.reasons import Refused
from training.models import (
    Answer,
    ExerciseScenario,
    GameDay,
    GameDayRole,
    YearPlan,
)
from training.operations import coverage, year_past, year_people
from training.operations.year_past import Past
from training.operations.year_people import Able, Diary
from training.rules.planning import Candidate, Pin, Problem, Seat, Slot, Story
from training.rules.planning_check import check
from training.rules.planning_reasons import as_the_year_has_it
from training.rules.year_dates import chosen
from training.rules.year_settings import YearSettings, from_json

LEAD = timedelta(days=14)  # people are reminded from then on
TOLD_AGAIN = 10  # the cost of a story for each time it was told
STORIES_SET = "stories_set"  # among what a plan was asked for: keys of its game days
TAKEN_OUT = "taken_out"  # likewise: [game day, username], who is not to play in it
# Of what was set by hand or agreed, and no longer can be: it stands until somebody asks.
ANOTHER = "It stays so for now: “Plan the rest anew” finds another."
OPEN = (GameDay.Status.PROPOSED, GameDay.Status.PLANNED)


@dataclass(frozen=True, slots=True)
class Asked:
    """The problem, and what its numbers stand for: exercise 0 has the period `numbers[0]`.

    `days` are the game days that stand for them already; `notes` say what was read otherwise than
    it is written down.
    """

    settings: YearSettings
    problem: Problem
    numbers: tuple[int, ...]
    days: Mapping[int, GameDay]
    able: Mapping[str, Able]
    diary: Diary
    notes: tuple[str, ...] = ()

    def instant(self, slot: int) -> datetime:
        """When a date of the problem begins."""
        return datetime.fromisoformat(self.problem.slots[slot].on)


def problem(asked: YearPlan | YearSettings, *, at: datetime) -> Problem:
    """What the planner is given. Refuses `year_over` where no date of the year is left."""
    return read(asked, at=at).problem


def read(asked: YearPlan | YearSettings, *, at: datetime) -> Asked:
    """The problem with what it stands for."""
    plan = asked if isinstance(asked, YearPlan) else None
    settings = asked if isinstance(asked, YearSettings) else settings_of(asked)
    held = _days(plan)
    gone = {settings.number_of(today(day.starts_at)) for day in held if day.status not in OPEN}
    dates = _dates(settings, held, gone, at)
    if not dates:
        message = (
            f"No exercise of {settings.year} can still be planned: every one was held, or no day is "
            "left that is allowed. Plan the next year, or allow more days."
        )
        raise Refused.because("year_over", message)
    numbers = tuple(sorted(dates))
    days = {
        numbers.index(number): day
        for day in held
        if (number := settings.number_of(today(day.starts_at))) in dates and day.status in OPEN
    }
    roles = list(Role.objects.active())
    able = year_people.able(roles, at=at)
    instants = sorted(instant for row in dates.values() for instant in row)
    diary = Diary(instants[0], instants[-1] + timedelta(days=1), settings.minutes, but=held)
    comes = {one.person.username: diary.comes(one.person, instants) for one in able}
    slots = tuple(_slots(settings, numbers, dates, days, comes))
    past = year_past.read(year=settings.year, at=at)
    most = min(settings.most_parts, settings.exercises)  # nobody has more than one in each
    agreed = [day for day in days.values() if day.status == GameDay.Status.PLANNED]
    over = year_past.room_taken(past, agreed, most)
    bare = Problem(
        exercises=len(numbers),
        seats=tuple(_seats(settings, roles, able)),
        slots=slots,
        stories=tuple(_stories(days, past, at)),
        candidates=tuple(_candidates(able, comes, slots, past, over, at)),
        forbidden=frozenset((*_declined(days), *_taken_out(plan, days))),
        met=past.met,
        cells_done=coverage.cells_done(at),
        last_commander=year_past.last_commander(instants[0], but=days.values()),
        most_parts=most,
        weights=settings.weights,
        seconds=settings.seconds,
    )
    pins, said = _kept(bare, days, stories_set(plan) if plan else frozenset())
    known = {one.person.username: one for one in able}
    names = year_people.names_beyond(known, held)
    notes = tuple(as_the_year_has_it(each, names, numbers) for each in said)
    zones = year_people.strange_zones(one.person for one in able)
    whole = replace(bare, pins=pins)
    return Asked(settings, whole, numbers, days, known, diary, (*zones, *notes))


def settings_of(plan: YearPlan) -> YearSettings:
    """What this plan was asked for."""
    return from_json({**plan.settings, "year": plan.year})


def stories_set(plan: YearPlan) -> frozenset[int]:
    """The game days whose story was set by hand."""
    return frozenset(plan.settings.get(STORIES_SET, ()))


def _days(plan: YearPlan | None) -> list[GameDay]:
    if plan is None:
        return []
    days = plan.game_days.exclude(status=GameDay.Status.CANCELLED).order_by("starts_at", "pk")
    return list(
        days.select_related("exercise_scenario").prefetch_related(
            "roles__person", "staff__person"
        )
    )


def _dates(
    settings: YearSettings, held: Iterable[GameDay], gone: set[int | None], at: datetime
) -> dict[int, list[datetime]]:
    """By the number of its period, when each exercise might begin; those without any are left out."""
    set_on: dict[int | None, set[datetime]] = defaultdict(set)
    for day in held:
        if day.status in OPEN:
            set_on[settings.number_of(today(day.starts_at))].add(day.starts_at.astimezone(UTC))
    found = {}
    for number in range(settings.exercises):
        if number in gone:
            continue
        local = settings.instants(number, site.ORGANISATION_ZONE)
        ahead = {one.astimezone(UTC) for one in local if one > at + LEAD}
        if instants := sorted(ahead | set_on[number]):
            found[number] = instants
    return found


def _slots(
    settings: YearSettings,
    numbers: Sequence[int],
    dates: Mapping[int, Sequence[datetime]],
    days: Mapping[int, GameDay],
    comes: Mapping[str, frozenset[datetime]],
) -> Iterator[Slot]:
    """Some good dates of each exercise, and the one it has; dear is when many cannot come."""
    identity = 0
    for exercise, number in enumerate(numbers):
        stretch = settings.period(number)
        middle = stretch.first + (stretch.last - stretch.first) / 2
        costs = {
            instant: _cost(instant, comes) + abs((today(instant) - middle).days) // 21
            for instant in dates[number]
        }
        keep = [days[exercise].starts_at.astimezone(UTC)] if exercise in days else []
        for instant in chosen(costs, keep):
            yield Slot(identity, exercise, instant.isoformat(), costs[instant])
            identity += 1


def _cost(instant: datetime, comes: Mapping[str, frozenset[datetime]]) -> int:
    """Up to 20, where nobody can come."""
    missing = sum(instant not in mine for mine in comes.values())
    return round(20 * missing / max(1, len(comes)))


def _seats(
    settings: YearSettings, roles: Iterable[Role], able: Iterable[Able]
) -> Iterator[Seat]:
    """One for each role that somebody could play or must; beside it one for who learns it."""
    rows = [role for role in roles if role.slug not in settings.without]
    of_role = year_people.domains(rows)
    ready = {role for one in able for role in one.qualified}
    learnt = {role for one in able for role in one.learning} if settings.with_learners else ()
    for role in rows:
        must = role.slug in settings.must
        if must or role.slug in ready:
            yield Seat(role.slug, must=must, domain=of_role[role.slug])
        if role.slug in learnt:
            yield Seat(role.slug, is_learner=True, must=False, domain=of_role[role.slug])


def _stories(days: Mapping[int, GameDay], past: Past, at: datetime) -> Iterator[Story]:
    """The library without what was retired, but for what an exercise tells already."""
    told = {day.exercise_scenario_id for day in days.values()}
    usable = ExerciseScenario.objects.filter(retired_at=None)
    rows = usable | ExerciseScenario.objects.filter(pk__in=told)
    cells = coverage.story_cells(rows, at=at)
    for pk, slug in rows.order_by("slug").values_list("pk", "slug"):
        yield Story(slug, cells.get(pk, frozenset()), TOLD_AGAIN * past.told.get(pk, 0))


def _candidates(
    able: Iterable[Able],
    comes: Mapping[str, frozenset[datetime]],
    slots: Sequence[Slot],
    past: Past,
    over: Mapping[str, int],
    at: datetime,
) -> Iterator[Candidate]:
    busiest = year_past.busiest_commander(at)
    instants = {slot.id: datetime.fromisoformat(slot.on) for slot in slots}
    for one in able:
        key = one.person.username
        free = comes[key]
        yield Candidate(
            key=key,
            team=one.person.team.slug if one.person.team else "",
            domain=one.domain,
            qualified=one.qualified,
            learning=one.learning,
            slots=frozenset(slot for slot, instant in instants.items() if instant in free),
            played=dict(past.played.get(key, {})),
            load=past.load.get(key, 0),
            parts=over.get(key, 0),
            is_busiest_commander=key == busiest,
            name=str(one.person),
        )


def _declined(days: Mapping[int, GameDay]) -> Iterator[tuple[int, str]]:
    """Whoever said no to an exercise is not asked for it again; who judges it knows the story."""
    for exercise, day in days.items():
        is_agreed = day.status == GameDay.Status.PLANNED
        for part in day.roles.all():
            if part.answer == Answer.DECLINED:
                yield exercise, part.person.username
        for duty in day.staff.all():
            if is_agreed or duty.is_pinned or duty.answer == Answer.DECLINED:
                yield exercise, duty.person.username


def _taken_out(plan: YearPlan | None, days: Mapping[int, GameDay]) -> Iterator[tuple[int, str]]:
    of_day = {day.pk: exercise for exercise, day in days.items()}
    for day, username in plan.settings.get(TAKEN_OUT, ()) if plan else ():
        if day in of_day:
            yield of_day[day], username


def _kept(
    bare: Problem, days: Mapping[int, GameDay], stories: frozenset[int]
) -> tuple[tuple[Pin, ...], tuple[str, ...]]:
    """What was set by hand or agreed, as far as it can still be; a note for what cannot."""
    pins: list[Pin] = []
    notes: list[str] = []
    for exercise, day in sorted(days.items()):
        for pin in (*_of_day(bare, exercise, day, stories), *_of_seats(exercise, day)):
            if faults := check(replace(bare, pins=(*pins, pin))):
                notes.append(f"{faults[0].message} {ANOTHER}")
            else:
                pins.append(pin)
    return tuple(pins), tuple(notes)


def _of_day(
    bare: Problem, exercise: int, day: GameDay, stories: frozenset[int]
) -> Iterator[Pin]:
    is_agreed = day.status == GameDay.Status.PLANNED
    if is_agreed or day.is_date_pinned:
        on = day.starts_at.astimezone(UTC).isoformat()
        slot = next(slot.id for slot in bare.slots_of[exercise] if slot.on == on)
        yield Pin(exercise, slot=slot)
    if is_agreed or day.pk in stories:
        yield Pin(exercise, story=day.exercise_scenario.slug)


def _of_seats(exercise: int, day: GameDay) -> Iterator[Pin]:
    is_agreed = day.status == GameDay.Status.PLANNED
    for part in day.roles.all():
        comes = part.person.is_active and part.answer != Answer.DECLINED
        if comes and (is_agreed or part.is_pinned):
            yield pin_of(exercise, part)


def pin_of(exercise: int, part: GameDayRole) -> Pin:
    """This part, held in planning."""
    return Pin(exercise, part.role_id, part.person.username, is_learner=part.is_shadow)
