"""Roles at the end of an incident, and command when it comes back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_update_with_history

from incidents.models.calendar import today
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
    """The last commander takes command again, where he may: the rules are those of any command.

    Else command is among the unfilled roles. The caller saves the incident.
    """
    incident.unfilled = [one for one in incident.unfilled if one["role"] != COMMANDER]
    commands = incident.assignments.filter(role=COMMANDER).select_related("person", "role")
    last = commands.order_by("-assigned_at", "-pk").first()
    hindrance = _hindrance(last.person, at) if last else "Nobody commanded it before."
    taken = _take(last, actor, at) if last and not hindrance else None
    if taken is None:
        why = hindrance or "Another incident was faster."
        reasons = [f"{why} Leadership may assign somebody."]
        incident.unfilled += [{"role": COMMANDER, "service": None, "reasons": reasons}]
    return taken


def _hindrance(person: Person, at: datetime) -> str:
    """Why this person may not command now; empty if he may."""
    if not person.is_active:
        return f"{person} is deactivated."
    if person.absences.covering(at).exists():
        return f"{person} is away."
    if not person.qualifications.valid(today(at)).filter(role=COMMANDER).exists():
        return f"{person} is no longer qualified to command."
    if person.assignments.commanding().exists():
        return f"{person} commands another incident."
    return ""


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
