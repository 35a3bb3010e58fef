"""What is asked for of a year's exercises: how many, on which days and hours, with which seats.

Hours are by the wall clock of the organisation's zone; days are calendar days there, both ends of
a stretch included.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from incidents.rules.candidates import name_of
from incidents.rules.reasons import Invalid, Reason
from incidents.rules.roles import COMMANDER, COMMUNICATIONS, COUNSEL, DOMAIN_OWNER
from training.rules.planning import Weights
from training.rules.planning_check import MOST_EXERCISES

YEARS = range(2000, 2101)
MONTHS = 12
MOST_MINUTES = 480
MOST_SECONDS = 120.0
MOST_WEIGHT = 200  # above it one term drowns every other
# What a necessary seat is worth is not for sale: it comes before all else.
WEIGHTS = {name: worth for name, worth in asdict(Weights()).items() if name != "missing"}
WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
# Legal and communications take part every time; who answers for a service too.
MUST = (COMMANDER, COMMUNICATIONS, DOMAIN_OWNER, COUNSEL)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which no exercise is held, such as a change freeze; both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class YearSettings:
    """What one plan is asked for. Quarterly by default (AWS REL12-BP06)."""

    year: int
    exercises: int = 4
    weekdays: tuple[int, ...] = (1, 2, 3)  # Monday is 0
    times: tuple[time, ...] = (time(10), time(15))
    minutes: int = 90
    left_out: tuple[Stretch, ...] = ()
    must: tuple[str, ...] = MUST
    without: tuple[str, ...] = ()  # roles that are not played
    with_learners: bool = True
    most_parts: int = 2
    seconds: float = 20.0
    weights: Weights = Weights()  # noqa: RUF009  (it cannot change)

    def __post_init__(self) -> None:
        """Refuses what cannot be planned, each fault on its field."""
        if reasons := tuple(_faults(self)):
            raise Invalid(*reasons)

    def period(self, number: int) -> Stretch:
        """The days in which exercise `number`, from 0, may be held; four a year are quarters."""
        return Stretch(
            _boundary(self.year, number * MONTHS / self.exercises),
            _boundary(self.year, (number + 1) * MONTHS / self.exercises) - timedelta(days=1),
        )

    def number_of(self, day: date) -> int | None:
        """Whose period this day lies in; None where it is of another year."""
        for number in range(self.exercises):
            stretch = self.period(number)
            if stretch.first <= day <= stretch.last:
                return number
        return None

    def instants(self, number: int, zone: tzinfo) -> Iterator[datetime]:
        """Every instant at which exercise `number` might begin, in order."""
        stretch = self.period(number)
        for offset in range((stretch.last - stretch.first).days + 1):
            day = stretch.first + timedelta(days=offset)
            if day.weekday() in self.weekdays and not self.leaves_out(day):
                for clock in sorted(self.times):
                    yield datetime.combine(day, clock, zone)

    def leaves_out(self, day: date) -> bool:
        """Whether nothing is held on this day."""
        return any(one.first <= day <= one.last for one in self.left_out)


def as_json(settings: YearSettings) -> dict[str, Any]:
    """Plain lists and texts, as `from_json` reads them."""
    return asdict(settings) | {
        "times": [f"{one:%H:%M}" for one in settings.times],
        "left_out": [[str(one.first), str(one.last)] for one in settings.left_out],
    }


def from_json(document: Mapping[str, Any]) -> YearSettings:
    """What was kept. Invalid: what nobody can read."""
    known = {field.name for field in fields(YearSettings)}
    said = {key: value for key, value in document.items() if key in known}
    try:
        if "weights" in said:
            said["weights"] = Weights(**said["weights"])
        for name in ("weekdays", "must", "without"):
            if name in said:
                said[name] = tuple(said[name])
        if "times" in said:
            said["times"] = tuple(map(time.fromisoformat, said["times"]))
        if "left_out" in said:
            said["left_out"] = tuple(
                Stretch(*map(date.fromisoformat, pair)) for pair in said["left_out"]
            )
        return YearSettings(**said)
    except (TypeError, ValueError) as error:
        message = f"What was asked for cannot be read: {error}."
        raise Invalid.because("settings_unreadable", message, "settings") from error


def in_words(settings: YearSettings, zone: tzinfo) -> Iterator[str]:
    """What was asked for, for people: one sentence for each thing. `zone` is the organisation's."""
    days = ", ".join(WEEKDAYS[day] for day in settings.weekdays)
    clocks = " or ".join(f"{one:%H:%M}" for one in settings.times)
    count = f"{settings.exercises} exercise{'s' if settings.exercises > 1 else ''}"
    yield f"{count} of {settings.minutes} minutes, on {days}, at {clocks} by the clock of {zone}."
    yield f"Everybody has at most {settings.most_parts} part{'s' if settings.most_parts > 1 else ''}."
    if settings.must:
        yield f"None is held without {', '.join(map(name_of, settings.must))}."
    if settings.without:
        yield f"Not played: {', '.join(map(name_of, settings.without))}."
    if not settings.with_learners:
        yield "Nobody stands beside a player to learn."
    for one in settings.left_out:
        yield f"Nothing from {one.first:%-d %B} to {one.last:%-d %B %Y}."
    given = asdict(settings.weights)
    if other := [f"{name} {given[name]}" for name in WEIGHTS if given[name] != WEIGHTS[name]]:
        yield f"Weights of its own: {', '.join(other)}."


