"""Messages: what an act promises to tell somebody, put into the outbox in the act's transaction."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.signing import Signer
from django.db import models
from django.db.models import Q, Value

from incidents.models.contact import Muted
from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.models.private import seers
from incidents.operations import exercises, quiet, ways
from incidents.operations.ways import Known, Route
from incidents.rules import fitting

Priority, Status = OutboxMessage.Priority, OutboxMessage.Status

# Without vowels, so that no word comes of it, and without what is mistaken for another.
_LETTERS = "BCDFGHJKLMNPQRTVWXZ346789"
_SALT = "incidents.outbox"
CODE_LENGTH = 6
# The kind of what the public and customers are told: whoever may see the incident, that is out.
PUBLISHED = "published"
# Of which table a row of the one statement is; no purpose is called so.
_MUTED, _CLOSED = "muted", "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to compose. `key` makes it unique: the same key is never composed twice."""

    key: str
    kind: str
    to: Person
    subject: str
    body: str
    link: str = ""
    role: str = ""
    topic: str = ""
    priority: int = Priority.NOTICE
    not_before: datetime | None = None
    channel: str = ""  # the law's own wish; empty: as the person wants to be reached
    address: str = ""  # exactly there, by `channel`, whatever the person wants otherwise
    may_wait: bool = False  # for the end of quiet hours, weekends and holidays
    as_digest: bool = False  # said in the person's next digest, not by itself
    is_optional: bool = False  # the person may unsubscribe from its kind
    calendar: str = ""  # an iCalendar object that goes with it, by e-mail only
    is_lesson: bool = False  # of what an exercise showed: real work, for whoever does it


def compose(messages: Iterable[Message], *, at: datetime) -> None:
    """Put messages into the outbox inside the act's transaction; a key put there before is not new.

    Each goes the first way its recipient can be reached here. People who are deactivated or whom
    no way leads to are left out: an escalation shows them as unreachable, the outbox holds only
    what can be sent. Of a private incident hears only who may see it, of an exercise only who takes
    part in it, whoever composes; nobody hears of a kind they unsubscribed from. Pages wait for
    nothing and are never optional.
    """
    _put(_letters(messages, at))


def compose_counted(messages: Iterable[Message], *, at: datetime) -> int:
    """Compose, and say how many were new: one query more, for a sweep that reports it."""
    rows = _letters(messages, at)
    keys = {row.dedupe_key for row in rows}
    known = OutboxMessage.objects.filter(dedupe_key__in=keys).count()
    _put(rows)
    return len(keys) - known


def drafts(messages: Iterable[Message], *, at: datetime) -> list[OutboxMessage]:
    """The rows that composing these would store, not stored: for a preview, and to try out."""
    return _letters(messages, at)


def _put(rows: list[OutboxMessage]) -> None:
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _letters(messages: Iterable[Message], at: datetime) -> list[OutboxMessage]:
    wanted = [message for message in messages if message.to.is_active]
    known = _known(wanted)
    inside = _inside(known.closed)
    return [
        _letter(_marked(message, inside), reached, at)
        for message in wanted
        if _may_hear(message, inside)
        and not known.is_muted(message)
        and (reached := known.routes(message))
    ]


def _letter(message: Message, reached: Sequence[Route], at: datetime) -> OutboxMessage:
    first, further = reached[0], len(reached) > 1
    status, due_at = _due(message, at)
    row = OutboxMessage(
        dedupe_key=message.key,
        kind=message.kind,
        priority=message.priority,
        recipient=message.to,
        role=message.role,
        channel=first.channel,
        address=first.address,
        subject=fitting.subject(message.subject),
        body=fitting.body(message.body),
        link=message.link,
        topic=message.topic,
        is_optional=_is_optional(message),
        calendar=message.calendar,
        status=status,
        created_at=at,
        due_at=due_at,
        next_attempt_at=due_at,
    )
    if status == Status.PENDING and not message.address and (further or _is_page(message)):
        row.code = code(message.key)
        row.fall_back_at = silence_ends(due_at, first) if further else None
    return row


def silence_ends(from_at: datetime, route: Route) -> datetime | None:
    """When the next way is tried where nobody acknowledges this one; None: by silence never."""
    wait = route.wait_minutes
    return None if wait is None else from_at + timedelta(minutes=wait)


def code(key: str) -> str:
    """What a reply must contain: six letters that only this installation can make of a key."""
    number = int.from_bytes(hashlib.sha256(Signer(salt=_SALT).signature(key).encode()).digest())
    letters = ""
    while len(letters) < CODE_LENGTH:
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters


