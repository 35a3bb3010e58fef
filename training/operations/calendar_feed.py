"""The address at which a person's calendar reads their exercises and shifts; and what it reads.

Whoever knows the address reads it, as with every calendar that is subscribed to: it is kept as a
digest, made anew or ended at will, and tells nothing of anybody else. Who was deactivated since it
was made opens nothing by it any more, even when they come back: who had the address then may have
it still.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from incidents.models import Person, Shift
from incidents.operations import records, standing
from incidents.operations.composing import page_of
from incidents.rules.reasons import Refused
from training.calendars import Entry
from training.models import CalendarFeed, GameDay, GameDayRole, GameDayStaff
from training.operations import invitations

MAKE = "training.make_calendarfeed"
BEFORE, AHEAD = timedelta(days=30), timedelta(days=400)
_TOKEN_BYTES = 32
_READ_EVERY = timedelta(hours=1)
_HELD = (GameDay.Status.PLANNED, GameDay.Status.RUNNING, GameDay.Status.COMPLETED)
_RINGS_BEFORE = (timedelta(minutes=30),)


@transaction.atomic
def make(*, actor: Person, at: datetime) -> str:
    """A new secret for one's own address, told once; the one before opens nothing any more."""
    standing.permit_to(actor, MAKE)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    CalendarFeed.objects.update_or_create(
        person=actor, defaults={"digest": _digest(token), "made_at": at, "read_at": None}
    )
    records.audit("make_calendar_feed", actor, actor=actor, at=at)
    return token


@transaction.atomic
def end(*, actor: Person, at: datetime) -> None:
    """One's own address opens nothing from now on. Refuses `no_address` where there is none."""
    standing.permit_to(actor, MAKE)
    ended, _ = CalendarFeed.objects.filter(person=actor).delete()
    if not ended:
        message = "You have no calendar address: there is nothing to end."
        raise Refused.because("no_address", message)
    records.audit("end_calendar_feed", actor, actor=actor, at=at)


def of_token(token: str) -> CalendarFeed | None:
    """Whose calendar this opens; None for a secret nobody has, and for who has left since. One query."""
    rows = CalendarFeed.objects.select_related("person").filter(~_left())
    return rows.filter(digest=_digest(token), person__is_active=True).first()


def with_ends(rows: QuerySet[CalendarFeed]) -> QuerySet[CalendarFeed]:
    """With `is_ended` where its person was deactivated since it was made, whatever they are now."""
    return rows.annotate(is_ended=_left())


def note_read(feed: CalendarFeed, *, at: datetime) -> None:
    """Keep that it was read, to the hour: the owner sees whether anybody still does."""
    if feed.read_at is None or feed.read_at <= at - _READ_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)


def entries(person: Person, *, at: datetime) -> Iterator[Entry]:
    """The person's exercises and shifts around this instant; a constant number of queries.

    What was declined is left out. Times on duty leave the calendar free: one is only called.
    """
    yield from _exercises(person, at)
    yield from _shifts(person, at)


def stamped(rows: QuerySet[Any], otherwise: str) -> QuerySet[Any]:
    """With `stamp`: when each row was last written, by its history, else as this column says."""
    history = rows.model.history
    last = history.filter(**{rows.model._meta.pk.name: OuterRef("pk")}).order_by(
        "-history_date"
    )
    at = Subquery(last.values("history_date")[:1])
    found: QuerySet[Any] = rows.annotate(stamp=Coalesce(at, otherwise))
    return found


def _exercises(person: Person, at: datetime) -> Iterator[Entry]:
    roles = GameDayRole.objects.filter(person=person)
    staff = GameDayStaff.objects.filter(person=person)
    takes_part = Q(pk__in=roles.values("game_day")) | Q(pk__in=staff.values("game_day"))
    rows = GameDay.objects.filter(
        takes_part, status__in=_HELD, starts_at__gt=at - BEFORE, starts_at__lt=at + AHEAD
    ).prefetch_related(
        Prefetch("roles", roles.select_related("role", "person")),
        Prefetch("staff", staff.select_related("person")),
    )
    for day in stamped(rows, "starts_at").order_by("starts_at", "pk"):
        taking = invitations.parts(day)[person]
        if not taking.is_declined:
            yield invitations.entry(day, taking, stamp=day.stamp)


def _shifts(person: Person, at: datetime) -> Iterator[Entry]:
    rows = Shift.objects.filter(Q(person=person) | Q(shadow=person))
    near = rows.within(at - BEFORE, at + AHEAD).select_related("role")
    for shift in stamped(near, "published_at").order_by("starts_at", "pk"):
        what = "On duty" if shift.person_id == person.pk else "Shadowing"
        band = f", {shift.band}" if shift.band else ""
        yield Entry(
            uid=f"shift-{shift.pk}@{invitations.host()}",
            summary=f"{what}: {shift.role.name}{band}",
            stamp=shift.stamp,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            # Why it is theirs names who was passed over and why: read where one signs in.
            url=f"{settings.SITE_URL}{page_of(shift)}",
            remind_before=_RINGS_BEFORE,
            is_busy=False,
        )


def _left() -> Exists:
    return Exists(
        Person.history.filter(
            id=OuterRef("person"), is_active=False, history_date__gt=OuterRef("made_at")
        )
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
