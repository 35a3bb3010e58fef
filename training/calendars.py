"""Calendars out: invitations for mail clients (RFC 5546) and feeds that calendars subscribe to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from unicodedata import category

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vText, vUri

Method = Literal["REQUEST", "CANCEL"]

_PRODUCT = "-//Incident governance//Practice//EN"
# How often a subscribed calendar may ask again; whoever shows more often shows nothing newer.
_REFRESH = timedelta(hours=1)
NEEDS_ACTION, ACCEPTED, DECLINED = "NEEDS-ACTION", "ACCEPTED", "DECLINED"


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks, or who is asked; `answer` is what the latter said."""

    name: str
    email: str
    answer: str = NEEDS_ACTION


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a calendar: [starts_at, ends_at) in UTC, or the whole day `on`.

    `uid` stays the same as long as the thing does, `sequence` grows when it changes, `stamp` is
    when it last did. `remind_before` rings in the reader's calendar; not busy leaves them free.
    """

    uid: str
    summary: str
    stamp: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    on: date | None = None
    sequence: int = 0
    description: str = ""
    url: str = ""
    remind_before: tuple[timedelta, ...] = ()
    is_busy: bool = True


def invitation(entry: Entry, *, method: Method, to: Party, by: Party) -> str:
    """The iCalendar object in which one person asks another to come, or says they need not."""
    event = _event(entry)
    event.add("ORGANIZER", _address(by), encode=False)
    event["STATUS"] = vText("CANCELLED" if method == "CANCEL" else "CONFIRMED")
    attendee = _address(to)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    if method == "REQUEST":
        attendee.params["PARTSTAT"] = to.answer
        attendee.params["RSVP"] = "TRUE"
    event.add("ATTENDEE", attendee, encode=False)
    calendar = _calendar([event])
    calendar["METHOD"] = vText(method)
    return _written(calendar).decode()


def feed(entries: Iterable[Entry], *, name: str) -> bytes:
    """A calendar with all of these, called `name`; the same entries give the same bytes."""
    calendar = _calendar(_event(entry) for entry in entries)
    calendar["NAME"] = calendar["X-WR-CALNAME"] = vText(name)
    calendar.add("REFRESH-INTERVAL", vDuration(_REFRESH), {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    return _written(calendar)


def _written(calendar: Calendar) -> bytes:
    text: bytes = calendar.to_ical()
    return text


def _calendar(events: Iterable[Event]) -> Calendar:
    calendar = Calendar()
    calendar["VERSION"], calendar["PRODID"] = vText("2.0"), vText(_PRODUCT)
    calendar["CALSCALE"] = vText("GREGORIAN")
    for event in events:
        calendar.add_component(event)
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event["UID"], event["SUMMARY"] = vText(entry.uid), vText(_clean(entry.summary))
    event.add("DTSTAMP", entry.stamp)
    event.add("SEQUENCE", entry.sequence)
    event["TRANSP"] = vText("OPAQUE" if entry.is_busy else "TRANSPARENT")
    if entry.on is not None:
        event.add("DTSTART", entry.on)
        event.add("DTEND", entry.on + timedelta(days=1))
    elif entry.starts_at is not None and entry.ends_at is not None:
        event.add("DTSTART", entry.starts_at)
        event.add("DTEND", entry.ends_at)
    if entry.description:
        event["DESCRIPTION"] = vText(_clean(entry.description))
    if entry.url:
        event["URL"] = vUri(entry.url)
    for before in entry.remind_before:
        event.add_component(_alarm(entry, before))
    return event


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.email}")
    address.params["CN"] = _clean(party.name).replace("\n", " ")
    return address


def _clean(text: str) -> str:
    """Without control characters, which no calendar reads (RFC 5545, 3.1)."""
    return "".join(each for each in text if each == "\n" or category(each) != "Cc")


def _alarm(entry: Entry, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm["ACTION"], alarm["DESCRIPTION"] = vText("DISPLAY"), vText(_clean(entry.summary))
    alarm.add("TRIGGER", -before)
    return alarm
