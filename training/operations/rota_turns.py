"""Turns: shifts of one band that one person serves day after day, told of as one thing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from incidents.models import Shift
from incidents.rules.hours import zone

# From the end of one day's shift to the next day's: longer is another turn.
_NEXT_DAY = timedelta(hours=30)


@dataclass(slots=True)
class Turn:
    """Consecutive shifts of one person, or of nobody, in one band of one rotation."""

    shifts: list[Shift] = field(default_factory=list)

    @property
    def first(self) -> Shift:
        """The one it begins with."""
        return self.shifts[0]

    @property
    def last(self) -> Shift:
        """The one it ends with; also the first, where it is one."""
        return self.shifts[-1]

    @property
    def ends_at(self) -> datetime:
        """When the last of it is over."""
        return self.last.ends_at

    def said(self, where: str = "") -> str:
        """Such as “day, Mon 7 Dec 09:00 to Sun 13 Dec 17:00 (Europe/Rome)”."""
        band = f"{self.first.band}, " if self.first.band else ""
        return f"{band}{span_in_words(self.first.starts_at, self.ends_at, where)}"

    @property
    def days(self) -> str:
        """Such as “Mon 7 Dec to Sun 13 Dec”, in the organisation's zone."""
        home = settings.ORGANISATION_ZONE
        first = self.first.starts_at.astimezone(home)
        last = self.last.starts_at.astimezone(home)
        begins, ends = f"{first:%a %-d %b}", f"{last:%a %-d %b}"
        return begins if begins == ends else f"{begins} to {ends}"


def turns(shifts: Iterable[Shift], *, beside: bool = False) -> Iterator[Turn]:
    """The turns of these shifts, which come in time's order; with `beside` those of shadows."""
    running: dict[tuple[Any, ...], Turn] = {}
    found: list[Turn] = []
    for shift in shifts:
        key = (shift.rota, shift.band, shift.shadow_id if beside else shift.person_id)
        turn = running.get(key)
        if turn is None or shift.starts_at - turn.ends_at > _NEXT_DAY:
            turn = running[key] = Turn()
            found.append(turn)
        turn.shifts.append(shift)
    return iter(found)


def span_in_words(starts_at: datetime, ends_at: datetime, where: str = "") -> str:
    """Both instants by the clock of this zone, UTC unless said, and which zone that is."""
    return f"{hours_in_words(starts_at, ends_at, where)} ({where or 'UTC'})"


def hours_in_words(starts_at: datetime, ends_at: datetime, where: str = "") -> str:
    """The same where the page says the zone once for all of them."""
    at = zone(where or "UTC")
    begins, ends = starts_at.astimezone(at), ends_at.astimezone(at)
    until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%a %-d %b %H:%M}"
    return f"{begins:%a %-d %b %H:%M} to {until}"


def address(shift: Shift) -> str:
    """The page on which a shift is offered, or somebody else put on it."""
    return reverse("admin:incidents_shift_change", args=[shift.pk])


def board(rota: str, shift: Shift | None = None) -> str:
    """The page of a rotation, at the week of this shift."""
    week = f"?week={shift.starts_at:%Y-%m-%d}" if shift else ""
    return f"{reverse('admin:training_rota_board', args=[rota])}{week}"
