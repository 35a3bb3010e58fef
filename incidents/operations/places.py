"""Places: where each audience is spoken to outside this site, and how far an update has come there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from incidents.models.audience import Destination
from incidents.models.broadcast import Broadcast
from incidents.models.incident import Incident
from incidents.models.outbox import OutboxMessage
from incidents.models.people import Channel, Person
from incidents.models.severity import Audience
from incidents.models.update import Update
from incidents.operations import composing, records, standing
from incidents.rules import fitting, places
from incidents.rules.updates import as_published

# What is said to strangers, and what is said within the house.
KIND, INSIDE, TEST = composing.PUBLISHED, "published-inside", "place-test"
MANAGE = "incidents.change_destination"
OUTSIDE = frozenset((Audience.PUBLIC, Audience.CUSTOMERS))
_KEY = re.compile(r"update:(\d+):place:\d+")
_CROWDS = {"subscribers": "Subscribers by e-mail", "customers": "Customers by e-mail"}

Priority, Status = OutboxMessage.Priority, OutboxMessage.Status


def compose(update: Update, *, at: datetime) -> int:
    """Put a published update into the outbox for every active place of its audience; how many.

    Nothing of an exercise goes to any, nothing of a private incident to anybody but customers,
    and what speaks to one customer to no place at all.
    """
    if update.customer_id is not None or not is_heard(update):
        return 0
    there = Destination.objects.filter(audience=update.audience, is_active=True)
    rows = [_row(update, place, at) for place in there]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def is_heard(update: Update) -> bool:
    """Whether its audience hears of this incident beyond those who hold a role in it.

    Of an exercise nobody does, within the house neither. Of a private one customers alone: they
    are written to themselves, and owed it by contract.
    """
    if update.incident.kind == Incident.Kind.EXERCISE:
        return False
    return not update.incident.is_private or update.audience == Audience.CUSTOMERS


def _row(update: Update, place: Destination, at: datetime) -> OutboxMessage:
    return letter(
        update,
        key=f"{_key(update, place)}",
        channel=place.channel,
        address=place.address,
        at=at,
    )


def _key(update: Update, place: Destination) -> str:
    return f"update:{update.pk}:place:{place.pk}"


def letter(
    update: Update,
    *,
    key: str,
    address: str,
    channel: str = Channel.EMAIL,
    priority: int = Priority.NOTICE,
    at: datetime,
) -> OutboxMessage:
    """One message to somebody who is no person here, in the words published; not stored."""
    return OutboxMessage(
        dedupe_key=key,
        kind=KIND if update.audience in OUTSIDE else INSIDE,
        priority=priority,
        channel=channel,
        address=address,
        subject=fitting.subject(subject(update)),
        body=fitting.body(words(update)),
        link=link(update),
        topic=update.incident.reference,
        created_at=at,
        due_at=at,
        next_attempt_at=at,
    )


def words(update: Update) -> str:
    """As everybody reads it."""
    corrected = update.corrects.published_at if update.corrects else None
    return as_published(update.text, corrected)


def subject(update: Update) -> str:
    """To strangers the services and how they are; within the house the reference as well."""
    if update.audience in OUTSIDE:
        return title(update)
    incident = update.incident
    exercise = "EXERCISE " if incident.kind == Incident.Kind.EXERCISE else ""
    called = f"{exercise}{incident.reference}"
    return f"{called}: {update.audience} update, {update.get_stage_display().lower()}"


def title(update: Update) -> str:
    """In public words alone."""
    names = [str(one["name"]) for one in update.services if one.get("name")]
    return places.title(names, update.stage, update.impact)


def link(update: Update) -> str:
    """Where more is to be read: the public on the status page, the house on the incident's."""
    if update.audience == Audience.PUBLIC:
        return f"/status/incidents/{update.incident.reference.lower()}.html"
    # Customers have no page here: what is said to them alone stands in the message.
    return "" if update.audience == Audience.CUSTOMERS else composing.page_of(update.incident)


def update_of(message: OutboxMessage) -> Update | None:
    """The update that this message takes to a place; None for any other message."""
    found = _KEY.fullmatch(message.dedupe_key)
    if not found:
        return None
    rows = Update.objects.select_related("incident", "corrects")
    return rows.filter(pk=int(found[1])).first()


