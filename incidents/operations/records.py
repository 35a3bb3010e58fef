"""The three things every act writes beside its facts: an audit line, messages, numbers."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import F

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.records import AuditEvent, AuditHead, Counter

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


def one_line(text: str) -> str:
    """A subject must not carry a line break: it would begin a new mail header."""
    return " ".join(text.split())
