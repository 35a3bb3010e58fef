"""The timeline as pages show it: made ready here, for a template asks ten times as long for each."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from incidents.models import TimelineEntry


class Entry(NamedTuple):
    """One entry: its key, when (for machines and for people), beside what, the words."""

    key: int
    at: str
    when: str
    beside: str
    text: str


def ready(entries: Iterable[TimelineEntry]) -> list[Entry]:
    """In the reader's zone; the authors are loaded."""
    zone = timezone.get_current_timezone()
    return [_entry(one, one.at.astimezone(zone)) for one in entries]


def _entry(one: TimelineEntry, local: datetime) -> Entry:
    source = "" if one.source == TimelineEntry.Source.ACT else one.get_source_display()
    beside = " · ".join(str(part) for part in (source, one.author) if part)
    when = f"{local.day} {local:%b, %H:%M:%S}"
    return Entry(one.pk, local.isoformat(), when, beside, one.text)
