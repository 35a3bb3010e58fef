"""The outbox as a queue: claim, settle, fail, release; and send a dead message again.

Every write is conditional on the claim, so whoever comes late with an old claim changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Channel, Person
from incidents.operations import composing, outlets, records, standing
from incidents.rules import backoff
from incidents.rules.backoff import MAX_ATTEMPTS
from incidents.rules.reasons import Reason, Refused

Status, Priority = OutboxMessage.Status, OutboxMessage.Priority
# Better out of order than not at all: who failed so often holds up nobody behind it.
IN_ORDER_ATTEMPTS = 3
RESEND = "incidents.resend_outboxmessage"
RESEND_AT_MOST = 10_000
_ERROR_LENGTH = 300

# Recipient, or the address of who is no person here; topic, channel, priority.
Lane = tuple[int | str, str, str, int]


def claim(
    at: datetime,
    *,
    channel: str = Channel.EMAIL,
    urgent: bool | None = None,
    limit: int,
    lease: timedelta,
    holder: str = "",
) -> Sequence[OutboxMessage]:
    """Take what is due by this channel for the length of the lease; never what another worker holds.

    `urgent`: pages alone. Otherwise all of it, and pages first: nothing else is taken while one
    is due. Nothing while the outlet is paused, and no more than its rate allows. Within a lane
    (recipient or address, topic, channel, priority) they are taken in the order they were promised.

    `holder` signs the claim, so that what a killed process held can be told (at most 19 characters).

    The attempt is counted when it fails, not here: a worker that dies must not use up the
    attempts of messages it never tried.
    """
    if not _is_any_due(at, channel, urgent=urgent):
        return []  # without a lock: most looks find nothing
    with transaction.atomic():
        # The lock puts the claims of a channel in a line: the rate and the order both need it.
        outlet = outlets.locked(channel)
        room = 0 if outlets.is_paused(outlet, at) else outlets.room(outlet, limit, at)
        taken = _first_due(at, channel, room, urgent=urgent)
        outlets.take(outlet, len(taken), at)
        return _hold(taken, claim=f"{holder}{uuid4().hex[:16]}", until=at + lease)


def _priorities(*, urgent: bool | None) -> Sequence[int]:
    return [Priority.PAGE] if urgent else sorted(Priority.values)


def _is_any_due(at: datetime, channel: str, *, urgent: bool | None) -> bool:
    due = OutboxMessage.objects.due(at).filter(channel=channel)
    return any(due.filter(priority=each).exists() for each in _priorities(urgent=urgent))


def _first_due(
    at: datetime, channel: str, room: int, *, urgent: bool | None
) -> list[OutboxMessage]:
    """One look for each priority: so each begins in the index where it is due."""
    due = OutboxMessage.objects.due(at).filter(_goes_in_order(), channel=channel)
    taken: list[OutboxMessage] = []
    for priority in _priorities(urgent=urgent):
        rows = due.filter(priority=priority).select_for_update(skip_locked=True, of=("self",))
        taken += rows[: room - len(taken)] if room > len(taken) else []
    return taken


def _goes_in_order() -> Q:
    """Not while an earlier one of its lane is held by a worker or waits to be tried again."""
    ahead = OutboxMessage.objects.filter(
        topic=OuterRef("topic"),
        channel=OuterRef("channel"),
        priority=OuterRef("priority"),
        status=Status.PENDING,
        id__lt=OuterRef("id"),
        due_at__lte=OuterRef("due_at"),
        next_attempt_at__gt=OuterRef("next_attempt_at"),
        attempts__lt=IN_ORDER_ATTEMPTS,
    )
    to_person = Exists(ahead.filter(recipient=OuterRef("recipient")))
    to_place = Exists(ahead.filter(recipient=None, address=OuterRef("address")))
    # What belongs to no incident is in no lane.
    return Q(topic="") | Q(~to_person, Q(recipient__isnull=False) | Q(~to_place))


def _hold(
    messages: list[OutboxMessage], *, claim: str, until: datetime
) -> Sequence[OutboxMessage]:
    rows = OutboxMessage.objects.filter(pk__in=[message.pk for message in messages])
    rows.update(claim=claim, next_attempt_at=until)
    for message in messages:
        message.claim, message.next_attempt_at = claim, until
    return messages


def lane(message: OutboxMessage) -> Lane | None:
    """Within which its order is kept; None where it may overtake."""
    if not message.topic:
        return None
    to = message.address if message.recipient_id is None else message.recipient_id
    return to, message.topic, message.channel, message.priority


def holds_up(message: OutboxMessage, status: str) -> bool:
    """Whether what is behind it in its lane waits, now that an attempt ended with this status."""
    return status == Status.PENDING and message.attempts + 1 < IN_ORDER_ATTEMPTS


# As a text of its own: the ORM takes longer to build it than the database to do it.
_SETTLE = f"""
    UPDATE {OutboxMessage._meta.db_table}
    SET status = 'sent', sent_at = %s, claim = '', last_error = ''
    WHERE id = %s AND claim = %s AND status = 'pending'
