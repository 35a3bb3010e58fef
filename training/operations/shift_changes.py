"""Giving shifts away: offered and accepted by the two it concerns, or put on by leadership.

The shift itself says who serves; a change says how that came about, and counts once accepted.
The rest of a turn is given in one act: a row a shift, one question and one answer for all of them.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import zip_longest

from django.db import transaction

from incidents.models import Person, Shift
from incidents.operations import composing, duty, records, standing, words
from incidents.rules.reasons import NotPermitted, Reason, Refused
from training.models import ShiftChange
from training.operations import rota_words, shift_deals
from training.operations.rota_turns import Turn
from training.operations.shift_deals import Deal, books_for, hindered, rest_of_turn

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
    whole_turn: bool = False,
    actor: Person,
    at: datetime,
) -> ShiftChange:
    """Offer one's own shift to somebody, for one of theirs or for nothing; they are asked.

    With `whole_turn` the rest of its turn as well, for as many of theirs from `other` on; the row
    of the first is returned, and answering one answers all. Nothing changes until they accept.
    Refuses `not_your_shift`, `begun_already`, `offered_already`, `not_their_shift`, and whatever
    would hinder either of the two: see `shift_deals.against`.
    """
    standing.permit_to(actor, SWAP)
    gives = rest_of_turn(shift) if whole_turn else [shift]
    takes = [] if other is None else rest_of_turn(other) if whole_turn else [other]
    takes = takes[: len(gives)]
    held = _held([*gives, *takes])
    gives, takes = held[: len(gives)], held[len(gives) :]
    if reasons := objections(gives[0], actor, at) or _offered_already(gives):
        _refuse(reasons)
    why = words.optional(reason, "reason", longest=_REASON)
    deal = Deal([
        ShiftChange(shift=one, other=back, asked_by=actor, to=to, reason=why, asked_at=at)
        for one, back in zip_longest(gives, takes)
    ])  # fmt: skip
    if reasons := shift_deals.against(deal, at):
        raise Refused(*reasons)
    deal.save()
    composing.compose([rota_words.offered(deal)], at=at)
    records.audit(
        "offer_shift", gives[0], actor=actor, at=at, to=to.username, shifts=len(gives),
        other=f"{to}, {Turn(takes).said()}" if takes else None,
    )  # fmt: skip
    return deal.first


@transaction.atomic
def accept(change: ShiftChange, *, actor: Person, at: datetime) -> ShiftChange:
    """Take what one was offered, all of it; from now on it is theirs, and both hear so.

    What was true when it was offered is asked again: nothing is taken that breaks a rule by now.
    """
    deal = _answer(change, _Status.ACCEPTED, actor, at)
    if reasons := shift_deals.against(deal, at):
        raise Refused(*reasons)
    who, to = deal.first.asked_by, deal.first.to
    why = f"Taken from {who}: {deal.first.reason}".strip(": ")
    duty.put_on(deal.shifts, to, why, actor=actor, at=at)
    if deal.others:
        duty.put_on(deal.others, who, f"In return for a shift of {who}.", actor=actor, at=at)
    deal.save()
    # Of who had it: they would keep who has it now from offering.
    _end_offers(deal.others, at)
    composing.compose(rota_words.answered(deal), at=at)
    _audit("accept_shift", deal, actor=actor, at=at, asked_by=who.username)
    return deal.first


@transaction.atomic
def decline(change: ShiftChange, *, actor: Person, at: datetime) -> ShiftChange:
    """Leave what one was offered, all of it, with who offered it; they hear so."""
    deal = _answer(change, _Status.DECLINED, actor, at)
    deal.save()
    composing.compose(rota_words.answered(deal), at=at)
    _audit("decline_shift", deal, actor=actor, at=at, asked_by=deal.first.asked_by.username)
    return deal.first


@transaction.atomic
def withdraw(change: ShiftChange, *, actor: Person, at: datetime) -> ShiftChange:
    """Take an offer of one's own back, all of it, before it is answered; who was asked hears so."""
    deal = _answer(change, _Status.WITHDRAWN, actor, at)
    deal.save()
    composing.compose([rota_words.withdrawn(deal)], at=at)
    _audit("withdraw_shift", deal, actor=actor, at=at, to=deal.first.to.username)
    return deal.first


