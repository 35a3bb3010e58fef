"""The outbox as a queue: claim, settle, fail, release; and send a dead message again.

Every write is conditional on the claim, so whoever comes late with an old claim changes nothing.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from incidents.models import Channel, OutboxMessage, Person
from incidents.operations import records, standing
from incidents.rules.reasons import Refused

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MAX_ATTEMPTS = 10  # with the pauses between them, some three hours

Status = OutboxMessage.Status


def claim(
    at: datetime,
    *,
    channel: str = Channel.EMAIL,
    urgent: bool | None = None,
    limit: int,
    lease: timedelta,
) -> Sequence[OutboxMessage]:
    """Take what is due by this channel for the length of the lease; never what another worker holds.

    `urgent`: pages alone, or all but pages; None: all.

    The attempt is counted when it fails, not here: a worker that dies must not use up the
    attempts of messages it never tried.
    """
    token, until = uuid4().hex, at + lease
    with transaction.atomic():
        due = OutboxMessage.objects.due(at).filter(channel=channel, **_of(urgent=urgent))
        taken = list(due.select_for_update(skip_locked=True)[:limit])
        rows = OutboxMessage.objects.filter(pk__in=[message.pk for message in taken])
        rows.update(claim=token, next_attempt_at=until)
    for message in taken:
        message.claim, message.next_attempt_at = token, until
    return taken


def _of(*, urgent: bool | None) -> dict[str, int]:
    if urgent is None:
        return {}
    page = OutboxMessage.Priority.PAGE
    return {"priority": page} if urgent else {"priority__gt": page}


def settle(message: OutboxMessage, *, at: datetime) -> bool:
    """The channel accepted it; False when the claim was lost meanwhile."""
    return _held(message).update(status=Status.SENT, sent_at=at, claim="", last_error="") == 1


def fail(message: OutboxMessage, *, error: str, permanent: bool, at: datetime) -> str:
    """The channel did not accept it: the new status, dead when trying again is pointless."""
    attempts = message.attempts + 1
    status = Status.DEAD if permanent or attempts >= MAX_ATTEMPTS else Status.PENDING
    _held(message).update(
        status=status,
        attempts=attempts,
        claim="",
        next_attempt_at=at + pause(message, attempts),
        last_error=records.one_line(error)[:300],
        # What bears a code may go a further way: the sweep looks which, if any.
        **({"fall_back_at": at} if status == Status.DEAD and message.code else {}),
    )
    return status


def release(messages: Sequence[OutboxMessage], *, error: str = "", at: datetime) -> None:
    """Give back, due again at this instant, what was claimed and not tried; keeps why, if told."""
    claims = {message.claim for message in messages}
    held = OutboxMessage.objects.filter(pk__in=[message.pk for message in messages])
    why = {"last_error": records.one_line(error)[:300]} if error else {}
    held.filter(claim__in=claims, status=Status.PENDING).update(
        claim="", next_attempt_at=at, **why
    )


def void(*, topic: str, kind: str, at: datetime) -> int:
    """Withdraw what is held back until after `at`; how many. What is due or claimed is sent.

    A void message gives its key free: when the same is promised anew, it is composed anew.
    """
    return _void(_waiting(topic).filter(kind=kind, next_attempt_at__gt=at))


def shut_out(*, topic: str, keep: QuerySet[Person]) -> int:
    """Withdraw whatever waits on this topic for anybody but these; how many. Claimed is sent."""
    return _void(_waiting(topic).exclude(recipient__in=keep.values("pk")))


def _waiting(topic: str) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(topic=topic, status=Status.PENDING, claim="")


def _void(rows: QuerySet[OutboxMessage]) -> int:
    freed = Concat("dedupe_key", Value(":void:"), Cast("pk", CharField()))
    return rows.update(status=Status.VOID, dedupe_key=freed)


def pause(message: OutboxMessage, attempts: int) -> timedelta:
    """Twice as long after each attempt, and up to a quarter more by the row and attempt.

    The quarter keeps messages that failed together from coming back together; it follows from
    the row, so that a test, and whoever reads the row, can foresee it.
    """
    doubled: timedelta = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    spread = zlib.crc32(f"{message.pk}:{attempts}".encode()) / 2**32 / 4
    return min(doubled, LONGEST_PAUSE) * (1 + spread)


def resend(message: OutboxMessage, *, actor: Person, at: datetime) -> OutboxMessage:
    """Put a dead message back into the queue with all its attempts; only a dead one."""
    with transaction.atomic():
        locked = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        _require_resend(locked, actor)
        locked.status, locked.attempts, locked.next_attempt_at = Status.PENDING, 0, at
        locked.save(update_fields=["status", "attempts", "next_attempt_at"])
        records.audit("resend", locked, actor=actor, at=at, last_error=locked.last_error)
    return locked


def _require_resend(message: OutboxMessage, actor: Person) -> None:
    standing.permit_to(actor, "incidents.resend_outboxmessage")
    if message.status != Status.DEAD:
        raise Refused.because(
            "message_not_dead",
            f"This message is {message.status}: only a dead one is sent again by hand.",
        )


def _held(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        pk=message.pk, claim=message.claim, status=Status.PENDING
    )
