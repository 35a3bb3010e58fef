"""Where one act differs from the line of the matrix that governs it, seen as it is done.

Source: RACI as it is taught (consulted before, informed after, one who answers for it).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.rules.raci import Activity
from incidents.rules.roles import NAMES

NOT_YOURS = "not_accountable_or_responsible"
NOT_CONSULTED = "not_consulted"
NOT_WAITED_FOR = "not_waited_for"
LATE = "late"
NOT_DONE = "not_done"


class Asked(StrEnum):
    """What became of those a line consults, before its act."""

    NOBODY = "nobody"  # the line consults nobody
    IN_TIME = "in_time"
    NOT_WAITED_FOR = "not_waited_for"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where reality differs from the matrix: a stable code, and a sentence."""

    code: str
    message: str


def role_taken(activity: Activity, held: Collection[str], stands_in: Collection[str]) -> str:
    """The role of this line in which somebody acts, "" for none.

    Who answers for it before who does it, what is held before what is stood in for; those who
    are only asked or told come last.
    """
    acting = (*activity.accountable, *activity.responsible)
    others = (*activity.consulted, *activity.informed)
    candidates = (
        *(role for role in acting if role in held),
        *(role for role in acting if role in stands_in),
        *(role for role in others if role in held),
    )
    return next(iter(candidates), "")


def departures(
    activity: Activity,
    *,
    role: str,
    is_anybodys: bool,
    asked: Asked,
    due_at: datetime | None,
    done_at: datetime,
) -> tuple[Departure, ...]:
    """Where an act, as it was done, differs from its line. What is anybody's act has no wrong doer."""
    found = []
    if not is_anybodys and role not in (*activity.accountable, *activity.responsible):
        found.append(Departure(NOT_YOURS, _whose(activity, role)))
    if asked is Asked.NOT_ASKED:
        names = _named(activity.consulted)
        found.append(Departure(NOT_CONSULTED, f"Nobody asked {names} before it."))
    if asked is Asked.NOT_WAITED_FOR:
        names = _named(activity.consulted)
        message = f"It did not wait for the answers of {names}."
        found.append(Departure(NOT_WAITED_FOR, message))
    if due_at is not None and done_at > due_at:
        message = (
            f"{minutes(done_at - due_at)} min later than the {activity.within} min agreed."
        )
        found.append(Departure(LATE, message))
    return tuple(found)


def due_at(activity: Activity, declared_at: datetime) -> datetime | None:
    """By when it is to be done; None without a target."""
    if activity.within is None:
        return None
    return declared_at + timedelta(minutes=activity.within)


def _whose(activity: Activity, role: str) -> str:
    acting = _named(dict.fromkeys((*activity.accountable, *activity.responsible)))
    who = f"As {_named([role])}" if role else "Without a part in it"
    return f"{who}: it is for {acting or 'nobody'}."


def _named(roles: Iterable[str]) -> str:
    names = (NAMES.get(role, role.replace("_", " ").capitalize()) for role in roles)
    return ", ".join(names)


def minutes(span: timedelta) -> int:
    """Whole minutes, rounded away from nought: a second late is a minute late."""
    seconds = int(span.total_seconds())
    return -(-seconds // 60) if seconds > 0 else seconds // 60
