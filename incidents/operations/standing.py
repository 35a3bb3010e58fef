"""Who stands before an incident: may he ever (Django's permission), may he now (the rules).

Also what every verb begins with: the incident's row, locked and read anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from incidents.models.adherence import Delegation
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.update import Update
from incidents.operations import mandates
from incidents.rules import authority
from incidents.rules.authority import Circumstances
from incidents.rules.phases import State
from incidents.rules.reasons import NotPermitted, Reason
from incidents.rules.verbs import VERBS

LEAD = "incidents.lead_incident"
CLOSED = "The incident was closed"  # why a role ended that was held to the end
CANCELLED = "The incident was cancelled"  # the same of what was called off
MERGED = "Merged into"  # and the reference of the other
LEADERS_TOLD = 50  # a message to everybody is a message to nobody
_PERMISSIONS = (
    "django.contrib.auth.backends.ModelBackend"  # of several, the one that keeps them
)


def circumstances(
    incident: Incident,
    person: Person,
    *,
    verb: str = "",
    update: Update | None = None,
    at: datetime | None = None,
) -> Circumstances:
    """What the rules of authority ask about this person before this incident and this act.

    Of a closed incident the roles held to its end still count: its counsel answers a running
    clock, its communications lead publishes the last word, its commander may reopen it.
    One query, none where the assignments were prefetched: a page asks for every verb. Delegations
    are looked up where `at` is given and the act is not this person's in their own right.
    """
    return _before(verb, incident, person, update, at)[0]


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
    verb: str,
    incident: Incident,
    person: Person,
    *,
    update: Update | None = None,
    at: datetime | None = None,
) -> Person | None:
    """Return only if this person may do this here and now; NotPermitted or Refused otherwise.

    Returned is for whom: the giver of the delegation that lets them, None in their own right.
    """
    permit(verb, person)
    now, giver = _before(verb, incident, person, update, at)
    authority.require(verb, now)
    return giver


def objections(
    verb: str,
    incident: Incident,
    person: Person,
    *,
    update: Update | None = None,
    at: datetime | None = None,
) -> tuple[Reason, ...]:
    """Every reason why this person may not do this now; empty says he may."""
    missing = _missing_permission(verb, person)
    now, _ = _before(verb, incident, person, update, at)
    found = authority.objections(verb, now)
    return (missing, *found) if missing else found


def signed(text: str, giver: Person | None) -> str:
    """What was done, and on whose behalf where a delegate did it: the giver stays accountable."""
    return f"{text}, on behalf of {giver}" if giver else text


def on_behalf(giver: Person | None) -> dict[str, str]:
    """The same, as an audit line keeps it; nothing where somebody acted in their own right."""
    return {"on_behalf_of": giver.username} if giver else {}


def delegated(incident: Incident, person: Person, act: str, *, at: datetime) -> set[str]:
    """The roles whose holders let this person perform this act now; two queries, or prefetched."""
    given = _given(incident, person, act, held(incident), at)
    return {one.role_id for one in given}


def held(incident: Incident) -> list[Assignment]:
    """Who holds what now; of a closed incident, who held it to the end. One query, or prefetched."""
    is_over = incident.state == State.CLOSED
    return [
        one
        for one in incident.assignments.all()
        if one.ended_at is None or (is_over and one.end_reason == CLOSED)
    ]


def lock(incident: Incident) -> None:
    """Lock the incident's row until the transaction ends and read it anew into this instance.

    What was decided on before the lock may be stale: ask `require` after it.
    """
    incident.refresh_from_db(from_queryset=Incident.objects.select_for_update())


def leaders() -> QuerySet[Person]:
    """The active people of leadership, the first fifty by username."""
    return having(LEAD).order_by("username")[:LEADERS_TOLD]


def having(permission: str) -> QuerySet[Person]:
    """The active people with this standing permission."""
    return Person.objects.with_perm(permission, backend=_PERMISSIONS)


def _before(
    verb: str, incident: Incident, person: Person, update: Update | None, at: datetime | None
) -> tuple[Circumstances, Person | None]:
    """The circumstances, and whose delegate it takes to be permitted."""
    act = mandates.act_of(verb, update)
    mandate = mandates.of(verb, incident, update)
    here = held(incident)
    # Nobody approves what they drafted: a role that only drafters hold does not stand in the way.
    wrote = mandates.drafters(update) if update and verb == "approve_update" else frozenset()
    own = Circumstances(
        state=State(incident.state),
        roles_held=frozenset(one.role_id for one in here if one.person_id == person.pk),
        roles_filled=frozenset(one.role_id for one in here if one.person_id not in wrote),
        is_leadership=person.has_perm(LEAD),
        is_drafter=person.pk in wrote,
        mandate=mandate,
    )
    if act is None or authority.is_permitted(verb, own):
        return own, None
    for one in _given(incident, person, act.code, here, at) if at else ():
        acting = replace(own, delegated=frozenset({one.role_id}))
        if authority.is_permitted(verb, acting):
            return acting, one.giver
    # What the refusal names is read only where something is refused.
    named = mandate and replace(mandate, line=mandates.named(incident, act.code))
    return replace(own, mandate=named), None


def _given(
    incident: Incident, person: Person, act: str, held: Iterable[Assignment], at: datetime
) -> Iterator[Delegation]:
    """What lets this person perform this act in a holder's place; one query, or prefetched."""
    for one in incident.delegations.all():
        if one.to_id == person.pk and one.act in ("", act) and is_running(one, held, at=at):
            yield one


def is_running(one: Delegation, held: Iterable[Assignment], *, at: datetime) -> bool:
    """Begun, neither over nor taken back, and its giver has held the role ever since.

    Who gave the role up and took it again has to give anew: nobody acts for a holder who forgot.
    """
    if one.revoked_at is not None or not one.starts_at <= at < one.ends_at:
        return False
    return any(
        each.ended_at is None
        and (each.role_id, each.person_id) == (one.role_id, one.giver_id)
        and each.assigned_at <= one.starts_at
        for each in held
    )


def _missing_permission(verb: str, person: Person) -> Reason | None:
    law = VERBS[verb]
    if person.has_perm(f"incidents.{law.permission}"):
        return None
    message = (
        f"You have no permission for “{law.label}”: ask an administrator to add you to a group "
        "that has it."
    )
    return Reason("no_permission", message)
