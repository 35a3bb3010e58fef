"""Who would have been nudged: a policy tried on what was owed in a period; nothing is stored.

The words, recipients and ways are those of the real sweep, so what is tried is what would be
sent. What it does not know: an owner, a manager and a due date are taken as they are now, and
sweeps as punctual.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol, TypeAlias

from incidents.models import Incident, Nudged, OutboxMessage, Person
from incidents.operations import composing
from incidents.operations.composing import Message
from incidents.rules.hours import zone
from incidents.rules.nudges import DueStep, Step
from incidents.rules.policy import Policy, steps_between
from incidents.rules.policy_words import at as words_at

MOST_ROWS = 1000
MOST_NUDGES = 10_000

# Of the rows of its own source.
Writer: TypeAlias = Callable[[Any, DueStep], Iterable[Message]]


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that was owed: since when, and until when (None: it still is)."""

    row: Nudged
    title: str
    link: str
    opened_at: datetime
    done_at: datetime | None = None


class Source(Protocol):
    """Where things of one kind are found, and who writes their reminders."""

    @property
    def what(self) -> str:
        """Of which policy."""

    @property
    def kind(self) -> str:
        """Of the messages that remind of it."""

    @property
    def model(self) -> type[Nudged]:
        """The rows it reads."""

    def owed(
        self, reader: Person, /, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Owed]:
        """What was owed at any instant of the period and this person may see; constant queries."""

    def writer(self, policy: Policy, at: datetime, /) -> Writer:
        """What the sweep composes with under this policy, read at this instant."""

    def sample(self, reader: Person, at: datetime, /) -> Owed:
        """An example that stands in no table, for a preview where nothing is owed."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """One message that would have been composed at `at`, and when it would have arrived."""

    at: datetime
    arrives_at: datetime
    person: Person
    role: str
    channel: str
    step: str
    title: str
    link: str
    in_digest: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How often one person would be told, would be by what is stored, and was told."""

    person: Person
    tried: int
    stored: int
    sent: int


