"""Who may write a review or touch an action item: a standing permission, and whose it is."""

from incidents.models import Incident, Person
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


def sees(person: Person, incident: Incident) -> bool:
    """Whether this person may know of the incident; no query where it is not private."""
    if not incident.is_private:
        return True
    return not Incident.objects.hidden_from(person).filter(pk=incident.pk).exists()


def require(permission: str, person: Person, *, owner: Person | None = None) -> None:
    """Refuse with `no_permission` or `not_the_owner`."""
    if reasons := objections(permission, person, owner=owner):
        raise NotPermitted(*reasons)