@transaction.atomic
def override(
    shift: Shift,
    *,
    person: Person,
    reason: str,
    through: Shift | None = None,
    actor: Person,
    at: datetime,
) -> list[Shift]:
    """Put somebody else on a shift, and on its turn `through` that shift; all concerned hear.

    For leadership, with a reason. Rest and share may be passed over where there is nobody else;
    who is not qualified, away or on shift at the time is refused, and `serves_it_already`;
    `not_of_the_turn` where `through` lies beyond it.
    """
    standing.permit_to(actor, OVERRIDE)
    why = words.required(reason, "reason", "Say why, for those it concerns.", longest=_REASON)
    held = _held(_stretch(shift, through))
    _require_free(held, person, at)
    before = [each.person for each in held if each.person]
    books = books_for(held[0], at, person)
    if reasons := hindered(books, held, person, gives=held, is_override=True):
        raise Refused(*reasons)
    _end_offers(held, at)
    for each in held:
        ShiftChange.objects.create(
            shift=each, asked_by=actor, to=person, reason=why, asked_at=at, answered_at=at,
            status=_Status.OVERRIDE,
        )  # fmt: skip
    running = [each for each in held if each.starts_at < at]
    for each in running:
        said = f"Put on by {actor}{_mid_way(each, person, at)}: {why}"
        duty.put_on([each], person, said, actor=actor, at=at)
    coming = [each for each in held if each not in running]
    duty.put_on(coming, person, f"Put on by {actor}: {why}", actor=actor, at=at)
    composing.compose(rota_words.put_on(held, before, why, actor, at=at), at=at)
    records.audit(
        "override_shift", held[0], actor=actor, at=at, person=person.username, reason=why,
        before=sorted({each.username for each in before}), shifts=len(held),
    )  # fmt: skip
    return held


def _stretch(shift: Shift, through: Shift | None) -> list[Shift]:
    if through is None or through == shift:
        return [shift]
    rest = rest_of_turn(shift)
    if through not in rest:
        message = "That shift is not of the same turn any more: look at the rotation again."
        raise Refused.because("not_of_the_turn", message, "through")
    return rest[: rest.index(through) + 1]


def _mid_way(shift: Shift, person: Person, at: datetime) -> str:
    """A shift is counted for one person: of one that runs, the page says who served before."""
    before = shift.person or "nobody"
    return (
        f" (from {at.astimezone(UTC):%-d %b %H:%M} UTC on; until then {before}; "
        f"all of it counts for {person})"
    )


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
    """Offers nobody answered before the first shift began are no more; how many."""
    begun = ShiftChange.objects.filter(status=_Status.OFFERED, shift__starts_at__lte=at)
    deals = {
        deal.first.pk: deal for deal in map(shift_deals.offered_with, begun) if deal is not None
    }
    for deal in deals.values():
        _end(deal, at)
    return len(deals)


def _answer(change: ShiftChange, status: str, actor: Person, at: datetime) -> Deal:
    """What was offered in one act and its shifts, locked and read anew, for whom it is to answer."""
    standing.permit_to(actor, SWAP)
    rows = shift_deals.of_one_act(change)
    _held([each for row in rows for each in (row.shift, row.other)])
    found = list(rows.all().select_for_update(of=("self",)))
    row = next(each for each in found if each.pk == change.pk)
    if reasons := not_now(row, actor, is_asker=status == _Status.WITHDRAWN):
        _refuse(reasons)
    deal = Deal([each for each in found if each.status == _Status.OFFERED])
    deal.mark(status, at)
    return deal


def _audit(verb: str, deal: Deal, *, actor: Person, at: datetime, **said: str) -> None:
    shifts = deal.shifts
    records.audit(verb, shifts[0], actor=actor, at=at, shifts=len(shifts), **said)


def _offered_already(shifts: Sequence[Shift]) -> tuple[Reason, ...]:
    """Of a turn, the first day that somebody was asked for before."""
    asked = ShiftChange.objects.filter(shift__in=shifts, status=_Status.OFFERED)
    taken = set(asked.values_list("shift", flat=True))
    first = next((each for each in shifts if each.pk in taken), None)
    if first is None:
        return ()
    message = f"{Turn([first]).days} is offered to somebody already: withdraw that first."
    return (Reason("offered_already", message),)


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


def _require_free(shifts: Sequence[Shift], person: Person, at: datetime) -> None:
    if any(each.ends_at <= at for each in shifts):
        raise Refused.because("over_already", "It is over: who served it served it.")
    if all(each.person_id == person.pk for each in shifts):
        message = f"{person} serves it already: name somebody else."
        raise Refused.because("serves_it_already", message, "person")


def _end_offers(shifts: Iterable[Shift], at: datetime) -> None:
    """What is still offered of these; whoever was asked for several of them hears it once."""
    for deal in shift_deals.offered_of(shifts):
        _end(deal, at)


def _end(deal: Deal, at: datetime) -> None:
    deal.mark(_Status.WITHDRAWN, at)
    deal.save()
    composing.compose([rota_words.withdrawn(deal)], at=at)