def _boundary(year: int, months: float) -> date:
    """So many months into the year; a fraction of one is so many of its days."""
    whole = int(months)
    first = _month(year, whole)
    days = (_month(year, whole + 1) - first).days if whole < MONTHS else 0
    return first + timedelta(days=round((months - whole) * days))


def _month(year: int, number: int) -> date:
    return date(year + number // MONTHS, number % MONTHS + 1, 1)


def _faults(asked: YearSettings) -> Iterator[Reason]:
    if asked.year not in YEARS:
        message = f"Plan a year between {YEARS[0]} and {YEARS[-1]}."
        yield Reason("year_out_of_range", message, "year")
        return
    yield from _sizes(asked)
    yield from _dates(asked)
    given = asdict(asked.weights)
    for name in WEIGHTS:
        if not 0 <= given[name] <= MOST_WEIGHT:
            message = f"The weight of {name} is between 0 and {MOST_WEIGHT}."
            yield Reason("weight_out_of_range", message, "weights")
    if both := sorted(set(asked.must) & set(asked.without)):
        message = f"{both[0]} must be played and is left out: keep one of the two."
        yield Reason("seat_contradicts", message, "without")


def _sizes(asked: YearSettings) -> Iterator[Reason]:
    if not 1 <= asked.exercises <= MOST_EXERCISES:
        message = f"Plan between 1 and {MOST_EXERCISES} exercises a year."
        yield Reason("exercises_out_of_range", message, "exercises")
    if not 1 <= asked.minutes <= MOST_MINUTES:
        message = f"An exercise lasts between 1 and {MOST_MINUTES} minutes."
        yield Reason("minutes_out_of_range", message, "minutes")
    if asked.most_parts < 1:
        message = "Everybody must be allowed at least one part a year."
        yield Reason("no_parts", message, "most_parts")
    if not 1 <= asked.seconds <= MOST_SECONDS:
        message = f"Let the planner think between 1 and {MOST_SECONDS:.0f} seconds."
        yield Reason("seconds_out_of_range", message, "seconds")


def _dates(asked: YearSettings) -> Iterator[Reason]:
    if not asked.weekdays or not set(asked.weekdays) <= set(range(len(WEEKDAYS))):
        yield Reason("no_weekdays", "Allow at least one day of the week.", "weekdays")
    if not asked.times:
        yield Reason("no_times", "Allow at least one time of day.", "times")
    for clock in asked.times:
        if clock.tzinfo is not None:
            message = (
                f"{clock.isoformat('minutes')} has an offset of its own: times are by the organisation's clock, "
                f"so write what it shows then, such as {clock:%H:%M}."
            )
            yield Reason("time_with_offset", message, "times")
        elif clock.second or clock.microsecond:
            message = f"{clock.isoformat()} is finer than a minute: write {clock:%H:%M}."
            yield Reason("time_too_fine", message, "times")
    for one in asked.left_out:
        if one.last < one.first:
            message = f"{one.first} to {one.last} ends before it begins: swap the two days."
            yield Reason("stretch_backwards", message, "left_out")
