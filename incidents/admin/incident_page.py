"""Everything the incident page shows, read in a bounded number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from incidents.admin import (
    incident_acts,
    incident_adherence,
    incident_due,
    incident_law,
    incident_timeline,
    incident_words,
    legal_panel,
)
from incidents.admin.incident_acts import Big
from incidents.admin.incident_waiting import Waiting
from incidents.admin.verbs import Offer
from incidents.models import (
    Assignment,
    AuditEvent,
    Dependency,
    Incident,
    Person,
    Role,
    Service,
    UpdateClock,
    VerifiedFact,
)
from incidents.operations import verifying
from incidents.rules import legal_words
from incidents.rules.instants import INSTANTS
from incidents.rules.phases import OPEN_STATES, State
from incidents.rules.roles import COMMANDER
from incidents.rules.sensible import Pending, Progress, sensible_acts

TIMELINE_SHOWN = 100
TIMELINE_OPEN = 20  # the others of those shown are folded
ACTS_SHOWN = 15
# The panels, each a template of its own; every one is renewed by itself while the page stands open.
TOP = ("head", "notices")
FIRST = ("due", "say", "law", "roles")
MIDDLE = ("acts", "decisions", "updates", "timeline")
LAST = ("severity", "services", "links", "whose", "who_may", "instants")
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
class Affected:
    """One affected service with whom to call up and down the stream."""

    service: Service
    upstream: tuple[Service, ...]
    downstream: tuple[Service, ...]


def page(
    incident: Incident, reader: Person, offers: Iterable[Offer], at: datetime
) -> dict[str, Any]:
    """The context of the page and of its panels; `incident` is as the admin's `get_object` reads it."""
    held = list(incident.assignments.all())
    clocks = list(incident.legal_clocks.select_related("settled_by"))
    updates = list(incident.update_clocks.exclude(due_at=None))
    decisions = list(incident.decisions.select_related("decided_by", "proposal__proposed_by"))
    waiting = Waiting(incident, reader)
    commander = next((one for one in held if _commands(one)), None)
    acts = incident_acts.context(
        incident_adherence.open_here(offers, incident),
        sensible=_sensible(incident, commander, waiting, updates, at),
        worded=_worded(incident, updates),
        hidden=waiting.not_here() | {incident_law.TAKE_BACK},
    )
    words = incident_words.context(incident, reader, clocks=updates, urls=acts["urls"], at=at)
    consulting = incident_adherence.consulting(incident, reader, at)
    return {
        "incident": incident,
        "reader": reader,
        "at": at,
        "panels": {"top": TOP, "first": FIRST, "middle": MIDDLE, "last": LAST},
        "steps": _steps(incident),
        "held": [one for one in held if one.ended_at is None],
        "held_before": [one for one in held if one.ended_at is not None],
        "commander": commander,
        "unfilled": _unfilled(incident),
        "waiting": waiting,
        "is_level_proposed": incident.is_severity_proposed,
        "due": incident_due.due(
            incident, updates=updates, clocks=clocks, decisions=decisions,
            consulting=consulting["consulting"], waiting=waiting, urls=acts["urls"],
            sayable={one.audience: one.act for one in words["owed"] if one.is_in_one_click},
        ),
        "affected": _affected(incident),
        "decisions": decisions,
        "acts_done": AuditEvent.objects.filter(
            subject_type="incidents.incident", subject_id=str(incident.pk)
        )[:ACTS_SHOWN],
        "instants": _instants(incident),
        "facts": _facts(incident),
        **_written(incident),
        **words,
        **acts,
        **consulting,
        **incident_law.context(incident, reader, at),
        **legal_panel.context(incident, reader, clocks=clocks, urls=acts["urls"], at=at),
    }  # fmt: skip


def _facts(incident: Incident) -> list[tuple[str, str, VerifiedFact | None]]:
    """What is known, and who verified it; no query where nothing is."""
    firm = verifying.verified(incident) if incident.facts else {}
    return [
        (
            name.replace("_", " ").capitalize(),
            legal_words.label(name, value),
            firm.get(name),
        )
        for name, value in sorted(incident.facts.items())
    ]


def _written(incident: Incident) -> dict[str, Any]:
    """The timeline, newest first, no more than a page bears."""
    entries = incident.timeline.select_related("author").order_by("-at", "-id")
    written = incident_timeline.ready(entries[: TIMELINE_SHOWN + 1])
    return {
        "timeline": written[:TIMELINE_OPEN],
        "timeline_folded": written[TIMELINE_OPEN:TIMELINE_SHOWN],
        "has_more_timeline": len(written) > TIMELINE_SHOWN,
    }


def _sensible(
    incident: Incident,
    commander: Assignment | None,
    waiting: Waiting,
    updates: Sequence[UpdateClock],
    at: datetime,
) -> tuple[str, ...]:
    progress = Progress(
        has_commander=commander is not None,
        contained=incident.contained_at is not None,
        mitigated=incident.mitigated_at is not None,
        resolved=incident.resolved_at is not None,
    )
    pending = Pending(
        is_called=waiting.is_called,
        is_offered_command=waiting.is_offered,
        level_proposed=incident.is_severity_proposed,
        update_late=any(one.due_at and one.due_at <= at for one in updates),
    )
    return sensible_acts(State(incident.state), progress, pending)


def _worded(incident: Incident, updates: Sequence[UpdateClock]) -> dict[str, Big]:
    """The big button names what it is about."""
    found = {}
    if incident.is_severity_proposed and incident.computed_level:
        level = incident.computed_level
        found["classify"] = Big(
            f"Decide: {level.name} is proposed", f"?level_code={level.code}"
        )
    if updates:
        late = min(updates, key=lambda one: (one.due_at is None, one.due_at))
        found["draft_update"] = Big(
            f"Draft the {late.audience} update", f"?audience={late.audience}"
        )
    return found


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
    """What nobody holds and who stands in; two queries for the names of today, none without a gap."""
    gaps = incident.unfilled
    names = Role.objects.in_bulk([one["role"] for one in gaps]) if gaps else {}
    leaders = {name for one in gaps for name in one.get("stand_in", ())}
    people = Person.objects.in_bulk(leaders, field_name="username") if leaders else {}
    return [
        {
            **one,
            "name": str(names.get(one["role"], one["role"])),
            "stand_in": [people[name] for name in one.get("stand_in", ()) if name in people],
        }
        for one in gaps
    ]


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
