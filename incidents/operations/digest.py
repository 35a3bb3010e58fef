"""The digest: what was held for a person is said in one message, at the time they chose."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from incidents.models import Incident, Nudged, OutboxMessage, Person
from incidents.operations.composing import Message, compose
from incidents.rules import digest as rules
from incidents.rules.digest import Part

KIND = "digest"
# A sweep also sees to pages, so it is not kept for long: the others come with the next one.
MOST_PEOPLE = 500
MOST_PARTS = 1000  # of one digest; what is beyond comes with the next sweep
TRY_AGAIN_AFTER = timedelta(minutes=10)
# What ends a thing that is nudged, as its table calls it.
ENDED_BY = (
    "settled_at", "finished_at", "answered_at", "published_at", "decided_at", "given_at",
)  # fmt: skip

Status = OutboxMessage.Status
Say = Callable[[str], None]

logger = logging.getLogger(__name__)


def sweep(at: datetime, say: Say | None = None) -> int:
    """Compose one digest for each person of whom something is held until now; how many.

    Each person is one transaction, and every part is gathered once whoever else sweeps. Left out
    is what was settled or moved since, and what the person may see no longer; what is of a
    private incident is sent by itself. Somebody whose digest fails does not stop the others.
    """
    composed = 0
    for person in _waited_for(at):
        try:
            with transaction.atomic():
                many = _gather(person, at)
        except Exception as error:  # as with nudges: one must not silence all
            logger.error("digest of person %s failed: %s", person.pk, type(error).__name__)
            _held(person, at).update(next_attempt_at=at + TRY_AGAIN_AFTER)
            continue
        composed += bool(many)
        if many and say:
            say(f"digest to {person.username}: {many}")
    return composed


def _waited_for(at: datetime) -> QuerySet[Person]:
    due = OutboxMessage.objects.filter(status=Status.HELD, next_attempt_at__lte=at)
    return Person.objects.filter(pk__in=due.values("recipient")).order_by("pk")[:MOST_PEOPLE]


def _held(person: Person, at: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        status=Status.HELD, recipient=person, next_attempt_at__lte=at
    )


def _gather(person: Person, at: datetime) -> int:
    """How many parts the digest of this person has; 0 where there is none to be composed."""
    claimed = list(
        _held(person, at).order_by("pk").select_for_update(skip_locked=True)[:MOST_PARTS]
    )
    if not claimed:
        return 0
    if not person.is_active:
        _drop(claimed, "The recipient has left.")
        return 0
    settled = _settled(claimed)
    _drop([part for part in claimed if part.pk in settled], "Settled before the digest came.")
    parts = _without_private(person, [one for one in claimed if one.pk not in settled], at)
    return _compose(person, parts, at) if parts else 0


def _compose(person: Person, parts: Sequence[OutboxMessage], at: datetime) -> int:
    written = [_part(one) for one in parts]
    instant = max(one.next_attempt_at for one in parts).astimezone(UTC)
    # The first part makes it unique: what came late for the same instant has a digest of its own.
    key = f"digest:{person.pk}:{instant.isoformat()}:{parts[0].pk}"
    message = Message(
        key=key,
        kind=KIND,
        to=person,
        subject=rules.subject(written),
        body=rules.body(written),
        link="/admin/",
        priority=OutboxMessage.Priority.DIGEST,
    )
    compose([message], at=at)
    made = OutboxMessage.objects.filter(dedupe_key=key).first()
    if made is None:  # composing leaves out whom nothing reaches
        _drop(parts, "Nothing reaches the recipient.")
        return 0
    _rows(parts).update(status=Status.GATHERED, digest=made)
    return len(parts)


def _part(message: OutboxMessage) -> Part:
    url = f"{settings.SITE_URL}/{message.link.lstrip('/')}" if message.link else ""
    return Part(message.kind, message.subject, url, message.created_at)


def _without_private(
    person: Person, parts: Sequence[OutboxMessage], at: datetime
) -> list[OutboxMessage]:
    """A digest has no topic that would hide it: what is private goes by itself, or not at all."""
    private = Incident.objects.filter(
        reference__in={one.topic for one in parts if one.topic}, is_private=True
    )
    if not (topics := set(private.values_list("reference", flat=True))):
        return list(parts)
    hidden = set(private.hidden_from(person).values_list("reference", flat=True))
    _drop([one for one in parts if one.topic in hidden], "The incident is private now.")
    alone = [one for one in parts if one.topic in topics - hidden]
    _rows(alone).update(status=Status.PENDING, next_attempt_at=at)
    return [one for one in parts if one.topic not in topics]


def _settled(parts: Iterable[OutboxMessage]) -> set[int]:
    """The parts whose thing was done, or is due at another instant, since; one query a kind.

    Known from the key of a nudge (`nudges.key`): table, row, due instant. Whatever has another
    key is said as it was composed.
    """
    said: dict[type[Nudged], list[tuple[OutboxMessage, str, str]]] = defaultdict(list)
    for part in parts:
        if found := _source(part.dedupe_key):
            model, row, due_at = found
            said[model].append((part, row, due_at))
    settled: set[int] = set()
    for model, some in said.items():
        owed = {
            str(row.pk): row.due_at.astimezone(UTC).isoformat()
            for row in _owed(model, [row for _, row, _ in some])
            if row.due_at
        }
        settled |= {part.pk for part, row, due_at in some if owed.get(row) != due_at}
    return settled


def _owed(model: type[Nudged], keys: Sequence[str]) -> QuerySet[Nudged]:
    columns = {field.name for field in model._meta.fields}
    ended = {f"{name}__isnull": True for name in ENDED_BY if name in columns}
    return model._base_manager.filter(pk__in=keys, **ended).only("pk", "due_at")


def _source(key: str) -> tuple[type[Nudged], str, str] | None:
    """The table, the row and the due instant that a nudge's key begins with."""
    label, _, rest = key.partition(":")
    row, _, rest = rest.partition(":")
    # The instant has colons itself: step and person are the last two.
    due_at = rest.rsplit(":", 2)[0]
    # Of every app: tables above this one are nudged, too.
    model = {one._meta.label_lower: one for one in Nudged.__subclasses__()}.get(label)
    return (model, row, due_at) if model and row.isdecimal() else None


def _rows(parts: Iterable[OutboxMessage]) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(Q(status=Status.HELD), pk__in=[one.pk for one in parts])


def _drop(parts: Sequence[OutboxMessage], why: str) -> None:
    """Void, and its key free: what is promised anew is composed anew."""
    if parts:
        freed = Concat("dedupe_key", Value(":void:"), Cast("pk", CharField()))
        _rows(parts).update(status=Status.VOID, dedupe_key=freed, last_error=why)
