"""Leave taken over from a person's calendar: absences that keep up with the file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.calendar_entries import Entry
from incidents.models.people import Person
from incidents.models.roles import Absence
from incidents.operations import records, standing
from incidents.rules.reasons import NotPermitted, Refused

OWN = "incidents.add_absence"
# What a title says of somebody's leave is nobody else's business: it is not taken over.
REASON = "Leave, from the calendar"
CALLED_OFF = "Called off in the calendar"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the file: so many times added, moved, called off, as they were; and overlaps.

    `overlapping` names what is away twice: each counts, and nothing of it is lost.
    """

    person: Person
    added: int = 0
    changed: int = 0
    called_off: int = 0
    unchanged: int = 0
    overlapping: tuple[str, ...] = ()


@transaction.atomic
def import_leave(
    person: Person,
    entries: Iterable[Entry],
    *,
    is_whole: bool = True,
    actor: Person,
    at: datetime,
) -> Imported:
    """Make what is still to come of this person's leave be as the calendar says; once or again.

    What was moved there is moved, what was cancelled there, or with `is_whole` is missing from it,
    is called off: it ends now, or never was; row history keeps what it had been. What is over and
    what was typed here stays. Refuses another's leave, except to leadership; `no_leave`.
    """
    _permit(person, actor)
    held = Person.objects.select_for_update().get(pk=person.pk)
    told = {entry.uid: entry for entry in entries}
    rows = list(Absence.objects.filter(person=held, ends_at__gt=at).order_by("starts_at", "pk"))
    known = {row.uid: row for row in rows if row.uid}
    wanted = {uid: each for uid, each in told.items() if not each.is_cancelled}
    if not told and not (is_whole and known):
        message = "The calendar holds no leave: choose the one that does."
        raise Refused.because("no_leave", message, "file")
    off = _gone(known, told, is_whole=is_whole)
    moved = [(row, wanted[uid]) for uid, row in known.items() if uid in wanted]
    changed = [_moved(row, entry) for row, entry in moved if _span(row) != _span(entry)]
    new = _new(held, wanted.values(), known, at)
    for row in off:
        _call_off(row, at)
    _write(new, [*changed, *off], actor, at)
    result = Imported(
        person=held, added=len(new), changed=len(changed), called_off=len(off),
        unchanged=len(moved) - len(changed),
        overlapping=_overlapping([*(row for row in rows if row not in off), *new]),
    )  # fmt: skip
    records.audit(
        "import_leave", held, actor=actor, at=at,
        added=result.added, changed=result.changed, called_off=result.called_off,
    )  # fmt: skip
    return result


def _permit(person: Person, actor: Person) -> None:
    standing.permit_to(actor, OWN)
    if person.pk != actor.pk and not actor.has_perm(standing.LEAD):
        message = f"Only {person}, or leadership, says when {person} is away."
        raise NotPermitted.because("not_yourself", message)


def _gone(
    known: dict[str, Absence], told: dict[str, Entry], *, is_whole: bool
) -> list[Absence]:
    """What was to come and is no more: cancelled, left out of its series, or missing altogether."""
    series = {entry.series for entry in told.values()}
    return [
        row
        for uid, row in known.items()
        if (told[uid].is_cancelled if uid in told else is_whole or _series(uid) in series)
    ]


def _series(uid: str) -> str:
    return uid.rpartition("#")[0] or uid


def _span(one: Absence | Entry) -> tuple[datetime, datetime]:
    return one.starts_at, one.ends_at


def _moved(row: Absence, entry: Entry) -> Absence:
    row.starts_at, row.ends_at, row.reason = entry.starts_at, entry.ends_at, REASON
    return row


def _new(
    person: Person, wanted: Iterable[Entry], known: Iterable[str], at: datetime
) -> list[Absence]:
    """Rows for what is not over; what was called off before comes back as the row it was."""
    coming = [each for each in wanted if each.uid not in known and each.ends_at > at]
    past = Absence.objects.filter(person=person, ends_at__lte=at).exclude(uid="")
    before = {row.uid: row for row in past}
    return [
        _moved(before.get(each.uid) or Absence(person=person, uid=each.uid), each)
        for each in coming
    ]


def _call_off(row: Absence, at: datetime) -> None:
    # A row is never deleted, and an absence has some length: what never began moves out of the way.
    row.starts_at, row.ends_at = min(row.starts_at, at - _INSTANT), at
    row.reason = CALLED_OFF


def _write(new: Sequence[Absence], old: Sequence[Absence], actor: Person, at: datetime) -> None:
    rows = [*old, *(row for row in new if row.pk is not None)]
    bulk_create_with_history(
        [row for row in new if row.pk is None], Absence, default_user=actor, default_date=at
    )
    bulk_update_with_history(
        rows, Absence, ["starts_at", "ends_at", "reason"], default_user=actor, default_date=at
    )


def _overlapping(rows: Iterable[Absence]) -> tuple[str, ...]:
    """The beginnings of those that begin before another is over, as days in UTC."""
    found, until = [], None
    for row in sorted(rows, key=_span):
        if until is not None and row.starts_at < until:
            found.append(f"{row.starts_at.astimezone(UTC):%-d %B %Y}")
        until = row.ends_at if until is None else max(until, row.ends_at)
    return tuple(dict.fromkeys(found))
