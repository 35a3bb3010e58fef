"""The timeline: what people note, and the entry each act leaves of itself."""

from datetime import datetime

from django.db import transaction

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.timeline import TimelineEntry
from incidents.operations import records, standing, words
from incidents.rules.reasons import Invalid


@transaction.atomic
def note(
    incident: Incident,
    *,
    text: str,
    happened_at: datetime | None = None,
    actor: Person,
    at: datetime,
) -> TimelineEntry:
    """Add what a person saw or did; it happened now unless said otherwise, never in the future."""
    standing.lock(incident)
    standing.require("note", incident, actor)
    entry = TimelineEntry.objects.create(
        incident=incident,
        at=happened(happened_at, at),
        source=TimelineEntry.Source.HUMAN,
        text=words.required(text, "text", "Write what happened."),
        author=actor,
        recorded_at=at,
    )
    records.audit("note", incident, actor=actor, at=at, entry=entry.pk, happened_at=entry.at)
    return entry


def record(
    incident: Incident,
    text: str,
    *,
    at: datetime,
    author: Person | None = None,
    happened_at: datetime | None = None,
    source: str = TimelineEntry.Source.ACT,
) -> TimelineEntry:
    """An act's own entry, within the transaction of that act; it may tell of an earlier time.

    `source` is another where the act passes on what something else knows, such as monitoring.
    """
    return TimelineEntry.objects.create(
        incident=incident,
        at=happened_at or at,
        source=source,
        text=text,
        author=author,
        recorded_at=at,
    )


def happened(instant: datetime | None, at: datetime, field: str = "happened_at") -> datetime:
    """When it happened: `at` unless said otherwise; Invalid without an offset or in the future."""
    if instant is None:
        return at
    aware(instant, field)
    if instant > at:
        message = "This lies in the future: give an instant that has passed, or leave it out."
        raise Invalid.because("instant_in_the_future", message, field)
    return instant


def ahead(instant: datetime | None, at: datetime, field: str) -> datetime | None:
    """An instant somebody looks forward to, if any; Invalid without an offset or once passed."""
    if instant is None:
        return None
    aware(instant, field)
    if instant <= at:
        message = "This has passed: give an instant in the future, or leave it out."
        raise Invalid.because("instant_has_passed", message, field)
    return instant


def aware(instant: datetime, field: str) -> None:
    """Invalid `instant_without_offset`: nobody can tell when it is."""
    if instant.tzinfo is None:
        message = (
            "Write the instant with its offset from UTC, such as 2026-11-23T09:00:00+01:00."
        )
        raise Invalid.because("instant_without_offset", message, field)
