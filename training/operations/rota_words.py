"""What people are told of their shifts: when they are published, offered, taken and moved."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from incidents.models import Person, Shift
from incidents.operations.composing import Message
from training.models import Rota, ShiftChange
from training.operations.rota_turns import Turn, address, board, span_in_words, turns
from training.operations.shift_deals import Deal

_SHOWN = 20  # turns in one mail; the page has them all


def published(rota: Rota, shifts: Sequence[Shift], *, at: datetime) -> Iterator[Message]:
    """One message to each person with all of their new turns, served and shadowed."""
    for person in dict.fromkeys(who for each in shifts for who in (each.person, each.shadow)):
        if person is None:
            continue
        serves = [each for each in shifts if each.person_id == person.pk]
        learns = [each for each in shifts if each.shadow_id == person.pk]
        lines = [
            *_lines("You are asked first in these hours:", turns(serves), person),
            *_lines("You learn beside who serves:", turns(learns, beside=True), person),
        ]
        what = f"as {rota.role.name}" if serves else f"beside {rota.role.name}"
        yield Message(
            key=f"rota-published:{rota.pk}:{at.isoformat()}:{person.pk}",
            kind="shifts_published",
            to=person,
            subject=f"Your shifts {what}: {rota.name}",
            body="\n".join(
                [
                    *lines,
                    "They stand in your own calendar too. If you cannot be there, offer a shift "
                    "to somebody on its page.",
                ]
            ),
            link=board(rota.pk, (serves or learns)[0]),
            may_wait=True,
        )


def offered(deal: Deal) -> Message:
    """To who is asked to take it: what, for what, and where to answer."""
    change, to = deal.first, deal.first.to
    return Message(
        key=f"shift-offer:{change.pk}",
        kind="shift_offer",
        to=to,
        subject=f"{change.asked_by} asks you to take {_what(deal)} as {_role(deal)}",
        body="\n".join(filter(None, (
            f"You would serve {when(deal.shifts, to)}.",
            f"In return {change.asked_by} would serve {when(deal.others, to)}."
            if deal.others else "Nothing is taken in return.",
            f"Why: {change.reason}" if change.reason else "",
            "Accept or decline on its page. Until you accept, nothing changes.",
        ))),
        link=change_address(change),
    )  # fmt: skip


def answered(deal: Deal) -> Iterator[Message]:
    """To who asked: whether it was accepted; and to both what they serve from now on."""
    change, shifts = deal.first, deal.shifts
    who, to = change.asked_by, change.to
    has_it = change.status == ShiftChange.Status.ACCEPTED
    then = f"You serve {when(deal.others, who)} instead." if deal.others else ""
    stays = f"You still serve {when(shifts, who)}: ask somebody else if you cannot."
    yours = "your shifts" if len(shifts) > 1 else "your shift"
    yield Message(
        key=f"shift-answer:{change.pk}",
        kind="shift_answer",
        to=who,
        subject=f"{to} {'takes' if has_it else 'does not take'} {yours} as {_role(deal)}",
        body=f"{to} serves {when(shifts, who)}. {then}".strip() if has_it else stays,
        link=address(shifts[0]),
    )
    if has_it:
        gives = f" {who} serves {when(deal.others, to)}." if deal.others else ""
        yield Message(
            key=f"shift-taken:{change.pk}",
            kind="shift_answer",
            to=to,
            subject=f"You serve {_what(deal)} as {_role(deal)}",
            body=f"You serve {when(shifts, to)}.{gives}",
            link=address(shifts[0]),
        )


def withdrawn(deal: Deal) -> Message:
    """To who was asked: no answer is wanted any more."""
    change = deal.first
    noun = "shifts" if len(deal.shifts) > 1 else "shift"
    return Message(
        key=f"shift-withdrawn:{change.pk}",
        kind="shift_answer",
        to=change.to,
        subject=f"No answer is wanted any more: {noun} as {_role(deal)}",
        body=f"You need not take {when(deal.shifts, change.to)}.",
        link=address(change.shift),
    )


def put_on(
    shifts: Sequence[Shift], before: Iterable[Person], reason: str, by: Person, *, at: datetime
) -> Iterator[Message]:
    """To who serves now, and to who did before."""
    first, now = shifts[0], shifts[0].person
    for person in dict.fromkeys(filter(None, (now, *before))):
        serves = person == now
        lines = _lines("Which:", turns(shifts), person)
        yield Message(
            key=f"shift-put-on:{first.pk}:{at.isoformat()}:{person.pk}",
            kind="shift_put_on",
            to=person,
            subject=f"{by} put {'you' if serves else now} on a shift as {first.role.name}",
            body="\n".join(
                [
                    "You serve from now on." if serves else "You need not serve any more.",
                    f"Why: {reason}",
                    *lines,
                ]
            ),
            link=address(first),
        )


def change_address(change: ShiftChange) -> str:
    """The page on which an offer is answered."""
    return f"/admin/training/shiftchange/{change.pk}/change/"


def when(shifts: Sequence[Shift], reader: Person) -> str:
    """From when until when, by the reader's clock; stretch by stretch, and of how many shifts."""
    return spans(shifts, reader.time_zone)


def spans(shifts: Sequence[Shift], where: str) -> str:
    """The same by the clock of this zone."""
    said = []
    for turn in turns(shifts):
        number = f", {len(turn.shifts)} shifts" if len(turn.shifts) > 1 else ""
        span = span_in_words(turn.first.starts_at, turn.ends_at, where)
        said.append(f"{span}{number}")
    return "; ".join(said)


def _what(deal: Deal) -> str:
    return f"{len(deal.shifts)} shifts" if len(deal.shifts) > 1 else "a shift"


def _role(deal: Deal) -> str:
    return deal.first.shift.role.name


def _lines(heading: str, found: Iterable[Turn], reader: Person) -> list[str]:
    said = [f"- {turn.said(reader.time_zone)}" for turn in found]
    if not said:
        return []
    rest = len(said) - _SHOWN
    return [heading, *said[:_SHOWN], *([f"- and {rest} more"] if rest > 0 else []), ""]