@transaction.atomic
def send_test(destination: Destination, *, actor: Person, at: datetime) -> OutboxMessage:
    """Put a message into the outbox that says no more than that it is a test.

    On a page of Statuspage nothing is shown: that it is there and lets us in is all that is tried.
    """
    standing.permit_to(actor, MANAGE)
    message = OutboxMessage.objects.create(
        dedupe_key=f"{TEST}:{destination.pk}:{at.isoformat()}",
        kind=TEST,
        channel=destination.channel,
        address=destination.address,
        subject=fitting.subject(f"Test: updates for {destination.name}"),
        body=f"{actor} tries whether updates reach this place. Nothing has happened; "
        "nobody has to do anything.",
        created_at=at,
        due_at=at,
        next_attempt_at=at,
    )
    records.audit("send_test", destination, actor=actor, at=at, message=message.pk)
    return message


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a published update has come at one place, or with one crowd."""

    name: str
    channel: str  # in words
    state: str  # sent, waiting, failing, dead
    at: datetime | None  # sent then; else tried (again) from then on
    note: str  # what the page says of it
    url: str  # where a dead one is sent again; else empty


def reached(updates: Sequence[Update]) -> dict[int, list[Reach]]:
    """By the key of each published update: places first, by name, then crowds.

    Two queries however many there are: places with what was sent there, and crowds.
    """
    published = [one for one in updates if one.status == Update.Status.PUBLISHED]
    found: dict[int, list[Reach]] = {update.pk: [] for update in published}
    if not published:
        return found
    for key, one in chain(_at_places(published), _in_crowds(published)):
        found[key].append(one)
    return found


# By SQL: a message names its update and its place in its key alone, which is what finds it.
_AT_PLACES = f"""
    SELECT message.*, published.id AS of_update, place.name AS place
    FROM {Update._meta.db_table} published
    CROSS JOIN {Destination._meta.db_table} place
    JOIN {OutboxMessage._meta.db_table} message
      ON message.dedupe_key = 'update:' || published.id || ':place:' || place.id
    WHERE published.id IN ({{keys}})
    ORDER BY place.name, place.id
"""  # noqa: S608 - the names of our own tables


def _at_places(updates: Sequence[Update]) -> Iterator[tuple[int, Reach]]:
    keys = [update.pk for update in updates]
    wanted = _AT_PLACES.format(keys=", ".join(["%s"] * len(keys)))
    for message in OutboxMessage.objects.raw(wanted, keys):
        said = vars(message)  # the two columns that are no fields
        yield said["of_update"], _of_place(said["place"], message)


def _of_place(name: str, message: OutboxMessage) -> Reach:
    channel = str(Channel(message.channel).label)
    if message.status == Status.SENT:
        when = message.sent_at
        return Reach(name, channel, "sent", when, f"sent at {_clock(when)}", "")
    if message.status == Status.DEAD:
        note = f"given up after {_times(message.attempts)}: {message.last_error}"
        return Reach(name, channel, "dead", None, note, composing.page_of(message))
    if message.status == Status.VOID:
        return Reach(name, channel, "void", None, "withdrawn before it left", "")
    when = message.next_attempt_at
    if not message.last_error:
        return Reach(name, channel, "waiting", when, "waits to be sent", "")
    tried = f"tried {_times(message.attempts)}" if message.attempts else "waits"
    note = f"{tried}: {message.last_error}"
    return Reach(name, channel, "failing", when, note, composing.page_of(message))


def _in_crowds(updates: Sequence[Update]) -> Iterator[tuple[int, Reach]]:
    about = OuterRef("update__incident__reference")
    # Those that wait, and those that are dead, lie in an index each; the many that were sent do
    # not. As an expression a topic leads no database to look through all of these.
    dead = OutboxMessage.objects.alias(about=Concat("topic", Value("")))
    asked = Broadcast.objects.filter(update__in=[one.pk for one in updates]).annotate(
        waiting=_count(
            OutboxMessage.objects.filter(status=Status.PENDING, recipient=None, topic=about)
        ),
        dead=_count(dead.filter(status=Status.DEAD, about=about)),
    )
    for one in asked.select_related("update__incident"):
        yield one.update_id, _of_crowd(one, one.waiting, one.dead)


def _count(rows: QuerySet[OutboxMessage]) -> Coalesce:
    """Of one crowd: all its messages were promised in the instant it was asked for."""
    crowd = rows.filter(created_at=OuterRef("asked_at"), priority=CROWD).order_by()
    counted = crowd.values("status").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _of_crowd(one: Broadcast, waiting: int, dead: int) -> Reach:
    name, channel = _CROWDS.get(one.to, one.to), str(Channel.EMAIL.label)
    sent = max(one.composed - waiting - dead, 0)
    said = [f"sent to {sent:,} of {one.composed:,}"]
    if one.finished_at is None:
        said = [f"being written: {one.composed:,} so far"]
    said += [f"{waiting:,} wait"] if waiting else []
    if dead:
        url = "/admin/incidents/outboxmessage/?status__exact=dead"
        address = f"{url}&q={one.update.incident.reference}"
        said.append(f"{dead:,} given up")
        return Reach(name, channel, "dead", None, ", ".join(said), address)
    state = "waiting" if waiting or one.finished_at is None else "sent"
    return Reach(name, channel, state, one.finished_at, ", ".join(said), "")


# What goes to a crowd leaves after what the people at work need.
CROWD = Priority.DIGEST


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _clock(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%H:%M} UTC" if instant else "an unknown time"
