"""What changes hands in one act, the shifts of one turn and as many in return; what is against it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery

from incidents.models import Person, Shift
from incidents.rules.reasons import Reason
from training.models import Rota, ShiftChange
from training.operations import rota_books
from training.operations.rota_books import Books
from training.operations.rota_turns import turns
from training.rules import rotation
from training.rules.rotation import Ledger
from training.rules.rotation_hours import Slot


@dataclass(frozen=True, slots=True)
class Deal:
    """What one person asked another to take in one act: a row a shift, the first in front."""

    rows: Sequence[ShiftChange]

    @property
    def first(self) -> ShiftChange:
        """The row that stands for all."""
        return self.rows[0]

    @property
    def shifts(self) -> list[Shift]:
        """What is given."""
        return [row.shift for row in self.rows]

    @property
    def others(self) -> list[Shift]:
        """What is taken in return; no more than is given."""
        return [row.other for row in self.rows if row.other is not None]

    def mark(self, status: str, at: datetime) -> None:
        """Answered like this at this instant, not yet saved."""
        for row in self.rows:
            row.status, row.answered_at = status, at

    def save(self) -> None:
        """Each row, with its history."""
        for row in self.rows:
            row.save()


def of_one_act(change: ShiftChange) -> QuerySet[ShiftChange, ShiftChange]:
    """The rows that were offered together, the first shift in front; however they stand by now.

    One act is one person asking another at one instant for shifts of one band.
    """
    shift = change.shift
    return _rows().filter(
        asked_by=change.asked_by_id, to=change.to_id, asked_at=change.asked_at,
        shift__rota=shift.rota, shift__band=shift.band,
    ).exclude(status=ShiftChange.Status.OVERRIDE)  # fmt: skip


def in_acts(rows: QuerySet[ShiftChange]) -> QuerySet[ShiftChange]:
    """Of each act the first row of those that stand alike, `in_one` how many these are."""
    alike = ShiftChange.objects.order_by().filter(
        asked_by=OuterRef("asked_by"), to=OuterRef("to"), asked_at=OuterRef("asked_at"),
        status=OuterRef("status"), shift__rota=OuterRef("shift__rota"),
        shift__band=OuterRef("shift__band"),
    )  # fmt: skip
    counted = alike.values("asked_at").annotate(number=Count("pk")).values("number")
    firsts = rows.filter(~Exists(alike.filter(pk__lt=OuterRef("pk"))))
    return firsts.annotate(in_one=Subquery(counted, output_field=IntegerField()))


def offered_with(change: ShiftChange) -> Deal | None:
    """What of the act of this row nobody has answered; None where nothing is left."""
    rows = list(of_one_act(change).filter(status=ShiftChange.Status.OFFERED))
    return Deal(rows) if rows else None


def offered_of(shifts: Iterable[Shift]) -> Iterator[Deal]:
    """What is offered of these shifts, act by act; of an act only these."""
    keys = [each.pk for each in shifts]
    acts: dict[tuple[int, int, datetime], list[ShiftChange]] = {}
    for row in _rows().filter(shift__in=keys, status=ShiftChange.Status.OFFERED):
        acts.setdefault((row.asked_by_id, row.to_id, row.asked_at), []).append(row)
    return map(Deal, acts.values())


def rest_of_turn(shift: Shift) -> list[Shift]:
    """This shift and those that the same person, or nobody, serves after it day by day."""
    rows = Shift.objects.filter(
        rota=shift.rota, band=shift.band, person=shift.person_id, starts_at__gte=shift.starts_at
    )
    return next(turns(rows.order_by("starts_at"))).shifts


def returns(shift: Shift, person: Person, at: datetime) -> list[Shift]:
    """What others have in its rotation that this person could serve in return, the soonest first.

    Neither leave nor another shift stands against it once they gave the rest of the turn. Rest
    and share depend on what else is given and taken: these are asked when it is offered.
    """
    books = books_for(shift, at, person)
    member, book = books.member(person), books.without(rest_of_turn(shift))
    if member is None:
        return []
    found = []
    for each in books.shifts:
        if each.starts_at <= at or each.person is None or each.person_id == person.pk:
            continue
        slot = books.slot(each)
        if not (
            rotation.unfitness(member, slot, books.terms)
            or rotation.at_once(member, slot, book)
        ):
            found.append(each)
    return found


def against(deal: Deal, at: datetime) -> tuple[Reason, ...]:
    """Every reason why the shifts cannot change hands like this now; of many days the first.

    `to_yourself`, `shift_moved`, `begun_already`, `not_their_shift`, and those of `hindered`.
    """
    shifts, others, who, to = deal.shifts, deal.others, deal.first.asked_by, deal.first.to
    if to.pk == who.pk:
        return (Reason("to_yourself", "It is yours already: name somebody else.", "to"),)
    if any(each.person_id != who.pk for each in shifts):
        return (Reason("shift_moved", f"It is no longer {who}'s shift: look again.", "shift"),)
    if any(each.starts_at <= at for each in (*shifts, *others)):
        message = "It has begun: leadership may put somebody else on."
        return (Reason("begun_already", message),)
    if any(each.person_id != to.pk or each.role_id != shifts[0].role_id for each in others):
        message = f"Choose a shift that {to} serves as {shifts[0].role.name}."
        return (Reason("not_their_shift", message, "other"),)
    both = [*shifts, *others]
    found = hindered(books_for(shifts[0], at, to), shifts, to, gives=both)
    if others:
        found += hindered(books_for(others[0], at, who), others, who, gives=both)
    return found


def hindered(
    books: Books,
    shifts: Sequence[Shift],
    person: Person,
    *,
    gives: Sequence[Shift],
    is_override: bool = False,
) -> tuple[Reason, ...]:
    """Why the person cannot serve these, of the first day that stands against it.

    `cannot_serve`, `at_once`, `no_rest` and `over_share`, once who gives `gives` gave them; with
    `is_override` neither rest nor share is asked.
    """
    book, slots = books.without(gives), [books.slot(each) for each in shifts]
    for shift, slot in zip(shifts, slots, strict=True):
        if found := tuple(
            _of_one(books, book, shift, slot, slots, person, is_override=is_override)
        ):
            return found
    return ()


def books_for(shift: Shift, at: datetime, person: Person) -> Books:
    """The books of the rotation of this shift, with this person in them."""
    return rota_books.read(Rota.objects.get(pk=shift.rota), at=at, also=[person])


def _of_one(
    books: Books,
    book: Ledger,
    shift: Shift,
    slot: Slot,
    slots: Sequence[Slot],
    person: Person,
    *,
    is_override: bool,
) -> Iterator[Reason]:
    member, field = books.member(person), "person" if is_override else "to"
    if member is None or not person.is_active:
        message = f"{person} is not qualified as {shift.role.name}."
        yield Reason("cannot_serve", message, field)
        return
    checks = {
        "cannot_serve": rotation.unfitness(member, slot, books.terms),
        "at_once": rotation.at_once(member, slot, book),
    }
    if not is_override:
        beside = [each.span for each in slots if each != slot]
        checks["no_rest"] = rotation.restless(member, slot, book, books.turn(shift, person))
        checks["over_share"] = rotation.too_much(member, slot, book, beside)
    for code, why in checks.items():
        if why:
            yield Reason(code, f"{person}, {slot.on:%a %-d %b}: {why}.", field)


def _rows() -> QuerySet[ShiftChange, ShiftChange]:
    rows = ShiftChange.objects.select_related(
        "shift__role", "shift__person", "shift__shadow", "other__role", "other__person",
        "other__shadow", "asked_by", "to",
    )  # fmt: skip
    return rows.order_by("shift__starts_at", "pk")