@dataclass(frozen=True, slots=True)
class Day:
    """The same of one day, of the reader's zone."""

    on: date
    tried: int
    stored: int
    sent: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What came out; `is_capped` where more was owed, or more would be sent, than was read."""

    nudges: tuple[Nudge, ...]
    people: tuple[Count, ...]
    days: tuple[Day, ...]
    owed: int
    stored: int
    sent: int
    is_capped: bool


def run(
    source: Source,
    policy: Policy,
    stored: Policy,
    *,
    reader: Person,
    since: datetime,
    until: datetime,
) -> Tried:
    """Both policies over the same things, beside what was really composed in the period.

    Of private incidents only what the reader may see counts, in all three.
    """
    owed = source.owed(reader, since=since, until=until, limit=MOST_ROWS + 1)
    rows = owed[:MOST_ROWS]
    tried, is_cut = _nudges(source, policy, rows, since, until)
    # The policy itself is what is stored where nobody changed it: it is not climbed twice.
    same, is_cut_too = (
        (tried, is_cut) if policy == stored else _nudges(source, stored, rows, since, until)
    )
    sent = _sent(source, reader, since, until)
    capped = is_cut or is_cut_too or len(sent) >= MOST_NUDGES
    return Tried(
        nudges=tuple(tried),
        people=tuple(_people(tried, same, sent)),
        days=tuple(_days(tried, same, sent, reader, since, until)),
        owed=len(rows),
        stored=len(same),
        sent=len(sent),
        is_capped=capped or len(owed) > len(rows),
    )


def _nudges(
    source: Source, policy: Policy, rows: Iterable[Owed], since: datetime, until: datetime
) -> tuple[list[Nudge], bool]:
    """In order of arrival, and whether there were more than are counted.

    Whom nothing reaches, and who may not see it, is not told here either.
    """
    # Steps are counted as well: those that tell nobody cost time, too.
    steps = list(islice(_steps(policy, rows, since, until), MOST_NUDGES))
    write = source.writer(policy, until)
    messages = (
        (owed, step, replace(message, not_before=step.at))
        for owed, step in steps
        for message in write(owed.row, step)
    )
    meant = {one[2].key: one for one in islice(messages, MOST_NUDGES)}
    letters = composing.drafts((message for _, _, message in meant.values()), at=until)
    nudges = (
        _nudge(letter, letter.recipient, *meant[letter.dedupe_key][:2])
        for letter in letters
        if letter.recipient is not None
    )
    found = sorted(nudges, key=lambda one: (one.arrives_at, one.person.name, one.title))
    return found, max(len(steps), len(meant)) >= MOST_NUDGES


def _steps(
    policy: Policy, rows: Iterable[Owed], since: datetime, until: datetime
) -> Iterator[tuple[Owed, DueStep]]:
    for owed in rows:
        if owed.row.due_at is None:
            continue
        steps = steps_between(
            policy,
            due_at=owed.row.due_at,
            opened_at=owed.opened_at,
            done_at=owed.done_at,
            since=since,
            until=until,
        )
        yield from ((owed, step) for step in steps)


def _nudge(letter: OutboxMessage, person: Person, owed: Owed, step: DueStep) -> Nudge:
    return Nudge(
        at=step.at,
        arrives_at=letter.due_at,
        person=person,
        role=letter.role,
        channel=letter.channel,
        step=_step_in_words(step),
        title=owed.title,
        link=owed.link,
        in_digest=letter.status == OutboxMessage.Status.HELD,
    )


def _step_in_words(step: DueStep) -> str:
    return f"{words_at(step.step.offset)}{', again' if '#' in step.key else ''}"


def _sent(
    source: Source, reader: Person, since: datetime, until: datetime
) -> list[tuple[int, datetime]]:
    """Whom a message of this kind was composed for, and when; a second way is the same message."""
    hidden = Incident.objects.hidden_from(reader)
    rows = OutboxMessage.objects.filter(
        kind=source.kind,
        created_at__gte=since,
        created_at__lt=until,
        follows=None,
        recipient__isnull=False,
    ).exclude(status=OutboxMessage.Status.VOID)
    seen = rows.exclude(topic__in=hidden.values("reference"))
    found = seen.order_by("pk").values_list("recipient_id", "created_at")[:MOST_NUDGES]
    return [(person, at) for person, at in found if person is not None]


def _people(
    tried: Iterable[Nudge], stored: Iterable[Nudge], sent: Iterable[tuple[int, datetime]]
) -> list[Count]:
    """Whoever would be told most comes first."""
    known = {one.person.pk: one.person for one in (*tried, *stored)}
    really = Counter(person for person, _ in sent)
    known |= Person.objects.in_bulk([pk for pk in really if pk not in known])
    first = Counter(one.person.pk for one in tried)
    second = Counter(one.person.pk for one in stored)
    counts = [Count(person, first[pk], second[pk], really[pk]) for pk, person in known.items()]
    return sorted(counts, key=lambda one: (-one.tried, -one.stored, -one.sent, str(one.person)))


def _days(
    tried: Iterable[Nudge],
    stored: Iterable[Nudge],
    sent: Iterable[tuple[int, datetime]],
    reader: Person,
    since: datetime,
    until: datetime,
) -> Iterator[Day]:
    """Every day of the period, also one on which nobody was told."""
    place = zone(reader.time_zone)
    first = _by_day(place_of(one.at, reader) for one in tried)
    second = _by_day(place_of(one.at, reader) for one in stored)
    really = _by_day(place_of(at, reader) for _, at in sent)
    last = (until - timedelta(microseconds=1)).astimezone(place).date()
    day = since.astimezone(place).date()
    while day <= last:
        yield Day(day, first[day], second[day], really[day])
        day += timedelta(days=1)


def place_of(at: datetime, reader: Person) -> date:
    """The day of this instant where the reader is."""
    return at.astimezone(zone(reader.time_zone)).date()


def _by_day(days: Iterable[date]) -> Mapping[date, int]:
    counts: dict[date, int] = defaultdict(int)
    for day in days:
        counts[day] += 1
    return counts


def preview(source: Source, policy: Policy, step: Step, owed: Owed) -> list[OutboxMessage]:
    """The messages this step would compose of this thing, as unsaved rows; one a recipient.

    They read as at the instant the step is due, and say when they would leave.
    """
    if owed.row.due_at is None:
        return []
    at = owed.row.due_at + step.offset
    write = source.writer(policy, at)
    messages = [
        replace(message, not_before=at)
        for message in write(owed.row, DueStep(step.name, step, at))
    ]
    return composing.drafts(messages, at=at)
