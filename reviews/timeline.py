"""One reading of an incident from end to end, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from incidents.models import Incident, Update
from incidents.rules.instants import INSTANTS


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, of which kind, what, and who did or said it."""

    at: datetime
    kind: str
    text: str
    by: str = ""


def read(incident: Incident) -> list[Moment]:
    """Everything known to have happened, earliest first; four queries however much it is."""
    moments = [
        *_instants(incident),
        *_entries(incident),
        *_updates(incident),
        *_assignments(incident),
        *_decisions(incident),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _instants(incident: Incident) -> Iterator[Moment]:
    for name in INSTANTS:
        if (happened_at := getattr(incident, name)) is not None:
            origin = incident.provenance.get(name, {})
            label = name.removesuffix("_at").replace("_", " ").capitalize()
            text = f"{label}: {origin['reason']}" if origin.get("reason") else label
            yield Moment(happened_at, "instant", text, origin.get("by", ""))


def _entries(incident: Incident) -> Iterator[Moment]:
    for entry in incident.timeline.select_related("author"):
        by = str(entry.author) if entry.author else entry.get_source_display()
        yield Moment(entry.at, "entry", entry.text, by)


def _updates(incident: Incident) -> Iterator[Moment]:
    published = incident.updates.filter(status=Update.Status.PUBLISHED)
    for update in published.select_related("published_by"):
        if update.published_at is not None:
            text = f"{update.get_audience_display()} update: {update.text}"
            yield Moment(update.published_at, "update", text, str(update.published_by))


def _assignments(incident: Incident) -> Iterator[Moment]:
    for held in incident.assignments.select_related("role", "person", "assigned_by"):
        by = str(held.assigned_by) if held.assigned_by else ""
        text = f"{held.person} becomes {held.role}: {held.reason}"
        yield Moment(held.assigned_at, "assignment", text, by)
        if held.ended_at is not None:
            ended = f"{held.person} is no longer {held.role}"
            yield Moment(
                held.ended_at, "assignment", f"{ended}: {held.end_reason}".rstrip(": ")
            )


def _decisions(incident: Incident) -> Iterator[Moment]:
    for made in incident.decisions.select_related("decided_by"):
        text = f"{made.question} → {made.decision}"
        yield Moment(made.decided_at, "decision", text, str(made.decided_by))
