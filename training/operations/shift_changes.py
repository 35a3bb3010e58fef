"""Giving shifts away: offered and accepted by the two it concerns, or put on by leadership.

The shift itself says who serves; a change says how that came about, and counts once accepted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from incidents.models import Person, Shift
from incidents.operations import composing, duty, records, standing, words
from incidents.rules.reasons import NotPermitted, Reason, Refused
from training.models import Rota, ShiftChange
from training.operations import rota_books, rota_words
from training.operations.rota_books import Books
from training.operations.rota_turns import turns
from training.rules import rotation
from training.rules.rotation_hours import Slot

SWAP, OVERRIDE = "training.swap_shiftchange", "training.override_rota"
_Status = ShiftChange.Status
_REASON = 300


@transaction.atomic
def offer(
    shift: Shift,
    *,
    to: Person,
    other: Shift | None = None,
    reason: str = "",
    actor: Person,
    at: datetime,
) -> ShiftChange:
    """Offer one's own shift to somebody, for one of theirs or for nothing; they are asked.

    Nothing changes until they accept. Refuses `not_your_shift`, `begun_already`, `offered_already`,
    `not_their_shift`, and whatever would hinder either of the two: see `_hindered`.
    """
    standing.permit_to(actor, SWAP)
    held = _held([shift, other])
    if reasons := objections(held[0], actor, at):
        _refuse(reasons)
    row = ShiftChange(
        shift=held[0], other=held[1] if other else None, asked_by=actor, to=to,
        reason=words.optional(reason, "reason", longest=_REASON), asked_at=at,
    )  # fmt: skip
    if reasons := _against(row, at):
        raise Refused(*reasons)
    row.save()
    composing.compose([rota_words.offered(row)], at=at)
    records.audit(
        "offer_shift", row.shift, actor=actor, at=at, to=to.username,
        other=str(row.other) if row.other else None,
    )  # fmt: skip
    return row


@transaction.atomic
def accept(change: ShiftChange, *, actor: Person, at: datetime) -> ShiftChange:
    """Take the shift that one was offered; from now on it is theirs, and both hear so.

    What was true when it was offered is asked again: nothing is taken that breaks a rule by now.
    """
    row = _answer(change, _Status.ACCEPTED, actor, at)
    if reasons := _against(row, at):
        raise Refused(*reasons)
    who, to = row.asked_by, row.to
    duty.put_on(
        [row.shift], to, f"Taken from {who}: {row.reason}".strip(": "), actor=actor, at=at
    )
    if row.other is not None:
        duty.put_on([row.other], who, f"In return for a shift of {who}.", actor=actor, at=at)
    row.save()
    if row.other is not None:
        _end_offers(
            row.other, at
        )  # of who had it: they would keep who has it now from offering
    composing.compose(rota_words.answered(row), at=at)
    records.audit("accept_shift", row.shift, actor=actor, at=at, asked_by=who.username)
    return row


@transaction.atomic
def decline(change: ShiftChange, *, actor: Person, at: datetime) -> ShiftChange:
    """Leave the shift with who offered it; they hear so."""
    row = _answer(change, _Status.DECLINED, actor, at)
    row.save()
    composing.compose(rota_words.answered(row), at=at)
    records.audit(
        "decline_shift", row.shift, actor=actor, at=at, asked_by=row.asked_by.username
    )
    return row


@transaction.atomic
def withdraw(change: ShiftChange, *, actor: Person, at: datetime) -> ShiftChange:
    """Take an offer of one's own back before it is answered; who was asked hears so."""
    row = _answer(change, _Status.WITHDRAWN, actor, at)
    row.save()
    composing.compose([rota_words.withdrawn(row)], at=at)
    records.audit("withdraw_shift", row.shift, actor=actor, at=at, to=row.to.username)
    return row


