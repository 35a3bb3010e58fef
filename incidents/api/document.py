"""What is answered about incidents: one in a list, what a declaration did, everything."""

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from incidents.api import answers, legal_document, lookup, shown, worded
from incidents.api.links import linked
from incidents.api.noticed import noticed
from incidents.models import (
    Assignment,
    Audience,
    EscalationCall,
    Incident,
    LegalNote,
    OutboxMessage,
    Service,
)
from incidents.operations import handover

_WITH = (
    "level",
    "computed_level",
    "matrix_version__matrix",
    "severity_scheme",
    "scenario",
    "declared_by",
)

_NOTE_COUNT = Subquery(
    LegalNote.objects.filter(incident=OuterRef("pk"))
    .order_by()
    .values("incident")
    .annotate(n=Count("pk"))
    .values("n")
)


def listed(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """With all that `summary` shows: three queries, however many rows."""
    commands = Assignment.objects.commanding().select_related("person")
    # What a list does not show is not read: JSON and instants are decoded row by row.
    rows = rows.defer(
        "facts", "provenance", "unfilled", "severity_missed", "judge_at", "impact_started_at",
        "acknowledged_at", "commander_assigned_at", "contained_at", "mitigated_at",
        "resolved_at", "first_internal_update_at", "first_public_update_at", "review_due_at",
    )  # fmt: skip
    return rows.select_related("level", "computed_level").prefetch_related(
        Prefetch("services", queryset=Service.objects.only("slug", "name")),
        Prefetch("assignments", queryset=commands, to_attr="commands"),
    )


def summary(incident: Incident) -> answers.Summary:
    """One incident in a list; expects it `listed`."""
    commands: list[Assignment] = getattr(incident, "commands", [])
    return {
        "reference": incident.reference,
        "title": incident.title,
        "kind": incident.kind,
        "state": incident.state,
        "phase": incident.state,
        "severity": shown.level(incident),
        "services": [service.slug for service in incident.services.all()],
        "commander": commands[0].person.username if commands else None,
        "detected_at": incident.detected_at,
        "declared_at": incident.declared_at,
        "closed_at": incident.closed_at,
    }


def receipt(incident: Incident, *, notes: int = 0) -> answers.Receipt:
    """What its declaration did; four queries beside the incident, four more with a law pinned."""
    version = incident.matrix_version
    return {
        "reference": incident.reference,
        "phase": incident.state,
        "severity": shown.severity(incident),
        "matrix_version": f"{version.matrix.slug} v{version.number}" if version else None,
        "assignments": [shown.held(each) for each in _assignments(incident, ended_at=None)],
        "unfilled": incident.unfilled,
        "messages": [
            *(shown.told(each) for each in _messages(incident)),
            *(shown.called_later(each) for each in _calls_to_come(incident)),
        ],
        "next_update_due_at": _next_update_due_at(_clocks(incident)),
        "legal": legal_document.legal(incident, notes=notes, at=timezone.now()),
    }


def document(reference: str) -> answers.Document:
    """Everything about one incident, read anew: as many queries for any. 404 without it."""
    rows = Incident.objects.select_related(*_WITH).annotate(note_count=_NOTE_COUNT)
    # Asked for more than once below.
    rows = rows.prefetch_related("services", "update_clocks")
    incident = lookup.incident_of(rows, reference)
    said = receipt(incident, notes=getattr(incident, "note_count", None) or 0)
    return {
        **said,
        "title": incident.title,
        "private": incident.is_private,
        "seen_by": _seen_by(incident),
        "kind": incident.kind,
        "state": incident.state,
        "scenario": incident.scenario.slug if incident.scenario else None,
        "services": [service.slug for service in incident.services.all()],
        "facts": incident.facts,
        "severity_override_reason": incident.severity_override_reason,
        "severity_scheme": incident.severity_scheme.number
        if incident.severity_scheme
        else None,
        "declared_by": shown.username(incident.declared_by),
        "instants": shown.instants(incident),
        "review_due_at": incident.review_due_at,
        "former_assignments": _former(incident),
        "timeline": [shown.entry(each) for each in incident.timeline.select_related("author")],
        "updates": worded.updates(incident),
        "verified_facts": worded.verified(incident),
        "clocks": _clocks(incident),
        "decisions": [
            shown.decision(each) for each in incident.decisions.select_related("decided_by")
        ],
        "proposals": [
            shown.proposed(each)
            for each in incident.proposals.select_related("proposed_by", "declined_by")
        ],
        "delegations": [
            shown.delegated(each) for each in incident.delegations.select_related("giver", "to")
        ],
        "suggestions": [
            shown.suggested(each)
            for each in incident.suggestions.select_related(
                "service", "person", "instead_of__person", "decided_by"
            )
        ],
        "hand_over": shown.offered(handover.open_offer(incident)),
        "links": linked(incident),
        "notices": noticed(incident),
    }


def _seen_by(incident: Incident) -> list[str]:
    """The groups that see a private one; asked only of those."""
    rows = incident.seen_by.order_by("name") if incident.is_private else ()
    return [group.name for group in rows]


def _assignments(incident: Incident, **which: object) -> QuerySet[Assignment]:
    rows = incident.assignments.filter(**which).select_related("person", "role", "service")
    return rows.order_by("role__position", "assigned_at", "id")


def _former(incident: Incident) -> list[answers.FormerlyHeld]:
    ended = _assignments(incident, ended_at__isnull=False)
    return [shown.formerly_held(each, each.ended_at) for each in ended if each.ended_at]


def _messages(incident: Incident) -> QuerySet[OutboxMessage]:
    """What the declaration composed: its topic is the incident, its instant the declaration's."""
    rows = OutboxMessage.objects.filter(
        topic=incident.reference, created_at=incident.declared_at
    )
    return rows.select_related("recipient").order_by("id")


def _calls_to_come(incident: Incident) -> QuerySet[EscalationCall]:
    """Whom its level calls later than at once."""
    rows = incident.calls.filter(level=incident.level_id, line=0, person__isnull=False)
    return rows.filter(due_at__gt=incident.declared_at).select_related("person")


def _clocks(incident: Incident) -> list[answers.Clock]:
    rows = incident.update_clocks.all()
    return [{"audience": row.audience, "due_at": row.due_at} for row in rows]


def _next_update_due_at(clocks: list[answers.Clock]) -> answers.NextUpdateDueAt:
    due = {clock["audience"]: clock["due_at"] for clock in clocks}
    return {
        "internal": due.get(Audience.INTERNAL),
        "public": due.get(Audience.PUBLIC),
        "customers": due.get(Audience.CUSTOMERS),
        "executive": due.get(Audience.EXECUTIVE),
        "support": due.get(Audience.SUPPORT),
    }
