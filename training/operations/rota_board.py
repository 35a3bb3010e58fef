"""What the page of a rotation shows: a week of shifts, what is wrong ahead, and who is owed what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from incidents.models import Person, Shift
from incidents.rules import hours
from training.models import Rota
from training.operations import rota_books, rota_publish, rota_watch
from training.operations.rota_books import Books
from training.operations.rota_turns import Turn, span_in_words, turns
from training.operations.rota_watch import Asked
from training.rules import rotation_plan
from training.rules.rotation import WINDOW
from training.rules.rotation_hours import Span, doubled, holes

_DAY = timedelta(days=1)
_WEEK = 7
_HOUR = timedelta(hours=1)
_WEIGHTED_HOUR = 60 * 100
COLOURS = 8
SHOWN = 8  # things to mend


@dataclass(frozen=True, slots=True)
class Cell:
    """One shift as it stands in the week: its time there, whose it is, and what is wrong."""

    shift: Shift
    time: str
    colour: int  # of who serves it, 1 to COLOURS; 0 of nobody
    wrong: str = ""
    is_now: bool = False
    is_mine: bool = False


@dataclass(slots=True)
class Day:
    """One day of the week by the reader's clock, and what each band has on it."""

    on: date
    is_today: bool
    cells: dict[str, list[Cell]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one member stands; hours weighted but for `hours` and `odd_hours`."""

    person: Person
    colour: int
    owed: float
    served: float
    hours: float
    odd_hours: float
    share: float  # per cent of the hours of the window that ends with the last shift
    next: Shift | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mend:
    """A turn that nobody has or can serve, and who is to be asked first."""

    turn: Turn
    why: str
    ask: Asked | None


@dataclass(frozen=True, slots=True)
class Board:
    """The whole page."""

    rota: Rota
    week: date
    days: list[Day]
    bands: list[str]
    now: list[Shift]
    mend: list[Mend]
    standings: list[Standing]
    learners: list[Person]
    notes: list[str]
    published_until: datetime | None

    @property
    def rows(self) -> list[tuple[str, list[tuple[Day, list[Cell]]]]]:
        """The week band by band."""
        return [
            (band, [(day, day.cells.get(band, [])) for day in self.days]) for band in self.bands
        ]

    @property
    def more_to_mend(self) -> int:
        """How many are not shown."""
        return max(0, len(self.mend) - SHOWN)


def look(rota: Rota, *, reader: Person, at: datetime, week: date | None = None) -> Board:
    """The week of this day, the running one unless said; queries as of `rota_books.read`."""
    where = hours.zone(reader.time_zone)
    today = at.astimezone(where).date()
    day = week or today
    monday = day - day.weekday() * _DAY
    books = rota_books.read(rota, at=at, since=datetime.combine(monday, time(), where))
    colours = _colours(books)
    doubts = {each.shift.pk: each.why for each in rota_watch.doubts(books, at)}
    days = [Day(monday + n * _DAY, monday + n * _DAY == today) for n in range(_WEEK)]
    labels = {band.label: None for band in books.bands}
    by_day = {each.on: each for each in days}
    for shift in books.shifts:
        on = by_day.get(shift.starts_at.astimezone(where).date())
        if on is not None:
            labels.setdefault(shift.band)
            cell = _cell(shift, doubts, colours, reader, where, at)
            on.cells.setdefault(shift.band, []).append(cell)
    return Board(
        rota, monday, days, list(labels),
        [each for each in books.shifts if each.starts_at <= at < each.ends_at],
        list(_to_mend(books, doubts, at)),
        _standings(books, colours, at),
        [books.people[each.key] for each in books.learners],
        list(_notes(books, at)),
        books.last.ends_at if books.last else None,
    )  # fmt: skip


def preview(rota: Rota, *, at: datetime) -> tuple[list[Turn], int]:
    """The turns that publishing now would add, and how many of its shifts would be gaps."""
    from_now = _drawn(rota_books.read(rota, at=at), at)
    found = list(turns(from_now))
    return found, sum(len(each.shifts) for each in found if each.first.person is None)


def _drawn(books: Books, at: datetime) -> list[Shift]:
    return [
        Shift(
            rota=books.rota.pk, role=books.rota.role, band=each.slot.band,
            starts_at=each.slot.starts_at, ends_at=each.slot.ends_at,
            person=books.people.get(each.person), shadow=books.people.get(each.shadow),
            reason=each.reason,
        )
        for each in rota_publish.draw(books, at)
    ]  # fmt: skip


def _colours(books: Books) -> dict[str, int]:
    """Members in the order they joined: a colour stays with its person."""
    keys = [each.key for each in books.members] + [each.key for each in books.others]
    return {key: number % COLOURS + 1 for number, key in enumerate(keys)}


def _cell(
    shift: Shift,
    doubts: dict[int, str],
    colours: dict[str, int],
    reader: Person,
    where: ZoneInfo,
    at: datetime,
) -> Cell:
    begins, ends = shift.starts_at.astimezone(where), shift.ends_at.astimezone(where)
    wrong = doubts.get(shift.pk, "") if shift.person else "nobody"
    return Cell(
        shift,
        f"{begins:%H:%M} to {ends:%H:%M}",
        colours.get(shift.person.username, 0) if shift.person else 0,
        wrong,
        shift.starts_at <= at < shift.ends_at,
        reader.pk in (shift.person_id, shift.shadow_id),
    )


def _to_mend(books: Books, doubts: dict[int, str], at: datetime) -> Iterator[Mend]:
    """The soonest first; whom to ask is worked out for those that are shown."""
    wrong = [
        each
        for each in books.shifts
        if each.starts_at > at and (each.person is None or each.pk in doubts)
    ]
    for number, turn in enumerate(turns(wrong)):
        first = turn.first
        who = f"{first.person}: {doubts[first.pk]}" if first.person else first.reason
        ask = None
        if number < SHOWN:
            asked = rota_watch.whom_to_ask(books, turn.shifts)
            ask = next((each for each in asked if not each.why_not), None)
        yield Mend(turn, who, ask)


def _standings(books: Books, colours: dict[str, int], at: datetime) -> list[Standing]:
    end = books.last.ends_at if books.last else at
    window = (end - WINDOW, end)
    most = books.terms.most / _HOUR if books.terms.most_percent < 100 else 0
    whole = (
        most / (books.terms.most_percent / 100)
        if most
        else _hours(window, [each.slot.span for each in books.taken])
    )
    found = []
    for member in books.members:
        balance = books.ledger.balance(member.key)
        person = books.people[member.key]
        own = books.ledger.spans.get(member.key, [])
        coming = (each for each in books.shifts if each.person_id == person.pk)
        found.append(
            Standing(
                person, colours[member.key],
                owed=balance.owed / _WEIGHTED_HOUR, served=balance.served / _WEIGHTED_HOUR,
                hours=balance.minutes / 60, odd_hours=balance.odd_minutes / 60,
                share=100 * _hours(window, own) / whole if whole else 0.0,
                next=next((each for each in coming if each.ends_at > at), None),
                note=_note(member.left, member.qualified is None, at.date()),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-each.owed, str(each.person)))


def _note(left: date | None, is_unqualified: bool, today: date) -> str:  # noqa: FBT001
    if left is not None:
        return f"{'left' if left <= today else 'leaves'} on {left:%-d %b %Y}"
    return "not qualified any more" if is_unqualified else ""


def _hours(window: Span, spans: Sequence[Span]) -> float:
    inside = (min(end, window[1]) - max(begin, window[0]) for begin, end in spans)
    return sum((each for each in inside if each > timedelta()), timedelta()) / _HOUR


def _notes(books: Books, at: datetime) -> Iterator[str]:
    """What is worth knowing of the rotation as a whole."""
    here = [each for each in books.members if each.left is None and each.qualified is not None]
    if books.members and (few := rotation_plan.too_few(len(here), books.terms)):
        yield few
    if promised := _after_the_end(books, at):
        yield (
            f"It ends on {books.rota.ends_on:%-d %b %Y}, and {promised} published from then on: "
            "whoever has them is asked first all the same."
        )
    if not books.bands:
        return
    for since, until in holes(books.bands, at.date()):
        yield f"No band covers {span_in_words(since, until)}: nobody is on duty then."
    for one, other in doubled(books.bands, at.date()):
        yield f"“{one}” and “{other}” overlap: two people are on duty at once then."


def _after_the_end(books: Books, at: datetime) -> str:
    """What is published is a promise, also where the rotation was ended later; "" for nothing."""
    ends = books.rota.ends_on
    coming = (each for each in books.shifts if each.ends_at > at)
    number = sum(books.slot(each).on >= ends for each in coming) if ends else 0
    return f"{number} shift{'s are' if number > 1 else ' is'}" if number else ""
