"""Due instants in words, and the address of what is due."""

from datetime import datetime, timedelta

from django.db.models import Model
from django.urls import reverse

from incidents.models import Person
from incidents.rules import hours

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def how_late(due_at: datetime, at: datetime) -> str:
    """Such as "due in 3 days" or "2 hours late", in whole units rounded down."""
    if at < due_at:
        return f"due in {_amount(due_at - at)}"
    return f"{_amount(at - due_at)} late"


def on_the_clock(instant: datetime, reader: Person) -> str:
    """The instant as the reader's clock shows it, with the zone's name."""
    local = instant.astimezone(hours.zone(reader.time_zone))
    return f"{local:%-d %B %Y %H:%M} {local.tzinfo}"


def page(row: Model) -> str:
    """The path of the row's page on this site."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _amount(time: timedelta) -> str:
    for unit, name in ((_DAY, "day"), (_HOUR, "hour")):
        if count := time // unit:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than an hour"
