"""Fallback: what nobody acknowledged in time, or could not be sent, goes the recipient's next way."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from incidents.models.calling import EscalationCall
from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Person
from incidents.models.records import AuditEvent
from incidents.models.timeline import TimelineEntry
from incidents.operations import composing, ways
from incidents.operations.ways import Route

BATCH = 200  # messages of one look; however many are due, none is left for the next sweep
TRY_AGAIN_AFTER = timedelta(minutes=2)
CALLED = "escalation"  # what `ringing` calls its messages
# Of a call that ended in one of these ways its person is still to hear.
_STILL_CALLED = (EscalationCall.Ended.OPEN, EscalationCall.Ended.TOLD)

Status, Priority, Means = OutboxMessage.Status, OutboxMessage.Priority, OutboxMessage.Means
Say = Callable[[str], None]

logger = logging.getLogger(__name__)


def sweep(at: datetime, say: Say | None = None) -> int:
    """Send by the next way whatever nobody acknowledged until now; how many messages were new.

    Each message is a transaction of its own, claimed by a conditional update, so two sweeps make
    one of it. Nothing follows where the recipient acted meanwhile, left, or may see it no longer,
    where the call or the incident is over, and where no way is left.
    """
    composed = 0
    while keys := list(_due(at).values_list("pk", flat=True)[:BATCH]):
        for key in keys:
            made = _try(key, at)
            composed += made is not None
            if made and say:
                say(f"{made.kind} to {made.recipient} again, by {made.get_channel_display()}")
    return composed


def end(rows: QuerySet[OutboxMessage], *, means: str, at: datetime) -> int:
    """These are acknowledged: nothing follows them any more; how many were not before.

    Whatever of them waits still, because its channel is away, is withdrawn; claimed is sent.
    """
    waiting = rows.filter(acknowledged_at=None)
    keys = list(waiting.values_list("pk", flat=True))
    mine = OutboxMessage.objects.filter(pk__in=keys)
    many = mine.filter(acknowledged_at=None).update(
        acknowledged_at=at, acknowledged_by=means, fall_back_at=None
    )
    mine.filter(status=Status.PENDING, claim="").update(status=Status.VOID)
    return many


def chain(message: OutboxMessage) -> QuerySet[OutboxMessage]:
    """The message by its first way and by every way it went since."""
    root = _root(message)
    return OutboxMessage.objects.filter(dedupe_key__in=[root, *_keys(root, message.way)])


def _due(at: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(fall_back_at__lte=at).order_by("fall_back_at", "pk")


def _try(key: int, at: datetime) -> OutboxMessage | None:
    """What was composed for one message; where that fails, it is tried again later."""
    try:
        with transaction.atomic():
            return _fall_back(key, at)
    except Exception as error:  # whatever one message does, the others must go on
        # The error's own text may quote what the row says of people: only its kind is logged.
        logger.error("fallback of message %s failed: %s", key, type(error).__name__)
        _due(at).filter(pk=key).update(fall_back_at=at + TRY_AGAIN_AFTER)
        return None


def _fall_back(key: int, at: datetime) -> OutboxMessage | None:
    if not _due(at).filter(pk=key).update(fall_back_at=None):
        return None  # another sweep had it, or it was acknowledged
    message = OutboxMessage.objects.select_related("recipient", "follows").get(pk=key)
    person = message.recipient
    if person is None or message.acknowledged_at is not None or not person.is_active:
        return None
    if message.status not in (Status.PENDING, Status.SENT, Status.DEAD):
        return None
    incident = _incident(message)
    if _is_over(message, incident, person):
        return None
    if incident and (acted_at := _acted_at(message, incident, person)):
        end(chain(message), means=Means.ACT, at=acted_at)
        return None
    return _by_next_way(message, person, at)


def _incident(message: OutboxMessage) -> Incident | None:
    if not message.topic:
        return None
    return Incident.objects.filter(reference=message.topic).first()


def _is_over(message: OutboxMessage, incident: Incident | None, person: Person) -> bool:
    """Whether what it is about is over, or the person may see it no longer."""
    if message.kind == CALLED and not _is_still_called(message):
        return True
    if incident is None:
        return False
    # What is composed once an incident is closed, such as a review owed, does not end with it.
    ended = not incident.is_open and (
        message.priority == Priority.PAGE
        or incident.closed_at is None
        or incident.closed_at >= message.created_at
    )
    return ended or Incident.objects.hidden_from(person).filter(pk=incident.pk).exists()


def _is_still_called(message: OutboxMessage) -> bool:
    """Whether the call behind this message was neither answered nor withdrawn; one query."""
    row = _root(message).split(":")[1]
    calls = EscalationCall.objects.filter(pk=int(row) if row.isdecimal() else 0)
    return calls.filter(ended__in=_STILL_CALLED).exists()


def _acted_at(message: OutboxMessage, incident: Incident, person: Person) -> datetime | None:
    """When the recipient first did anything in the incident since; two queries."""
    about = Q(subject_type=incident._meta.label_lower, subject_id=str(incident.pk))
    acts = AuditEvent.objects.filter(about, actor=person, at__gt=message.created_at)
    entries = TimelineEntry.objects.filter(
        incident=incident, author=person, recorded_at__gt=message.created_at
    )
    firsts = (
        acts.order_by("at").values_list("at", flat=True).first(),
        entries.order_by("recorded_at").values_list("recorded_at", flat=True).first(),
    )
    return min((one for one in firsts if one), default=None)


def _by_next_way(message: OutboxMessage, person: Person, at: datetime) -> OutboxMessage | None:
    purpose = ways.purpose_of(message.priority)
    known = ways.of([person], [purpose]).get((person.pk, purpose), ())
    gone = {(row.channel, row.address) for row in chain(message)}
    left = [
        route
        for route in ways.routes(person, known)
        if (route.channel, route.address) not in gone
    ]
    return _put(message, left[0], is_last=len(left) == 1, at=at) if left else None


def _put(
    message: OutboxMessage, route: Route, *, is_last: bool, at: datetime
) -> OutboxMessage | None:
    """The same message by this way; None where it is there already."""
    root, way = _root(message), message.way + 1
    row = OutboxMessage(
        dedupe_key=_keys(root, way)[-1],
        kind=message.kind,
        priority=message.priority,
        recipient=message.recipient,
        role=message.role,
        channel=route.channel,
        address=route.address,
        subject=message.subject,
        body=message.body,
        link=message.link,
        topic=message.topic,
        is_optional=message.is_optional,
        created_at=at,
        due_at=at,
        next_attempt_at=at,
        way=way,
        follows=message,
        fall_back_at=None if is_last else composing.silence_ends(at, route),
        code=message.code or composing.code(root),
    )
    if OutboxMessage.objects.filter(dedupe_key=row.dedupe_key).exists():
        return None
    row.save(force_insert=True)
    return row


def _root(message: OutboxMessage) -> str:
    """The key of the message by its first way."""
    return (
        message.dedupe_key.removesuffix(f":way{message.way}")
        if message.way
        else message.dedupe_key
    )


def _keys(root: str, last: int) -> list[str]:
    return [f"{root}:way{way}" for way in range(1, last + 1)]
