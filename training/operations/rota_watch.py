"""The daily look at rotations: going on with them, gaps, shifts that became doubtful, reminders.

Nobody is put on or taken off a shift here: what is found is said, and leadership acts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models import NudgePolicy, Person, Shift
from incidents.models.records import Heartbeat
from incidents.operations import nudges, obligations
from incidents.rules.owed import Owed
from training.models import Rota
from training.operations import rota_books, rota_publish, shift_changes
from training.operations.rota_books import Books
from training.operations.rota_turns import board, turns
from training.rules import rotation, rotation_plan
from training.rules.rotation import Member

HEARTBEAT = "rotations"
_EVERY = timedelta(hours=1)
_DAY = timedelta(days=1)
_ABOUT = Shift._meta.label_lower
_LONGEST = 250


@dataclass(frozen=True, slots=True)
class Doubt:
    """A published shift that who has it can no longer serve, and why."""

    shift: Shift
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who could be put on some shifts, or why not; `owed_hours` weighted.

    `later` names the first of the further shifts they cannot serve, where they can serve the first.
    """

    person: Person
    owed_hours: float
    why_not: str
    later: str = ""
    may_be_put_on: bool = True  # by leadership, which passes over rest, share and waking hours


def sweep(at: datetime, say: nudges.Say | None = None) -> None:
    """Whatever rotations ask for now; `say` hears one line an act."""
    if _is_due(at):
        shift_changes.lapse(at)
        rota_publish.extend(at, say)
    obligations.tend(NudgePolicy.What.ROTA_GAP, gaps, at=at, say=say, about=_ABOUT)
    obligations.tend(NudgePolicy.What.SHIFT, coming, at=at, say=say, about=_ABOUT)


def gaps(at: datetime, _ahead: timedelta) -> Iterator[Owed]:
    """Shifts that nobody has, and those whose person cannot, as turns; due when they begin.

    Each rotation says how early its gaps are told. Eight queries a rotation that has any shift.
    """
    for rota in Rota.objects.select_related("role").order_by("pk"):
        until = at + rota.gap_days * _DAY
        books = rota_books.read(rota, at=at)
        missing = [
            shift
            for shift in books.shifts
            if shift.person is None and at < shift.starts_at < until
        ]
        for turn in turns(missing):
            title = f"{rota.role.name} ({turn.first.band}), {turn.days}: nobody on duty"
            yield _owed(turn.first, title)
        doubtful = {each.shift.pk: each.why for each in doubts(books, at)}
        for turn in turns(each for each in books.shifts if each.pk in doubtful):
            if turn.first.starts_at < until:
                who, why = turn.first.person, doubtful[turn.first.pk]
                title = f"{rota.role.name} ({turn.first.band}), {turn.days}: {who}, {why}"
                yield _owed(turn.first, title)


def coming(at: datetime, ahead: timedelta) -> Iterator[Owed]:
    """Everybody's turns that have not begun, due when they do; one query."""
    rows = Shift.objects.filter(
        rota__in=Rota.objects.values("pk"),  # the index of shifts by their start begins with it
        person__is_active=True,
        starts_at__gt=at - 2 * _DAY,
        starts_at__lt=at + ahead,
    )
    for turn in turns(rows.select_related("person", "role").order_by("starts_at", "band")):
        first = turn.first
        if first.starts_at > at and first.person is not None:
            said = turn.said(first.person.time_zone)
            title = f"{first.person}'s turn as {first.role.name}: {said}"
            yield _owed(first, title, first.person_id)


def doubts(books: Books, at: datetime) -> list[Doubt]:
    """Published shifts still to begin whose person is away, not qualified, or takes no turns."""
    found = []
    for shift in books.shifts:
        if shift.starts_at <= at or shift.person is None:
            continue
        if why := _doubt(books, shift, books.member(shift.person)):
            found.append(Doubt(shift, why))
    return found


def whom_to_ask(books: Books, shifts: Sequence[Shift]) -> list[Asked]:
    """The members, whom to ask for these in front, each with why they cannot; to propose, not to act."""
    book, first = books.without(shifts), shifts[0]
    slots = [books.slot(each) for each in shifts]
    people = [each for each in books.members if each.is_member(slots[0])]
    return [
        Asked(
            books.people[one.member.key],
            books.ledger.balance(one.member.key).owed / 6000,
            "serves it now" if _serves(first, one.member) else one.why,
            one.later,
            not (one.is_barred or _serves(first, one.member)),
        )
        for one in rotation_plan.ranked(slots, people, book)
    ]


def _serves(shift: Shift, member: Member) -> bool:
    return shift.person is not None and shift.person.username == member.key


def _doubt(books: Books, shift: Shift, member: Member | None) -> str:
    if member is None or member.qualified is None:
        return "not qualified"
    slot = books.slot(shift)
    if member.left is not None and slot.on >= member.left:
        return "takes no turns any more"
    return rotation.unfitness(member, slot, books.terms)


def _owed(shift: Shift, title: str, owner: int | None = None) -> Owed:
    return Owed(
        str(shift.pk), title[:_LONGEST], board(shift.rota, shift), shift.starts_at, owner
    )


@transaction.atomic
def _is_due(at: datetime) -> bool:
    """Whether nobody looked within the hour; two sweeps at once look once."""
    late = Heartbeat.objects.filter(name=HEARTBEAT).exclude(at__gt=at - _EVERY, at__lte=at)
    if late.update(at=at):
        return True
    return Heartbeat.objects.get_or_create(name=HEARTBEAT, defaults={"at": at})[1]