def _due(message: Message, at: datetime) -> tuple[str, datetime]:
    """Whether it is held for a digest, and from when on it may leave."""
    earliest = message.not_before or at
    if _is_page(message):
        return Status.PENDING, earliest
    if message.as_digest and not message.calendar:  # a digest carries no calendar entry
        return Status.HELD, quiet.digest_at(message.to, earliest)
    waits = quiet.opens_at(message.to, earliest) if message.may_wait else earliest
    return Status.PENDING, waits


def _is_optional(message: Message) -> bool:
    return message.is_optional and not _is_page(message)


def _is_page(message: Message) -> bool:
    return message.priority == Priority.PAGE


@dataclass(frozen=True, slots=True)
class _Known:
    """What decides whether and how messages reach their recipients."""

    ways: Known
    muted: frozenset[tuple[int, str]]
    closed: frozenset[int]  # private ones, and exercises

    def routes(self, message: Message) -> Sequence[Route]:
        if message.address:
            return (Route(message.channel, message.address),)
        mine = self.ways.get((message.to.pk, ways.purpose_of(message.priority)), ())
        return ways.routes(message.to, mine, wish=message.channel)

    def is_muted(self, message: Message) -> bool:
        return _is_optional(message) and (message.to.pk, message.kind) in self.muted


def _known(messages: Sequence[Message]) -> _Known:
    """Ways, muted kinds and closed topics in one statement: every act composes, some twice."""
    arms = [ways.rows(*_to_be_reached(messages))]
    if optional := [message for message in messages if _is_optional(message)]:
        muted = Muted.objects.filter(
            person__in={message.to.pk for message in optional},
            kind__in={message.kind for message in optional},
        )
        arms.append(_arm(muted, "person_id", _MUTED, "kind"))
    if topics := {message.topic for message in messages if message.topic}:
        closed = Q(is_private=True) | Q(kind=Incident.Kind.EXERCISE)
        rows = Incident.objects.filter(closed, reference__in=topics)
        arms.append(_arm(rows, "id", _CLOSED, "reference"))
    found = list(arms[0].union(*arms[1:], all=True)) if arms[1:] else list(arms[0])
    return _Known(
        ways.gathered(row for row in found if row[1] not in (_MUTED, _CLOSED)),
        frozenset((row[0], row[4]) for row in found if row[1] == _MUTED),
        frozenset(row[0] for row in found if row[1] == _CLOSED),
    )


def _to_be_reached(messages: Sequence[Message]) -> tuple[list[Person], set[str]]:
    asked = [message for message in messages if not message.address]
    return (
        [message.to for message in asked],
        {ways.purpose_of(message.priority) for message in asked},
    )


def _arm(rows: models.QuerySet[Any], key: str, what: str, text: str) -> models.QuerySet[Any]:
    """Rows of another table in the columns of `ways.rows`."""
    nothing = Value(0), Value("", models.CharField())
    return rows.order_by().values_list(
        key, Value(what, models.CharField()), *nothing, text, Value(0)
    )


@dataclass(frozen=True, slots=True)
class _Inside:
    """Who may hear of one incident that is not everybody's: a private one, or an exercise."""

    people: Collection[int]
    is_private: bool
    is_exercise: bool


def _may_hear(message: Message, inside: Mapping[str, _Inside]) -> bool:
    """False for whom a message would tell of an incident that is not for their ears."""
    here = inside.get(message.topic)
    if here is None or (message.is_lesson and not here.is_private):
        return True
    return message.to.pk in here.people


def _marked(message: Message, inside: Mapping[str, _Inside]) -> Message:
    """Whatever composed it: a message of an exercise says so first."""
    here = inside.get(message.topic)
    if here is None or not here.is_exercise or message.is_lesson:
        return message
    return replace(message, subject=exercises.marked(message.subject))


def _inside(closed: Collection[int]) -> Mapping[str, _Inside]:
    """Who may hear of each of these incidents; no query where there is none."""
    if not closed:
        return {}
    return {
        incident.reference: _Inside(
            _hearers(incident), incident.is_private, incident.kind == Incident.Kind.EXERCISE
        )
        for incident in Incident.objects.filter(pk__in=closed)
    }


def _hearers(incident: Incident) -> Collection[int]:
    if incident.is_private:
        return set(seers(incident).values_list("pk", flat=True))
    return exercises.participants(incident)


def page_of(row: models.Model) -> str:
    """The path of a row's page, for a message's `link`; the admin is where people act."""
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
