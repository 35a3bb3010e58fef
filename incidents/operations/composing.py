"""Messages: what an act promises to tell somebody, put into the outbox in the act's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.models.private import seers
from incidents.operations.records import one_line


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
    channel: str = ""  # the law's own wish; empty: as the person wants to be reached
    may_wait: bool = False  # for the end of quiet hours, weekends and holidays
    as_digest: bool = False  # said in the person's next digest, not by itself
    is_optional: bool = False  # the person may unsubscribe from its kind


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
            due_at=message.not_before or at,
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
