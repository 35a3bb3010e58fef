"""Who stands before an incident: may he ever (Django's permission), may he now (the rules).

Also what every verb begins with: the incident's row, locked and read anew.
"""

from django.db.models import QuerySet

from incidents.models.incident import Incident
from incidents.models.people import Person
from incidents.models.update import Update
from incidents.rules import authority
from incidents.rules.authority import Circumstances
from incidents.rules.phases import State
from incidents.rules.reasons import NotPermitted, Reason
from incidents.rules.verbs import VERBS

LEAD = "incidents.lead_incident"
CLOSED = "The incident was closed"  # why a role ended that was held to the end
LEADERS_TOLD = 50  # a message to everybody is a message to nobody
_PERMISSIONS = (
    "django.contrib.auth.backends.ModelBackend"  # of several, the one that keeps them
)


def circumstances(
    incident: Incident, person: Person, *, update: Update | None = None
) -> Circumstances:
    """What the rules of authority ask about this person before this incident.

    Of a closed incident the roles held to its end still count: its counsel answers a running
    clock, its communications lead publishes the last word, its commander may reopen it.
    One query, none where the assignments were prefetched: a page asks for every verb.
    """
    is_over = incident.state == State.CLOSED
    everybody = incident.assignments.all()
    held = [
        one
        for one in everybody
        if one.ended_at is None or (is_over and one.end_reason == CLOSED)
    ]
    holders = [(one.role_id, one.person_id) for one in held]
    return Circumstances(
        state=State(incident.state),
        roles_held=frozenset(role for role, holder in holders if holder == person.pk),
        roles_filled=frozenset(role for role, _ in holders),
        is_leadership=person.has_perm(LEAD),
        is_drafter=update is not None and update.drafted_by_id == person.pk,
    )


def permit_to(person: Person, permission: str) -> None:
    """Return only if this person has the standing permission; NotPermitted `no_permission` else."""
    if reason := missing(person, permission):
        raise NotPermitted(reason)


def missing(person: Person, permission: str) -> Reason | None:
    """Why this person may never do what the permission is for; None if he has it."""
    if person.has_perm(permission):
        return None
    message = (
        f"You have no permission “{permission}”: ask an administrator for a group with it."
    )
    return Reason("no_permission", message)


def permit(verb: str, person: Person) -> None:
    """Return only if this person may ever do this; NotPermitted `no_permission` otherwise."""
    if reason := _missing_permission(verb, person):
        raise NotPermitted(reason)


def require(
    verb: str, incident: Incident, person: Person, *, update: Update | None = None
) -> None:
    """Return only if this person may do this here and now; NotPermitted or Refused otherwise."""
    permit(verb, person)
    authority.require(verb, circumstances(incident, person, update=update))


def objections(
    verb: str, incident: Incident, person: Person, *, update: Update | None = None
) -> tuple[Reason, ...]:
    """Every reason why this person may not do this now; empty says he may."""
    missing = _missing_permission(verb, person)
    now = authority.objections(verb, circumstances(incident, person, update=update))
    return (missing, *now) if missing else now


def lock(incident: Incident) -> None:
    """Lock the incident's row until the transaction ends and read it anew into this instance.

    What was decided on before the lock may be stale: ask `require` after it.
    """
    incident.refresh_from_db(from_queryset=Incident.objects.select_for_update())


def leaders() -> QuerySet[Person]:
    """The active people of leadership, the first fifty by username."""
    holders = Person.objects.with_perm(LEAD, backend=_PERMISSIONS)
    return holders.order_by("username")[:LEADERS_TOLD]


def _missing_permission(verb: str, person: Person) -> Reason | None:
    law = VERBS[verb]
    if person.has_perm(f"incidents.{law.permission}"):
        return None
    message = (
        f"You have no permission for “{law.label}”: ask an administrator to add you to a group "
        "that has it."
    )
    return Reason("no_permission", message)
