"""Roles at the end of an incident, and command when it comes back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_update_with_history

from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import staffing
from incidents.rules.roles import COMMANDER

CLOSED = "The incident was closed"
CANCELLED = "The incident was cancelled"


def end_all(incident: Incident, why: str, *, actor: Person, at: datetime) -> None:
    """Nobody holds a role here any more."""
    held = list(incident.assignments.open())
    for one in held:
        # Of two acts the second to get the lock may have read its clock first.
        one.ended_at, one.end_reason = max(at, one.assigned_at), why
    bulk_update_with_history(
        held, Assignment, ["ended_at", "end_reason"], default_user=actor, default_date=at
    )


def held_at_the_end(incident: Incident) -> list[tuple[Person, str]]:
    """Who held which role when the incident was closed."""
    ended = incident.assignments.filter(end_reason=CLOSED, ended_at__gte=incident.closed_at)
    return [(one.person, one.role_id) for one in ended.select_related("person")]


def give_back_command(incident: Incident, *, actor: Person, at: datetime) -> Assignment | None:
    """The last commander takes command again, where he is here and commands nothing else.

    Else command is among the unfilled roles. The caller saves the incident.
    """
    incident.unfilled = [one for one in incident.unfilled if one["role"] != COMMANDER]
    commands = incident.assignments.filter(role=COMMANDER).select_related("person", "role")
    last = commands.order_by("-assigned_at", "-pk").first()
    taken = _take(last, actor, at) if last and _is_free(last.person, at) else None
    if taken is None:
        who = f"{last.person} is not free." if last else "Nobody commanded it before."
        reasons = [f"{who} Leadership may assign somebody."]
        incident.unfilled += [{"role": COMMANDER, "service": None, "reasons": reasons}]
    return taken


def _is_free(person: Person, at: datetime) -> bool:
    return (
        person.is_active
        and not person.absences.covering(at).exists()
        and not person.assignments.commanding().exists()
    )


def _take(last: Assignment, actor: Person, at: datetime) -> Assignment | None:
    """None where another incident was faster."""
    try:
        with transaction.atomic():
            return Assignment.objects.create(
                incident_id=last.incident_id,
                role=last.role,
                person=last.person,
                reason="Commanded it before it was closed",
                assigned_at=at,
                assigned_by=actor,
            )
    except IntegrityError as error:
        staffing.last_judge(error)
        return None
