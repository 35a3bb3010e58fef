"""Who is on duty: the shifts that rotations publish, and who serves them now.

A rotation decides and answers for its audit line; here its shifts are written, with their history.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.models.rotation import Shift
from incidents.rules.reasons import Invalid

REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Serving:
    """One person to be put on one shift, [starts_at, ends_at) in UTC; without one it is a gap."""

    band: str
    starts_at: datetime
    ends_at: datetime
    person: Person | None
    shadow: Person | None
    reason: str


def publish(
    rota: str, role: Role, shifts: Iterable[Serving], *, actor: Person | None, at: datetime
) -> list[Shift]:
    """Write these shifts of a rotation inside its act's transaction; two statements a thousand."""
    rows = [
        Shift(
            rota=rota, role=role, band=each.band, starts_at=each.starts_at,
            ends_at=each.ends_at, person=each.person, shadow=each.shadow,
            reason=each.reason[:REASON_LENGTH], published_at=at,
        )
        for each in shifts
    ]  # fmt: skip
    bulk_create_with_history(rows, Shift, batch_size=1000, default_user=actor, default_date=at)
    return rows


def put_on(
    shifts: Sequence[Shift], person: Person | None, reason: str, *, actor: Person, at: datetime
) -> None:
    """Let this person serve these shifts from now on, inside the act's transaction.

    Whoever learnt beside goes on learning, unless it is they who serve now.
    """
    for shift in shifts:
        shift.person, shift.reason = person, reason[:REASON_LENGTH]
        if person is not None and shift.shadow_id == person.pk:
            shift.shadow = None
    bulk_update_with_history(
        shifts, Shift, ["person", "shadow", "reason"], default_user=actor, default_date=at
    )


def require_role(role: str) -> None:
    """Invalid `unknown_role` names those there are: a misspelt one would read as nobody's."""
    known = list(Role.objects.order_by("slug").values_list("slug", flat=True))
    if role not in known:
        message = f"There is no role “{role}”: use {', '.join(known)}."
        raise Invalid.because("unknown_role", message, "role")


def on_duty(*, at: datetime, role: str = "") -> list[Shift]:
    """The shifts that run at this instant, of one role or of all, gaps among them; one query.

    Where none runs one more: a role nobody knows is refused, see `require_role`.
    """
    # Role by role: the index of shifts begins with it, and those of years ago are never read.
    roles = Role.objects.filter(pk=role) if role else Role.objects.all()
    running = Shift.objects.covering(at).filter(role__in=roles)
    rows = running.select_related("role", "person", "shadow")
    found = list(rows.order_by("role__position", "role__name", "band", "pk"))
    if role and not found:
        require_role(role)
    return found