@transaction.atomic
def override(
    shift: Shift,
    *,
    person: Person,
    reason: str,
    whole_turn: bool = False,
    actor: Person,
    at: datetime,
) -> list[Shift]:
    """Put somebody else on a shift, with `whole_turn` on the rest of its turn; all concerned hear.

    For leadership, with a reason. Rest and share may be passed over where there is nobody else;
    who is not qualified, away or on shift at the time is refused, and `serves_it_already`.
    """
    standing.permit_to(actor, OVERRIDE)
    why = words.required(reason, "reason", "Say why, for those it concerns.", longest=_REASON)
    held = _held(_rest_of_turn(shift) if whole_turn else [shift])
    _require_free(held, person, at)
    before = [each.person for each in held if each.person]
    books = _books(held[0], at, person)
    for each in held:
        if reasons := tuple(_hindered(books, each, person, gives=held, is_override=True)):
            raise Refused(*reasons)
    for each in held:
        _end_offers(each, at)
        ShiftChange.objects.create(
            shift=each, asked_by=actor, to=person, reason=why, asked_at=at, answered_at=at,
            status=_Status.OVERRIDE,
        )  # fmt: skip
    duty.put_on(held, person, f"Put on by {actor}: {why}", actor=actor, at=at)
    composing.compose(rota_words.put_on(held, before, why, actor, at=at), at=at)
    records.audit(
        "override_shift", held[0], actor=actor, at=at, person=person.username, reason=why,
        before=sorted({each.username for each in before}), shifts=len(held),
    )  # fmt: skip
    return held


def objections(shift: Shift, actor: Person, at: datetime) -> tuple[Reason, ...]:
    """Why this person cannot offer the shift now; empty where they can."""
    if shift.person_id != actor.pk:
        message = (
            f"Only {shift.person or 'who serves it'} offers it; leadership may put others on."
        )
        return (Reason("not_your_shift", message),)
    if shift.starts_at <= at:
        message = "It has begun: hand over, or ask leadership to put somebody else on."
        return (Reason("begun_already", message),)
    if ShiftChange.objects.filter(shift=shift, status=_Status.OFFERED).exists():
        message = "It is offered to somebody already: withdraw that first."
        return (Reason("offered_already", message),)
    return ()


def not_now(change: ShiftChange, actor: Person, *, is_asker: bool) -> tuple[Reason, ...]:
    """Why this person cannot answer the offer now, or take it back; empty where they can."""
    if change.status != _Status.OFFERED:
        message = f"It is {change.get_status_display()} already: nothing is left to answer."
        return (Reason("answered_already", message),)
    by = change.asked_by if is_asker else change.to
    if by.pk != actor.pk:
        verb = "takes it back" if is_asker else "answers it"
        return (Reason("not_yours", f"Only {by} {verb}."),)
    return ()


def lapse(at: datetime) -> int:
    """Offers nobody answered before the shift began are no more; how many."""
    offered = ShiftChange.objects.filter(status=_Status.OFFERED, shift__starts_at__lte=at)
    rows = list(offered.select_related("shift__role", "to"))
    for row in rows:
        _end(row, at)
    return len(rows)


def _answer(change: ShiftChange, status: str, actor: Person, at: datetime) -> ShiftChange:
    """The offer and its shifts locked and read anew, for whom it is to answer."""
    standing.permit_to(actor, SWAP)
    _held([change.shift, change.other])
    rows = ShiftChange.objects.select_related(
        "shift__role", "shift__person", "other__role", "other__person", "asked_by", "to"
    )
    row = rows.select_for_update(of=("self",)).get(pk=change.pk)
    if reasons := not_now(row, actor, is_asker=status == _Status.WITHDRAWN):
        _refuse(reasons)
    row.status, row.answered_at = status, at
    return row


def _refuse(reasons: Sequence[Reason]) -> None:
    own = any(reason.code in ("not_your_shift", "not_yours") for reason in reasons)
    raise (NotPermitted if own else Refused)(*reasons)


