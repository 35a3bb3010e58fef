"""Who helps to run or judge a game day, and who stands beside a player to learn; never both ways.

Source: HSEEP (control cell and evaluators are no players; exactly one director, one lead evaluator).
"""

from datetime import datetime

from django.db import transaction

from incidents.models import Person, Role
from incidents.operations import records, standing
from incidents.rules.reasons import Invalid, Reason, Refused
from training.models import GameDay, GameDayRole, GameDayStaff
from training.operations import inviting

Duty, Status = GameDayStaff.Duty, GameDay.Status
CHANGE = "training.change_gameday"
SINGLE = (Duty.DIRECTOR, Duty.LEAD_EVALUATOR)


@transaction.atomic
def name_staff(
    game_day: GameDay, *, duty: str, person: Person, actor: Person, at: datetime
) -> GameDayStaff:
    """Give somebody a duty in it, relieving who had it where there is one only; they are invited.

    It may run already. Refuses `plays_in_it` for who plays or stands beside, `has_the_duty`,
    `player_inactive`, and `wrong_state` once it is over.
    """
    game_day = _held(game_day, actor, Status.PROPOSED, Status.PLANNED, Status.RUNNING)
    if duty not in Duty.values:
        message = f"A duty is one of {', '.join(Duty.values)}."
        raise Invalid.because("unknown_duty", message, "duty")
    if reasons := _objections(game_day, duty, person):
        raise Refused(*reasons)
    before = list(game_day.staff.filter(duty=duty)) if duty in SINGLE else []
    for one in before:
        one.delete()
    made = GameDayStaff.objects.create(
        game_day=game_day, duty=duty, person=person, is_pinned=True
    )
    _invite(game_day, [person, *(one.person for one in before)], at)
    records.audit(
        "name_staff", game_day, actor=actor, at=at, duty=duty, person=person.username,
        before=[one.person.username for one in before],
    )  # fmt: skip
    return made


@transaction.atomic
def let_go(game_day: GameDay, *, person: Person, actor: Person, at: datetime) -> GameDay:
    """Take every duty, and the places beside players, from this person; they hear that they need not come.

    Refuses `has_no_duty`; a player is recast instead.
    """
    game_day = _held(game_day, actor, Status.PROPOSED, Status.PLANNED, Status.RUNNING)
    duties = list(game_day.staff.filter(person=person))
    beside = list(game_day.roles.filter(person=person, is_shadow=True))
    if not duties and not beside:
        message = f"{person} has no duty here and stands beside nobody: recast who plays."
        raise Refused.because("has_no_duty", message, "person")
    for one in (*duties, *beside):
        one.delete()
    _invite(game_day, [person], at)
    records.audit(
        "let_go_staff", game_day, actor=actor, at=at, person=person.username,
        duties=[one.duty for one in duties], beside=[one.role_id for one in beside],
    )  # fmt: skip
    return game_day


@transaction.atomic
def stand_beside(
    game_day: GameDay, *, role: Role, person: Person, actor: Person, at: datetime
) -> GameDayRole:
    """Let somebody stand beside who plays this role, to learn it; they are invited.

    Refuses `nobody_plays_it`, `has_a_part` for who plays or stands beside already, and staff
    (`has_the_duty`).
    """
    game_day = _held(game_day, actor, Status.PROPOSED, Status.PLANNED)
    if not game_day.roles.filter(role=role, is_shadow=False).exists():
        message = f"Nobody plays {role}: cast it first."
        raise Refused.because("nobody_plays_it", message, "role")
    if game_day.roles.filter(person=person).exists():
        message = f"{person} plays in it or stands beside somebody already: name another."
        raise Refused.because("has_a_part", message, "person")
    if game_day.staff.filter(person=person).exists():
        message = f"{person} helps to run or judge it and knows the story: name another."
        raise Refused.because("has_the_duty", message, "person")
    if not person.is_active:
        raise Refused(_inactive(person))
    made = GameDayRole.objects.create(
        game_day=game_day, role=role, person=person, is_shadow=True, is_pinned=True
    )
    _invite(game_day, [person], at)
    records.audit(
        "stand_beside", game_day, actor=actor, at=at, role=role.slug, person=person.username
    )
    return made


def objections(game_day: GameDay, *, may_run: bool = True) -> tuple[Reason, ...]:
    """Why nobody is named, or let go, now; empty if they may be."""
    states = [Status.PROPOSED, Status.PLANNED, *([Status.RUNNING] if may_run else [])]
    return () if game_day.status in states else (_wrong_state(game_day),)


def _held(game_day: GameDay, actor: Person, *states: str) -> GameDay:
    standing.permit_to(actor, CHANGE)
    row = GameDay.objects.select_for_update(of=("self",)).get(pk=game_day.pk)
    if row.status not in states:
        raise Refused(_wrong_state(row))
    return row


def _objections(game_day: GameDay, duty: str, person: Person) -> list[Reason]:
    found = [] if person.is_active else [_inactive(person)]
    if game_day.roles.filter(person=person).exists():
        message = (
            f"{person} plays in it and must not know the story: name somebody who does not."
        )
        found.append(Reason("plays_in_it", message, "person"))
    if game_day.staff.filter(duty=duty, person=person).exists():
        message = f"{person} has this duty already: nothing is left to do."
        found.append(Reason("has_the_duty", message, "person"))
    return found


def _inactive(person: Person) -> Reason:
    return Reason("player_inactive", f"{person} is deactivated: name somebody else.", "person")


def _wrong_state(game_day: GameDay) -> Reason:
    message = f"This game day is {game_day.status}: who took part in it is on record."
    return Reason("wrong_state", message)


def _invite(game_day: GameDay, people: list[Person], at: datetime) -> None:
    """What is only proposed invites nobody yet."""
    if game_day.status != Status.PROPOSED:
        inviting.invite(game_day, people, at=at)
