"""Coverage maps: which part of the law in force was exercised when, and which story comes next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Prefetch, QuerySet

from incidents.models import HoldingStatement, MatrixVersion, Person, Role, Service
from incidents.models.calendar import today
from incidents.operations import law
from incidents.rules import legal_profile
from incidents.rules.legal_profile import Profile
from incidents.rules.phases import Phase
from incidents.rules.raci import Activity, Grid
from training.models import Exercised, ExerciseScenario, Inject, Objective
from training.operations.exercised import Kind, statement_key
from training.operations.secrets import readable_stories
from training.rules import practice_coverage as rules
from training.rules.practice_coverage import Age

Last = Mapping[tuple[str, str], datetime]


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell of the map: its letter, and when it was exercised last."""

    letter: str = ""
    style: str = ""
    last: datetime | None = None
    age: Age = Age.NEVER


@dataclass(frozen=True, slots=True)
class Line:
    """One activity, its cells in the order of the columns; blank ones have no letter."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One statement, duty or service, when it was exercised last, and by when it is to be again."""

    name: str
    last: datetime | None
    age: Age
    due_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """One story worth planning: what it would exercise for the first time, and anew."""

    story: ExerciseScenario
    first: int
    again: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole map; without a matrix in force it has no phases."""

    version: MatrixVersion | None
    roles: tuple[str, ...]
    phases: tuple[tuple[str, tuple[Line, ...]], ...]
    ages: Mapping[Age, int]  # how many cells
    statements: tuple[Kept, ...]
    duties: tuple[Kept, ...]
    services: tuple[Kept, ...]
    next: tuple[Next, ...]

    @property
    def cells(self) -> int:
        """How many cells have a letter."""
        return sum(self.ages.values())

    @property
    def within_a_year(self) -> int:
        """How many were exercised in the last twelve months, as the standards ask of all."""
        return self.ages.get(Age.RECENT, 0) + self.ages.get(Age.AGEING, 0)


def look(*, at: datetime, reader: Person) -> Coverage:
    """The map as it stands; a constant number of queries. It proposes no story hidden from the reader."""
    version = law.matrix_in_force(at)
    grid = law.pinned_grid(version.pk) if version else Grid((), ())
    lines = practised(grid)
    last = last_exercised()
    ages = _ages(lines, last, at)
    return Coverage(
        version=version,
        roles=tuple(_role_names(grid.roles)),
        phases=_phases(lines, grid.roles, last, at),
        ages={each: list(ages.values()).count(each) for each in Age},
        statements=_oldest_first(_statements(last, at)),
        duties=_oldest_first(_duties(last, at)),
        services=_oldest_first(_services(last, at)),
        next=_next(lines, ages, reader),
    )


def following(*, at: datetime, reader: Person) -> tuple[Next, ...]:
    """The stories worth planning, without the rest of the map; those that add most first."""
    version = law.matrix_in_force(at)
    lines = practised(law.pinned_grid(version.pk)) if version else ()
    return _next(lines, _ages(lines, last_exercised(), at), reader)


def cells_done(at: datetime) -> frozenset[str]:
    """The cells, "activity:role", exercised within the last twelve months; one query."""
    rows = Exercised.objects.filter(kind=Kind.CELL, exercised_at__gt=at - rules.YEAR)
    return frozenset(rows.order_by().values_list("key", flat=True).distinct())


def story_cells(
    stories: QuerySet[ExerciseScenario], *, at: datetime
) -> dict[int, frozenset[str]]:
    """Which cells of the matrix in force each of these stories exercises, by its key."""
    version = law.matrix_in_force(at)
    lines = practised(law.pinned_grid(version.pk)) if version else ()
    return {story.pk: _cells_of(story, lines) for story in with_activities(stories)}


def with_activities(stories: QuerySet[ExerciseScenario]) -> QuerySet[ExerciseScenario]:
    """With what its objectives and injects name; two queries more, however many stories."""
    return stories.prefetch_related(
        Prefetch("objectives", Objective.objects.filter(retired_at=None)),
        Prefetch("injects", Inject.objects.filter(retired_at=None)),
    )


def practised(grid: Grid) -> tuple[Activity, ...]:
    """The lines an incident goes through: what is done in calm is not exercised."""
    return tuple(each for each in grid.activities if each.phase != Phase.PREPARATION)


def last_exercised() -> Last:
    """When each thing was exercised last; one aggregate."""
    rows = Exercised.objects.order_by().values("kind", "key").annotate(last=Max("exercised_at"))
    return {(row["kind"], row["key"]): row["last"] for row in rows}


def names(at: datetime) -> Mapping[tuple[str, str], str]:
    """What services, statements and duties are called, by their kind and key; three queries."""
    found = {
        (str(Kind.SERVICE), service.slug): str(service) for service in Service.objects.all()
    }
    found |= {(str(Kind.STATEMENT), key): title for key, title in _statement_titles(at).items()}
    if pack := law.pack_in_force(at):
        found |= {(str(Kind.DUTY), key): one.name for key, one in pack.regimes.items()}
    return found


def _ages(lines: Iterable[Activity], last: Last, at: datetime) -> dict[str, Age]:
    return {key: rules.age(last.get((Kind.CELL, key)), at) for key in rules.cells_of(lines)}


def _role_names(slugs: Sequence[str]) -> Iterable[str]:
    names = dict(Role.objects.filter(pk__in=slugs).values_list("slug", "name"))
    return (names.get(slug, slug) for slug in slugs)


def _phases(
    lines: Iterable[Activity], roles: Sequence[str], last: Last, at: datetime
) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    found: dict[str, list[Line]] = {}
    for each in lines:
        marks = tuple(_mark(each, role, last, at) for role in roles)
        found.setdefault(each.phase, []).append(Line(each.name, marks))
    order = [str(phase) for phase in Phase]
    phases = sorted(found, key=order.index)
    return tuple((phase.capitalize(), tuple(found[phase])) for phase in phases)


def _mark(line: Activity, role: str, last: Last, at: datetime) -> Mark:
    letter = line.letters.get(role)
    if letter is None:
        return Mark()
    done = last.get((Kind.CELL, rules.cell(line, role)))
    return Mark(letter.value, letter.name, done, rules.age(done, at))


def _statements(last: Last, at: datetime) -> Iterable[Kept]:
    for key, title in _statement_titles(at).items():
        done = last.get((Kind.STATEMENT, key))
        yield Kept(title, done, rules.age(done, at))


def _statement_titles(at: datetime) -> Mapping[str, str]:
    """One title for each purpose, whatever the number of versions that serve it, and its audience."""
    rows = HoldingStatement.objects.usable(today(at)).select_related("scenario")
    return {
        statement_key(row): f"{row.title} ({row.get_audience_display()}, {row.language})"
        for row in rows
    }


def _duties(last: Last, at: datetime) -> Iterable[Kept]:
    pack = law.pack_in_force(at)
    if pack is None:
        return
    row = law.legal_profile_in_force(at)
    profile = law.profile_of(row, pack) if row else Profile()
    for regime in legal_profile.concerning(pack, profile):
        done = last.get((Kind.DUTY, regime))
        yield Kept(pack.regimes[regime].name, done, rules.age(done, at))


def _services(last: Last, at: datetime) -> Iterable[Kept]:
    for service in Service.objects.filter(is_active=True).order_by("tier", "name"):
        done = last.get((Kind.SERVICE, service.slug))
        every = "every 6 months" if service.tier <= rules.HIGH_IMPACT else "every 12 months"
        due_at = rules.due_at(done, service.tier)
        yield Kept(
            str(service), done, rules.age(done, at), due_at, f"tier {service.tier}, {every}"
        )


def _oldest_first(rows: Iterable[Kept]) -> tuple[Kept, ...]:
    """What was never exercised on top; of the rest the longest ago."""
    found = list(rows)
    never = [each for each in found if each.last is None]
    return (*never, *sorted((each for each in found if each.last), key=_last))


def _last(row: Kept) -> float:
    return row.last.timestamp() if row.last else 0.0


def _next(
    lines: Sequence[Activity], ages: Mapping[str, Age], reader: Person
) -> tuple[Next, ...]:
    shown = readable_stories(reader).filter(retired_at=None)
    stories = {str(story.pk): story for story in with_activities(shown)}
    candidates = (
        rules.Candidate(key, _cells_of(story, lines)) for key, story in stories.items()
    )
    ranked = rules.rank(candidates, ages, ages)
    return tuple(Next(stories[one.key], one.first, one.again) for one in ranked)


def _cells_of(story: ExerciseScenario, lines: Sequence[Activity]) -> frozenset[str]:
    names = {name for each in story.objectives.all() for name in each.activities}
    names |= {name for each in story.injects.all() for name in each.activities}
    return rules.cells_of(rules.named(lines, names))
