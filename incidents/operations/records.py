"""The three things every act writes beside its facts: an audit line, messages, numbers."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import F

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.private import seers
from incidents.models.records import AuditEvent, AuditHead, Counter, OutboxMessage

SYSTEM = "the system"


def audit(
    verb: str,
    subject: models.Model,
    *,
    actor: Person | None,
    at: datetime,
    **detail: Any,
) -> AuditEvent:
    """Append one line to the chain; call it last in the transaction, since it locks the head.

    `detail` is JSON: dates as ISO 8601. Without an actor the line names the system.
    """
    with transaction.atomic(savepoint=False):
        head = AuditHead.objects.select_for_update().get_or_create(id=1)[0]
        event = AuditEvent(
            sequence=head.sequence + 1,
            at=at,
            actor=actor,
            actor_name=str(actor) if actor else SYSTEM,
            verb=verb,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            subject=str(subject)[:200],
            detail=json.loads(json.dumps(detail, cls=DjangoJSONEncoder)),
            previous_hash=head.hash,
        )
        event.hash = fingerprint(event)
        event.save(force_insert=True)
        AuditHead.objects.filter(id=1).update(sequence=event.sequence, hash=event.hash)
        _grow(subject)
    return event


def _grow(subject: models.Model) -> None:
    """Whoever looks at the incident sees by its revision that there is something new."""
    key = subject.pk if isinstance(subject, Incident) else getattr(subject, "incident_id", None)
    if key is not None:
        Incident.objects.filter(pk=key).update(revision=F("revision") + 1)


def fingerprint(event: AuditEvent) -> str:
    """SHA-256 over everything the line says and the hash of the line before it."""
    said = [
        event.sequence,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.actor_name,
        event.verb,
        event.subject_type,
        event.subject_id,
        event.subject,
        event.detail,
        event.previous_hash,
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line of the chain that does not hold, and what is wrong with it."""

    sequence: int
    what: str


def first_broken_line() -> Broken | None:
    """Walk the whole chain; None when it is intact. Reads every line, in batches."""
    expected, previous = 1, "0" * 64
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            return Broken(expected, f"line {expected} is missing")
        if event.previous_hash != previous:
            return Broken(expected, "it does not follow the line before it")
        if event.hash != fingerprint(event):
            return Broken(expected, "its content was changed after it was written")
        expected, previous = expected + 1, event.hash
    head = AuditHead.objects.filter(id=1).first() or AuditHead()
    if (head.sequence, head.hash) != (expected - 1, previous):
        return Broken(expected, "the end of the chain was cut off")
    return None


def next_number(series: str) -> int:
    """The next number of a gap-free series; rolled back with the transaction that took it."""
    counter = Counter.objects.filter(name=series)
    if not counter.update(value=F("value") + 1):
        Counter.objects.get_or_create(name=series)
        counter.update(value=F("value") + 1)
    return counter.values_list("value", flat=True).get()


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
    priority: int = OutboxMessage.Priority.NOTICE
    not_before: datetime | None = None


def compose(messages: Iterable[Message], *, at: datetime) -> None:
    """Put messages into the outbox inside the act's transaction; a key put there before is not new.

    People who are deactivated or have no address are left out: an escalation shows them as
    unreachable, the outbox holds only what can be sent. Of a private incident hears only who may
    see it, whoever composes.
    """
    _put(_letters(messages, at))


def compose_counted(messages: Iterable[Message], *, at: datetime) -> int:
    """Compose, and say how many were new: one query more, for a sweep that reports it."""
    rows = _letters(messages, at)
    keys = {row.dedupe_key for row in rows}
    known = OutboxMessage.objects.filter(dedupe_key__in=keys).count()
    _put(rows)
    return len(keys) - known


def _put(rows: list[OutboxMessage]) -> None:
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _letters(messages: Iterable[Message], at: datetime) -> list[OutboxMessage]:
    return [
        OutboxMessage(
            dedupe_key=message.key,
            kind=message.kind,
            priority=message.priority,
            recipient=message.to,
            role=message.role,
            address=message.to.email,
            subject=one_line(message.subject)[:250],
            body=message.body,
            link=message.link,
            topic=message.topic,
            created_at=at,
            next_attempt_at=message.not_before or at,
        )
        for message in _without_outsiders(list(messages))
        if message.to.is_active and message.to.email
    ]


def _without_outsiders(messages: list[Message]) -> list[Message]:
    """Leaves out whom a message would tell of a private incident they may not see; one query."""
    topics = {message.topic for message in messages if message.topic}
    if not topics:
        return messages
    private = Incident.objects.filter(reference__in=topics, is_private=True)
    inside = {
        incident.reference: set(seers(incident).values_list("pk", flat=True))
        for incident in private
    }
    return [
        message
        for message in messages
        if message.topic not in inside or message.to.pk in inside[message.topic]
    ]


def page_of(row: models.Model) -> str:
    """The path of a row's page, for a message's `link`; the admin is where people act."""
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def one_line(text: str) -> str:
    """A subject must not carry a line break: it would begin a new mail header."""
    return " ".join(text.split())
