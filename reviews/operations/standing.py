"""Who may write a review or touch an action item: a standing permission, and whose it is."""

from incidents.models import Person
from incidents.operations.standing import LEAD, missing
from incidents.rules.reasons import NotPermitted, Reason


def objections(
    permission: str, person: Person, *, owner: Person | None = None
) -> tuple[Reason, ...]:
    """Why not: without the permission never; what somebody owns is for them or leadership."""
    if reason := missing(person, permission):
        return (reason,)
    if owner is None or person.pk == owner.pk or person.has_perm(LEAD):
        return ()
    return (Reason("not_the_owner", f"Ask {owner}, who owns it, or a leader to do this."),)


def require(permission: str, person: Person, *, owner: Person | None = None) -> None:
    """Refuse with `no_permission` or `not_the_owner`."""
    if reasons := objections(permission, person, owner=owner):
        raise NotPermitted(*reasons)