def _held(shifts: Sequence[Shift | None]) -> list[Shift]:
    """The rows as they are now, locked in one order, given back in the order asked."""
    keys = [each.pk for each in shifts if each is not None]
    rows = Shift.objects.select_related("role", "person", "shadow")
    found = {
        row.pk: row
        for row in rows.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    }
    return [found[key] for key in keys]


def _against(change: ShiftChange, at: datetime) -> tuple[Reason, ...]:
    """Every reason why the shifts cannot change hands like this now."""
    shift, other, who, to = change.shift, change.other, change.asked_by, change.to
    if to.pk == who.pk:
        return (Reason("to_yourself", "It is yours already: name somebody else.", "to"),)
    if shift.person_id != who.pk:
        return (Reason("shift_moved", f"It is no longer {who}'s shift: look again.", "shift"),)
    if shift.starts_at <= at or (other and other.starts_at <= at):
        message = "It has begun: leadership may put somebody else on."
        return (Reason("begun_already", message),)
    if other and (other.person_id != to.pk or other.role_id != shift.role_id):
        message = f"Choose a shift that {to} serves as {shift.role.name}."
        return (Reason("not_their_shift", message, "other"),)
    both = [shift, *([other] if other else [])]
    found = [*_hindered(_books(shift, at, to), shift, to, gives=both)]
    if other:
        found += _hindered(_books(other, at, who), other, who, gives=both)
    return tuple(found)


def _require_free(shifts: Sequence[Shift], person: Person, at: datetime) -> None:
    if any(each.ends_at <= at for each in shifts):
        raise Refused.because("over_already", "It is over: who served it served it.")
    if all(each.person_id == person.pk for each in shifts):
        message = f"{person} serves it already: name somebody else."
        raise Refused.because("serves_it_already", message, "person")


def _hindered(
    books: Books,
    shift: Shift,
    person: Person,
    *,
    gives: Sequence[Shift],
    is_override: bool = False,
) -> Iterator[Reason]:
    """`cannot_serve`, `at_once`, `no_rest` and `over_share`, once who gives these shifts gave them."""
    member = books.member(person)
    if member is None or not person.is_active:
        message = f"{person} is not qualified as {shift.role.name}."
        yield Reason("cannot_serve", message, "to" if not is_override else "person")
        return
    slot, book = books.slot(shift), books.without(gives)
    turn = books.turn(shift, person)
    checks = {
        "cannot_serve": rotation.unfitness(member, slot, books.terms),
        "at_once": rotation.at_once(member, slot, book),
    }
    if not is_override:
        checks["no_rest"] = rotation.restless(member, slot, book, turn)
        checks["over_share"] = rotation.too_much(member, slot, book)
    for code, why in checks.items():
        if why:
            yield Reason(
                code, f"{person}, {_day(slot)}: {why}.", "person" if is_override else "to"
            )


def _books(shift: Shift, at: datetime, person: Person) -> Books:
    return rota_books.read(Rota.objects.get(pk=shift.rota), at=at, also=[person])


def _day(slot: Slot) -> str:
    return f"{slot.on:%a %-d %b}"


def _rest_of_turn(shift: Shift) -> list[Shift]:
    """This shift and those that the same person, or nobody, serves after it day by day."""
    rows = Shift.objects.filter(
        rota=shift.rota, band=shift.band, person=shift.person_id, starts_at__gte=shift.starts_at
    )
    return next(turns(rows.order_by("starts_at"))).shifts


def _end_offers(shift: Shift, at: datetime) -> None:
    for row in ShiftChange.objects.filter(shift=shift, status=_Status.OFFERED).select_related(
        "shift__role", "to"
    ):
        _end(row, at)


def _end(row: ShiftChange, at: datetime) -> None:
    row.status, row.answered_at = _Status.WITHDRAWN, at
    row.save()
    composing.compose([rota_words.withdrawn(row)], at=at)
