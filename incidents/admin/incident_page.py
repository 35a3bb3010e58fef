"""Everything the incident page shows, read in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from incidents.models import (
    Assignment,
    AuditEvent,
    Dependency,
    Incident,
    LegalClock,
    Role,
    Service,
    UpdateClock,
)
from incidents.rules.authority import next_sensible
from incidents.rules.instants import INSTANTS
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.roles import COMMANDER

TIMELINE_SHOWN = 100
ACTS_SHOWN = 15
# Who holds and held what: read once, for the page and for what the rules ask of every verb.
HELD = Prefetch(
    "assignments", queryset=Assignment.objects.select_related("role", "person", "service")
)
# Their tiers may decide whose act it is, so the rules ask for them too.
READ_ONCE = (
    HELD,
    Prefetch("services", queryset=Service.objects.select_related("owner", "team")),
)


@dataclass(frozen=True)
class Step:
    """One phase in the strip at the top: done, now or to come."""

    name: str
    standing: str


@dataclass(frozen=True)
class Due:
    """One running clock."""

    what: str
    due_at: datetime


@dataclass(frozen=True)
class Affected:
    """One affected service with whom to call up and down the stream."""

    service: Service
    upstream: tuple[Service, ...]
    downstream: tuple[Service, ...]


def page(incident: Incident, at: datetime) -> dict[str, Any]:
    """The context of the page: `incident` is loaded with its foreign keys and `READ_ONCE`."""
    held = list(incident.assignments.all())
    clocks = list(incident.legal_clocks.select_related("answered_by"))
    return {
        "incident": incident,
        "steps": _steps(incident),
        "held": [one for one in held if one.ended_at is None],
        "held_before": [one for one in held if one.ended_at is not None],
        "commander": next((one for one in held if _commands(one)), None),
        "unfilled": _unfilled(incident),
        "due": sorted(_due(incident, clocks), key=lambda due: due.due_at),
        "answered": [clock for clock in clocks if clock.answered_at is not None],
        "affected": _affected(incident),
        "updates": incident.updates.select_related("drafted_by", "approved_by", "published_by"),
        "decisions": incident.decisions.select_related("decided_by"),
        "timeline": incident.timeline.select_related("author").order_by("-at", "-id")[
            :TIMELINE_SHOWN
        ],
        "acts": AuditEvent.objects.filter(
            subject_type="incidents.incident", subject_id=str(incident.pk)
        )[:ACTS_SHOWN],
        "instants": _instants(incident),
        "facts": [
            (name.replace("_", " ").capitalize(), value)
            for name, value in sorted(incident.facts.items())
        ],
        "at": at,
    }


def big_button(incident: Incident, *, has_commander: bool) -> str | None:
    """The verb a commander most sensibly does next."""
    return next_sensible(
        State(incident.state),
        has_commander=has_commander,
        contained=incident.contained_at is not None,
        mitigated=incident.mitigated_at is not None,
        resolved=incident.resolved_at is not None,
    )


def _commands(one: Assignment) -> bool:
    return one.role_id == COMMANDER and one.ended_at is None


def _steps(incident: Incident) -> list[Step]:
    order = [*OPEN_STATES, State.CLOSED]
    if incident.state == State.CANCELLED:
        return [*(Step(state, "later") for state in OPEN_STATES), Step(State.CANCELLED, "now")]
    now = order.index(State(incident.state))
    standing = ["done"] * now + ["now"] + ["later"] * (len(order) - now - 1)
    return [Step(state, how) for state, how in zip(order, standing, strict=True)]


def _unfilled(incident: Incident) -> list[dict[str, Any]]:
    """What nobody holds, by the names of today; the names cost a query only where they are needed."""
    slugs = [one["role"] for one in incident.unfilled]
    names = Role.objects.in_bulk(slugs) if slugs else {}
    return [
        {**one, "name": str(names.get(one["role"], one["role"]))} for one in incident.unfilled
    ]


def _due(incident: Incident, clocks: Iterable[LegalClock]) -> Iterable[Due]:
    updates: list[UpdateClock] = list(incident.update_clocks.exclude(due_at=None))
    for update in updates:
        if update.due_at:
            yield Due(f"Next {update.audience} update", update.due_at)
    for clock in clocks:
        if clock.due_at and clock.answered_at is None:
            yield Due(
                f"{clock.kind.replace('-', ' ').capitalize()}: {clock.basis}", clock.due_at
            )


def _affected(incident: Incident) -> list[Affected]:
    services = list(incident.services.all())
    ids = [service.pk for service in services]
    up, down = defaultdict(list), defaultdict(list)
    touching = Dependency.objects.filter(Q(downstream__in=ids) | Q(upstream__in=ids))
    for edge in touching.select_related("upstream__owner", "downstream__owner"):
        up[edge.downstream_id].append(edge.upstream)
        down[edge.upstream_id].append(edge.downstream)
    return [Affected(one, _once(up[one.pk]), _once(down[one.pk])) for one in services]


def _once(services: Iterable[Service]) -> tuple[Service, ...]:
    return tuple({one.pk: one for one in services}.values())


def _instants(incident: Incident) -> list[dict[str, Any]]:
    return [
        {
            "name": name.removesuffix("_at").replace("_", " "),
            "at": getattr(incident, name),
            "source": incident.provenance.get(name, {}),
        }
        for name in INSTANTS
        if getattr(incident, name)
    ]
