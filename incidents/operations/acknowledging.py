"""Acknowledging: somebody has a message, so it goes no further way; and what people reply.

Whoever brings the link of a message, or replies its code from the address it went to, is its
recipient: the link is signed with the secret of this installation and can do nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q, QuerySet

from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage, Reply
from incidents.models.people import Person
from incidents.operations import composing, fallback, paging, records, standing
from incidents.rules import ways
from incidents.rules.reasons import NotPermitted, Refused

# As long as anybody may still want to say that they have it.
LINK_HOLDS = timedelta(days=14)
CALLED = fallback.CALLED
OWN = "incidents.acknowledge_outboxmessage"
_SALT = "incidents.acknowledging"
_WORD = re.compile(rf"[A-Z0-9]{{{composing.CODE_LENGTH}}}")

Means, Status = OutboxMessage.Means, OutboxMessage.Status


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What came of it: whether it was new, whether a call was answered, and why not."""

    message: OutboxMessage
    is_new: bool
    has_answered: bool = False
    why_not: str = ""


def link(message: OutboxMessage) -> str:
    """The path at which its recipient acknowledges it; empty where nothing waits for that."""
    if not message.code or message.recipient_id is None or message.pk is None:
        return ""
    return f"/acknowledge/{Signer(salt=_SALT).sign(str(message.pk))}/"


def message_of(token: str, *, at: datetime) -> OutboxMessage:
    """The message this link was sent in, with its recipient. Refuses `no_such_link`.

    One refusal for a link that was cut off, made up or is too old, and for whoever has left.
    """
    found = OutboxMessage.objects.select_related("recipient").filter(
        pk=_key(token), recipient__is_active=True, created_at__gt=at - LINK_HOLDS
    )
    if message := found.first():
        return message
    raise Refused.because("no_such_link", "This link is not valid, or no longer.")


@transaction.atomic
def acknowledge(message: OutboxMessage, *, means: str, at: datetime) -> Acknowledged:
    """Its recipient has it: whatever would follow it, or others of its kind and topic, ends.

    A call is answered as `paging.answer_call` does it; where that is refused the message is
    acknowledged all the same, and why is said. Once: a second time changes nothing.
    """
    person = _recipient(message)
    # The incident is locked before the message: the same order as whoever withdraws calls.
    answered, why_not = _answer(message, person, at)
    is_new = bool(fallback.end(fallback.chain(message), means=means, at=at))
    if message.topic:
        fallback.end(_alike(message), means=means, at=at)
    message.refresh_from_db()
    if is_new:
        records.audit("acknowledge", message, actor=person, at=at, means=means)
    return Acknowledged(message, is_new, answered, why_not)


@transaction.atomic
def acknowledge_own(message: OutboxMessage, *, actor: Person, at: datetime) -> Acknowledged:
    """The same by somebody signed in. NotPermitted `not_yourself` for another's message."""
    standing.permit_to(actor, OWN)
    if message.recipient_id != actor.pk:
        raise NotPermitted.because("not_yourself", "Only its recipient acknowledges a message.")
    return acknowledge(message, means=Means.ACT, at=at)


@transaction.atomic
def reply(
    channel: str,
    *,
    external_id: str,
    sender: str = "",
    text: str = "",
    payload: Mapping[str, Any],
    problem: str = "",
    at: datetime,
) -> Reply:
    """Keep what came in, once an id; where it bears the code of a message to its sender, that is
    acknowledged. `problem` says why it cannot be read: it is kept and shown all the same.
    """
    made, is_new = Reply.objects.get_or_create(
        channel=channel,
        external_id=external_id[:200],
        defaults={
            "received_at": at,
            "sender": sender[:254],
            "text": text,
            "payload": dict(payload),
            "outcome": Reply.Outcome.UNREADABLE if problem else Reply.Outcome.UNKNOWN,
            "problem": problem[:300],
        },
    )
    if not is_new or problem:
        return made
    if (message := _meant(made, at)) is not None:
        done = acknowledge(message, means=Means.REPLY, at=at)
        made.message, made.outcome = message, Reply.Outcome.ACKNOWLEDGED
        made.problem = done.why_not[:300]
        made.save(update_fields=["message", "outcome", "problem"])
    return made


def _key(token: str) -> int:
    try:
        return int(Signer(salt=_SALT).unsign(token))
    except (BadSignature, ValueError):
        return 0


def _recipient(message: OutboxMessage) -> Person:
    """Refuses `nobody_to_acknowledge` for what was sent to no person, or to one who has left."""
    if message.recipient is None or not message.recipient.is_active:
        raise Refused.because("nobody_to_acknowledge", "Nobody can acknowledge this message.")
    return message.recipient


def _answer(message: OutboxMessage, person: Person, at: datetime) -> tuple[bool, str]:
    """Whether the call behind this message is answered by it now, and why not."""
    if message.kind != CALLED or message.acknowledged_at is not None:
        return False, ""
    incident = Incident.objects.visible_to(person).filter(reference=message.topic).first()
    if incident is None:
        return False, ""
    try:
        with transaction.atomic():
            paging.answer_call(incident, actor=person, at=at)
    except Refused as refused:
        return False, str(refused)
    return True, ""


def _alike(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    """What else of this kind about the same thing would still go a further way to the person."""
    return OutboxMessage.objects.filter(
        recipient=message.recipient_id,
        topic=message.topic,
        kind=message.kind,
        fall_back_at__isnull=False,
    )


def _meant(made: Reply, at: datetime) -> OutboxMessage | None:
    """The newest message to the sender of which the text bears the code; one query."""
    codes = {
        word for word in re.split(r"[^A-Z0-9]+", made.text.upper()) if _WORD.fullmatch(word)
    }
    if not codes or not made.sender:
        return None
    # What was just accepted may not be settled yet: it waits for that as it did to be sent.
    out = Q(status=Status.SENT, sent_at__gt=at - LINK_HOLDS) | Q(status=Status.PENDING)
    rows = OutboxMessage.objects.filter(
        out, channel=made.channel, code__in=codes, recipient__is_active=True
    )
    sender = ways.same(made.channel, made.sender)
    for message in rows.select_related("recipient").order_by("-id")[:50]:
        if ways.same(message.channel, message.address) == sender:
            return message
    return None