"""  # noqa: S608 - the name of our own table


def settle(message: OutboxMessage, *, at: datetime) -> bool:
    """The channel accepted it; False when the claim was lost meanwhile."""
    instant = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [instant, message.pk, message.claim])
        return bool(cursor.rowcount == 1)


def fail(message: OutboxMessage, *, error: str, permanent: bool, at: datetime) -> str:
    """The channel did not accept it: the new status, dead when trying again is pointless.

    The dead fall back at once: their recipient may be reached another way.
    """
    attempts = message.attempts + 1
    status = Status.DEAD if permanent or attempts >= MAX_ATTEMPTS else Status.PENDING
    # Only what may be acknowledged bears a code; only that goes another way.
    falls_back = status == Status.DEAD and message.code
    _held(message).update(
        status=status,
        attempts=attempts,
        claim="",
        next_attempt_at=at + backoff.of_message(message.channel, message.pk, attempts),
        last_error=_kept(error),
        **({"fall_back_at": _unless_acknowledged(at)} if falls_back else {}),
    )
    return status


def _unless_acknowledged(at: datetime) -> Case:
    return Case(When(acknowledged_at=None, then=Value(at)), default=None)


def release(messages: Sequence[OutboxMessage], *, error: str = "") -> None:
    """Give back, due as it was, what was claimed and not tried; keeps why, if told."""
    claims = {message.claim for message in messages}
    held = OutboxMessage.objects.filter(pk__in=[message.pk for message in messages])
    why = {"last_error": _kept(error)} if error else {}
    held.filter(claim__in=claims, status=Status.PENDING).update(
        claim="", next_attempt_at=F("due_at"), **why
    )


def claims() -> Sequence[str]:
    """The claims under which messages are held now."""
    held = OutboxMessage.objects.filter(status=Status.PENDING).exclude(claim="").order_by()
    return list(held.values_list("claim", flat=True).distinct())


def free(claims: Sequence[str]) -> int:
    """Give back, due as it was, whatever is held under these claims; how many."""
    held = OutboxMessage.objects.filter(status=Status.PENDING, claim__in=claims)
    return held.update(claim="", next_attempt_at=F("due_at")) if claims else 0


def _kept(error: str) -> str:
    # PostgreSQL stores no NUL, and a server may answer with one.
    return records.one_line(error.replace("\0", ""))[:_ERROR_LENGTH]


def void(*, topic: str, kind: str, at: datetime) -> int:
    """Withdraw what is held back until after `at`; how many. What is due or claimed is sent.

    A void message gives its key free: when the same is promised anew, it is composed anew.
    """
    return _void(_waiting(topic).filter(kind=kind, next_attempt_at__gt=at))


def shut_out(*, topic: str, keep: QuerySet[Person]) -> int:
    """Withdraw what waits on this topic for anybody but these; how many. Claimed or public is sent."""
    others = _waiting(topic).exclude(kind=composing.PUBLISHED)
    return _void(others.exclude(recipient__in=keep.values("pk")))


def _waiting(topic: str) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(topic=topic, status=Status.PENDING, claim="")


def _void(rows: QuerySet[OutboxMessage]) -> int:
    freed = Concat("dedupe_key", Value(":void:"), Cast("pk", CharField()))
    return rows.update(status=Status.VOID, dedupe_key=freed)


def resend(message: OutboxMessage, *, actor: Person, at: datetime) -> OutboxMessage:
    """Put a dead message back into the queue with all its attempts; only a dead one."""
    with transaction.atomic():
        locked = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        standing.permit_to(actor, RESEND)
        if reasons := not_dead(locked):
            raise Refused(*reasons)
        locked.status, locked.attempts, locked.next_attempt_at = Status.PENDING, 0, at
        locked.save(update_fields=["status", "attempts", "next_attempt_at"])
        records.audit("resend", locked, actor=actor, at=at, last_error=locked.last_error)
    return locked


def not_dead(message: OutboxMessage) -> list[Reason]:
    """Why it is not sent again by hand; empty for a dead one."""
    if message.status == Status.DEAD:
        return []
    said = f"This message is {message.status}: only a dead one is sent again by hand."
    return [Reason("message_not_dead", said)]


def seen_by(rows: QuerySet[OutboxMessage], reader: Person) -> QuerySet[OutboxMessage]:
    """Without those about an incident this person may not see, and the digests that told of one."""
    hidden = Incident.objects.hidden_from(reader).values("reference")
    told = OutboxMessage.objects.filter(topic__in=hidden, digest__isnull=False)
    return rows.exclude(topic__in=hidden).exclude(pk__in=told.values("digest"))


def dead(reader: Person) -> QuerySet[OutboxMessage]:
    """Every dead message this person may see."""
    return seen_by(OutboxMessage.objects.filter(status=Status.DEAD), reader)


@transaction.atomic
def resend_many(
    *,
    channel: str = "",
    kind: str = "",
    keys: Sequence[int] = (),
    actor: Person,
    at: datetime,
) -> int:
    """Put every dead message back that the actor may see, or those of a channel, of a kind, these.

    How many; one audit line for all, on the first of them. At most 10,000 at a time, the oldest
    first: say it again for the rest. Refuses `none_dead`.
    """
    standing.permit_to(actor, RESEND)
    rows = dead(actor).filter(**({"channel": channel} if channel else {}))
    rows = rows.filter(**({"kind": kind} if kind else {}))
    rows = rows.filter(**({"pk__in": keys} if keys else {}))
    found = list(
        rows.order_by("pk")
        .select_for_update(of=("self",))
        .only("pk", "subject")[:RESEND_AT_MOST]
    )
    if not found:
        raise Refused.because(
            "none_dead", "No such message is dead: nothing is to be sent again."
        )
    pks = [message.pk for message in found]
    OutboxMessage.objects.filter(pk__in=pks).update(
        status=Status.PENDING, attempts=0, next_attempt_at=at
    )
    records.audit(
        "resend_many", found[0], actor=actor, at=at,
        count=len(pks), channel=channel, kind=kind, first=pks[0], last=pks[-1],
    )  # fmt: skip
    return len(pks)


def _held(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(
        pk=message.pk, claim=message.claim, status=Status.PENDING
    )
