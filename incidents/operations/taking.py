"""Taking a role: who may, which assignments end by it, and who hears; command moves by nothing else.

Every function is called inside an act's transaction, with the incident locked.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError

from incidents.models.calendar import today
from incidents.models.catalogue import Service
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.models.roles import Role
from incidents.operations import (
    answering,
    escalation,
    exclusions,
    exercises,
    giving_way,
    staffing,
)
from incidents.operations.composing import Message
from incidents.operations.moves import provenance
from incidents.rules.reasons import Reason, Refused
from incidents.rules.roles import (
    COMMANDER,
    COMMUNICATIONS,
    COUNSEL,
    DEPUTY,
    SCRIBE,
    UNDIVIDED,
)

# Of these an incident has one; whoever takes such a role relieves whoever held it.
SINGLE = frozenset({COMMANDER, DEPUTY, COMMUNICATIONS, SCRIBE, COUNSEL})


@contextmanager
def judged() -> Iterator[None]:
    """The database is the last judge; its refusal reads as a rule's."""
    try:
        yield
    except IntegrityError as error:
        raise staffing.last_judge(error) from error


def held(incident: Incident) -> list[Assignment]:
    """Who holds what here now; one query."""
    return list(incident.assignments.open().select_related("person", "role"))


def holder(role: str, held: Iterable[Assignment]) -> Assignment | None:
    """Who holds a role of which there is one."""
    return next((one for one in held if one.role_id == role), None)


def check(
    incident: Incident,
    role: Role,
    person: Person,
    held: Sequence[Assignment],
    *,
    service: Service | None = None,
    at: datetime,
) -> None:
    """Return only if this person may take this role now; Refused with every reason at once."""
    if reasons := objections(incident, role, person, held, service=service, at=at):
        raise Refused(*reasons)


def objections(
    incident: Incident,
    role: Role,
    person: Person,
    held: Sequence[Assignment],
    *,
    service: Service | None = None,
    at: datetime,
) -> list[Reason]:
    """Every reason why this person may not take this role now; empty says they may."""
    own = [one for one in held if one.person_id == person.pk]
    found = [] if person.is_active else [staffing.not_active(person)]
    if reason := exercises.outsider(incident, person):
        found.append(reason)
    if any(
        one.role_id == role.pk and one.service_id == (service and service.pk) for one in own
    ):
        message = f"{person} holds this role already: nothing is left to do."
        found.append(Reason("holds_it_already", message, "person"))
    if role.pk == COMMANDER:
        found += _objections_to_command(incident, person, at)
    kept = [one for one in own if one not in leaving(own, role.pk, person, service)]
    return [*found, *_excluded(person, role, kept)]


def leaving(
    held: Iterable[Assignment], role: str, person: Person, service: Service | None = None
) -> list[Assignment]:
    """The assignments that end because this person takes this role."""
    return [
        one
        for one in held
        if (one.role_id == role and (role in SINGLE or _is_same_service(one, service)))
        or (role == COMMANDER and one.role_id == DEPUTY and one.person_id == person.pk)
    ]


def take(
    incident: Incident,
    role: Role,
    person: Person,
    leaving: Iterable[Assignment],
    *,
    reason: str,
    service: Service | None = None,
    actor: Person | None,
    at: datetime,
) -> Assignment:
    """End and begin in one instant; strike the role from those nobody held.

    Where it is command that moves, no offer of it stands and no call waits any more. Who commands
    an exercise gives that up to command a real incident or to speak for it.
    """
    # Of two acts the second to get the lock may have read its clock first.
    at = max([at, *(one.assigned_at for one in leaving)])
    if role.pk == COMMANDER:
        answering.end(incident, at=at)
    if role.pk in UNDIVIDED:
        giving_way.leave_exercise(person, incident, actor=actor, at=at)
    for one in leaving:
        one.ended_at, one.end_reason = at, f"{person} is {role.name}"[:200]
        one.save(update_fields=["ended_at", "end_reason"])
    taken = Assignment.objects.create(
        incident=incident,
        role=role,
        person=person,
        service=service,
        reason=reason[: staffing.REASON_LENGTH],
        assigned_at=at,
        assigned_by=actor,
    )
    incident.unfilled = [one for one in incident.unfilled if not _answers(taken, one)]
    if role.pk == COMMANDER and incident.commander_assigned_at is None:
        incident.commander_assigned_at = at
        incident.provenance["commander_assigned_at"] = provenance("auto", actor)
    incident.save(update_fields=["unfilled", "commander_assigned_at", "provenance"])
    return taken


def messages(taken: Assignment, leaving: Iterable[Assignment]) -> Iterator[Message]:
    """To who takes the role, and to everybody it relieves."""
    yield from staffing.told_assigned([taken])
    for one in leaving:
        if one.person_id != taken.person_id:
            yield from escalation.about(
                taken.incident,
                [(one.person, one.role_id)],
                key=f"relieved:{one.pk}",
                kind="relieved",
                subject=f"{taken.person} is {one.role.name} now",
                body=f"You are relieved as {one.role.name}. {taken.reason}",
            )


def ended(leaving: Iterable[Assignment]) -> list[str]:
    """What ended by it, as an audit line keeps it."""
    return [f"{one.role_id}: {one.person.username}" for one in leaving]


def _objections_to_command(
    incident: Incident, person: Person, at: datetime
) -> Iterator[Reason]:
    if not person.qualifications.valid(today(at)).filter(role=COMMANDER).exists():
        message = f"{person} is not qualified to command: choose somebody who is."
        yield Reason("not_qualified", message, "person")
    elsewhere = Assignment.objects.commanding().filter(person=person).exclude(incident=incident)
    if incident.kind != Incident.Kind.EXERCISE:  # what is real goes first
        elsewhere = elsewhere.exclude(incident__kind=Incident.Kind.EXERCISE)
    if other := elsewhere.select_related("incident").first():
        message = (
            f"{person} commands {other.incident.reference}: choose somebody else, or have that "
            "command handed over first."
        )
        yield Reason("commands_another", message, "person")


def _excluded(person: Person, role: Role, kept: Sequence[Assignment]) -> Iterator[Reason]:
    """One reason a role that does not go with this one; no query for who holds nothing here."""
    if not kept:
        return
    names = {one.role_id: one.role.name for one in kept}
    for other, why in exclusions.conflicting(names, role.pk):
        message = (
            f"{person} is {names[other]} here, which does not go "
            f"with {role.name}. {why} Choose somebody else, or give that role to another first."
        )
        yield Reason("holds_another_role", message, "person")


def _is_same_service(one: Assignment, service: Service | None) -> bool:
    return service is not None and one.service_id == service.pk


def _answers(taken: Assignment, unfilled: dict[str, str | None]) -> bool:
    """Whether this assignment fills that gap; without a service it answers for all of them."""
    if unfilled["role"] != taken.role_id:
        return False
    return taken.service is None or unfilled["service"] in (None, taken.service.slug)
