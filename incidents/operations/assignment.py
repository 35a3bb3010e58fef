"""Roles at the end of an incident, and when it comes back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_update_with_history

from incidents.models.calendar import today
from incidents.models.incident import Assignment, Incident
from incidents.models.people import Person
from incidents.operations import answering, staffing
from incidents.operations.standing import CLOSED
from incidents.rules.roles import COMMANDER


def end_all(incident: Incident, why: str, *, actor: Person, at: datetime) -> None:
    """Nobody holds a role here any more; no offer of command stands, and no call waits."""
    answering.end(incident, at=at)
    held = list(incident.assignments.open())
    for one in held:
        # Of two acts the second to get the lock may have read its clock first.
        one.ended_at, one.end_reason = max(at, one.assigned_at), why
    bulk_update_with_history(
        held, Assignment, ["ended_at", "end_reason"], default_user=actor, default_date=at
    )


def at_the_end(incident: Incident) -> list[Assignment]:
    """The roles as they stood when the incident was closed."""
    ended = incident.assignments.filter(end_reason=CLOSED, ended_at__gte=incident.closed_at)
    return list(ended.select_related("person", "role"))


def give_back(
    incident: Incident, ended: Sequence[Assignment], *, actor: Person, at: datetime
) -> list[Assignment]:
    """Everybody takes again the role they held at the end, where they may; what was given back.

    The rest, and a command nobody held, are among the unfilled roles. The caller saves the
    incident.
    """
    gaps: list[tuple[str, str]] = []
    taken = []
    for one in ended:
        hindrance = _hindrance(one, at)
        again = None if hindrance else _take(one, actor, at)
        if again is None:
            gaps.append((one.role_id, hindrance or "Another incident was faster."))
        else:
            taken.append(again)
    if not any(one.role_id == COMMANDER for one in ended):
        gaps.append((COMMANDER, "Nobody commanded it before."))
    leaders = staffing.stand_ins(incident, at=at) if gaps else []
    incident.unfilled = [
        staffing.gap(role, [f"{why} Leadership may assign somebody."], leaders)
        for role, why in gaps
    ]
    return taken


def _hindrance(one: Assignment, at: datetime) -> str:
    """Why this person may not hold the role again now; empty if he may."""
    person = one.person
    if not person.is_active:
        return f"{person} is deactivated."
    if person.absences.covering(at).exists():
        return f"{person} is away."
    if one.role_id != COMMANDER:
        return ""
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
                service_id=last.service_id,
                reason="Held it when the incident was closed",
                assigned_at=at,
                assigned_by=actor,
            )
    except IntegrityError as error:
        staffing.last_judge(error)
        return None
