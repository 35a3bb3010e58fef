"""Accepting and declining: each person for themselves, and who has not answered yet."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from incidents.models import NudgePolicy, Obligation, Person
from incidents.operations import composing, records, standing
from incidents.rules.owed import Owed
from incidents.rules.reasons import Invalid, NotPermitted, Reason, Refused
from training.models import Answer, GameDay, GameDayRole, GameDayStaff
from training.operations import invitations

Seat = GameDayRole | GameDayStaff
OWN = "training.answer_gameday"
ABOUT = GameDay._meta.label_lower
_SAYS = (Answer.ACCEPTED, Answer.DECLINED)


def answer(part: Seat, *, answer: str, note: str = "", actor: Person, at: datetime) -> Seat:
    """Accept or decline one part of one's own; as `answer_own` does it for all of them."""
    if part.person_id != actor.pk:
        message = f"Only {part.person} answers for {part.person}: name somebody else instead."
        raise NotPermitted.because("not_yourself", message)
    _answer(part.game_day, answer, note, actor, at, only=part)
    part.refresh_from_db()
    return part


def answer_own(
    game_day: GameDay, *, answer: str, note: str = "", actor: Person, at: datetime
) -> GameDay:
    """Accept or decline all parts one has in this game day, or change one's mind until it begins.

    A seat that is declined stays with who declined it, shown so, until it is recast; its organiser
    is told. Refuses where one has no part (`not_invited`), or it is not planned any more.
    """
    return _answer(game_day, answer, note, actor, at)


def objections(game_day: GameDay, actor: Person) -> tuple[Reason, ...]:
    """Why this person cannot answer now; empty where they can."""
    return _objections(game_day, own(game_day, actor))


def own(game_day: GameDay, person: Person) -> list[Seat]:
    """The parts this person has in it, what they play first; two queries."""
    roles = GameDayRole.objects.filter(game_day=game_day, person=person)
    staff = GameDayStaff.objects.filter(game_day=game_day, person=person)
    return [*roles.select_related("role").order_by("is_shadow", "pk"), *staff.order_by("pk")]


def may_answer(person: Person) -> bool:
    """Whether they may ever answer: who is asked may, whatever else they may do; else by permission."""
    if person.has_perm(OWN):
        return True
    asked = (GameDayRole.objects, GameDayStaff.objects)
    return any(rows.filter(person=person).exists() for rows in asked)


def unanswered(at: datetime, ahead: timedelta) -> Iterator[Owed]:
    """Who was asked and said nothing yet, once a game day; due when it begins. Two queries."""
    coming = {
        "game_day__status": GameDay.Status.PLANNED, "game_day__starts_at__gt": at,
        "game_day__starts_at__lt": at + ahead, "answer": Answer.NONE, "person__is_active": True,
    }  # fmt: skip
    found: dict[str, Owed] = {}
    for model in (GameDayRole, GameDayStaff):
        rows = model._default_manager.filter(**coming).select_related("game_day", "person")
        for part in rows.order_by("pk"):
            owed = _owed(part)
            found.setdefault(owed.subject, owed)
    yield from found.values()


@transaction.atomic
def _answer(
    game_day: GameDay,
    said: str,
    note: str,
    actor: Person,
    at: datetime,
    *,
    only: Seat | None = None,
) -> GameDay:
    held = GameDay.objects.select_for_update(of=("self",)).select_related(
        "organiser", "exercise_scenario"
    ).get(pk=game_day.pk)  # fmt: skip
    seats = [each for each in own(held, actor) if only is None or each == only]
    if not seats:
        standing.permit_to(actor, OWN)
    if reasons := _objections(held, seats):
        raise Refused(*reasons)
    note = _require(said, note)
    had_declined = any(seat.answer == Answer.DECLINED for seat in seats)
    for seat in seats:
        seat.answer, seat.answered_at, seat.answer_note = said, at, note
        seat.save(update_fields=["answer", "answered_at", "answer_note"])
    Obligation.objects.filter(
        what=NudgePolicy.What.INVITATION, subject_type=ABOUT, subject_id=_subject(held, actor)
    ).settle(at=at)
    _tell(held, actor, said, note, had_declined=had_declined, at=at)
    records.audit(
        "answer_gameday", held, actor=actor, at=at, answer=said,
        parts=[str(seat) for seat in seats],
    )  # fmt: skip
    return held


def _objections(game_day: GameDay, seats: Sequence[Seat]) -> tuple[Reason, ...]:
    if not seats:
        message = "You have no part in this game day: there is nothing to answer."
        return (Reason("not_invited", message),)
    if game_day.status == GameDay.Status.PLANNED:
        return ()
    if game_day.status == GameDay.Status.PROPOSED:
        message = "It is only proposed: you are asked once the plan of the year is published."
        return (Reason("not_asked_yet", message),)
    message = (
        f"It is {game_day.status}: tell {game_day.organiser} what you would have answered."
    )
    return (Reason("too_late_to_answer", message),)


def _require(said: str, note: str) -> str:
    if said not in _SAYS:
        raise Invalid.because("unknown_answer", "Accept, or decline.", "answer")
    note = note.strip()
    if len(note) > (longest := GameDayRole._meta.get_field("answer_note").max_length or 0):
        message = f"Say it in {longest} characters."
        raise Invalid.because("note_too_long", message, "note")
    return note


def _tell(
    game_day: GameDay, who: Person, said: str, note: str, *, had_declined: bool, at: datetime
) -> None:
    """The organiser hears what changes the plan: no, and yes after a no."""
    if who.pk == game_day.organiser_id:
        return
    taking = invitations.parts(game_day)[who]
    if said == Answer.DECLINED:
        told = [invitations.declined(game_day, who, taking, note, at=at)]
    elif had_declined:
        told = [invitations.comes(game_day, who, taking, at=at)]
    else:
        return
    composing.compose(told, at=at)


def _owed(part: Seat) -> Owed:
    day = part.game_day
    return Owed(
        subject=_subject(day, part.person),
        title=f"{part.person}'s answer to the exercise “{day}”"[:250],
        link=invitations.answer_address(day),
        due_at=day.starts_at,
        owner=part.person_id,
    )


def _subject(game_day: GameDay, person: Person) -> str:
    return f"{game_day.pk}:{person.pk}"
