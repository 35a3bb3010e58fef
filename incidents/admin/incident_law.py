"""What the incident page shows of its law: who decides what here, and who acts for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects

from incidents.admin.incident_acts import grouped
from incidents.models import Assignment, Delegation, Incident, Person
from incidents.operations import delegation, mandates, pinned, who_may
from incidents.rules.authority import DECIDED
from incidents.rules.roles import NAMES

TAKE_BACK = "end_delegation"  # each delegation has its own button, where it is listed


@dataclass(frozen=True)
class Decided:
    """One act that the matrix gives to one role here: the line, who holds the role, who acts."""

    act: str
    line: str
    role: str
    holders: tuple[Person, ...]
    delegates: tuple[Delegation, ...]


@dataclass(frozen=True)
class Given:
    """One delegation: whether it runs, and whether the reader may take it back."""

    row: Delegation
    what: str
    is_running: bool
    may_take_back: bool


def read(rows: QuerySet[Incident]) -> Incident | None:
    """The first of these with its delegations loaded; one query more only where there are any."""
    given = Delegation.objects.filter(incident=OuterRef("pk"))
    incident = rows.annotate(has_delegations=Exists(given)).first()
    if incident is None:
        return None
    people = Delegation.objects.select_related("role", "giver", "to")
    found = people if incident.has_delegations else Delegation.objects.none()
    prefetch_related_objects([incident], Prefetch("delegations", queryset=found))
    return incident


def context(incident: Incident, reader: Person, at: datetime) -> dict[str, Any]:
    """For the page; the incident was read by `read`, with its assignments."""
    held = [one for one in incident.assignments.all() if one.ended_at is None]
    running = delegation.running(incident, at=at)
    may_end = delegation.to_take_back(incident, reader, at=at)
    return {
        "decided": list(_decided(incident, held, running)),
        "who_may": _who_may(incident, at),
        "delegations": [
            Given(one, _what(one), one in running, one in may_end)
            for one in incident.delegations.all()
        ],
    }


def _decided(
    incident: Incident, held: Iterable[Assignment], running: Iterable[Delegation]
) -> Iterable[Decided]:
    names = {**NAMES, **{one.role_id: one.role.name for one in held}}
    for act in DECIDED.values():
        line, role = (
            pinned.governing(incident, act.code),
            mandates.accountable(incident, act.code),
        )
        if line and role:
            yield Decided(
                act.label,
                line.name,
                names.get(role, role.replace("_", " ").capitalize()),
                tuple(one.person for one in held if one.role_id == role),
                tuple(
                    one for one in running if one.role_id == role and one.act in ("", act.code)
                ),
            )


def _who_may(incident: Incident, at: datetime) -> dict[str, list[who_may.Row]]:
    """Every verb possible now and whose it is, by what it is about; one query, or two."""
    return grouped(who_may.table(incident, at=at), lambda row: row.verb)


def _what(one: Delegation) -> str:
    return one.get_act_display() or "Every act of the role"
