"""Import of closed incidents of the past: one bulk write with row history and one audit line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F
from simple_history.utils import bulk_create_with_history

from incidents.models import Counter, Incident
from incidents.operations.records import audit
from incidents.rules.instants import order_violations
from incidents.rules.phases import State
from reviews.history_import import PastIncident

SERIES = "history"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """How many incidents were new, how many were known, how many contradict themselves."""

    new: int
    known: int
    contradictory: int


@transaction.atomic
def import_history(
    past: Sequence[PastIncident], *, at: datetime, dry_run: bool = False
) -> Imported:
    """Keep what is not known yet by source and id; all or nothing, safe to repeat.

    The source's instants become ours, marked as backfilled; one that is out of order is kept as
    told, with that said in its provenance. Severity stays unknown, and no review is owed.
    """
    known = _known(past)
    new = [told for told in past if (told.source, told.external_id) not in known]
    first = 0 if dry_run or not new else _take_numbers(len(new))
    rows = [_row(told, f"H-{first + i}") for i, told in enumerate(new)]
    imported = Imported(len(new), len(past) - len(new), sum(map(_is_contradictory, rows)))
    if rows and not dry_run:
        # One statement a batch: the incidents are closed, so no rule of a verb applies to them.
        bulk_create_with_history(rows, Incident, batch_size=BATCH, default_date=at)
        _audit(new, imported, at=at)
    return imported


def _known(past: Sequence[PastIncident]) -> set[tuple[str, str]]:
    sources = {told.source for told in past}
    rows = Incident.objects.filter(source__in=sources).values_list("source", "external_id")
    return set(rows)


def _take_numbers(count: int) -> int:
    """The first of so many numbers of the gap-free series of imported incidents."""
    Counter.objects.get_or_create(name=SERIES)
    Counter.objects.filter(name=SERIES).update(value=F("value") + count)
    return Counter.objects.values_list("value", flat=True).get(name=SERIES) - count + 1


def _row(told: PastIncident, reference: str) -> Incident:
    instants = {
        "impact_started_at": told.started_at,
        "detected_at": told.started_at,
        "declared_at": told.started_at,
        "first_public_update_at": told.first_public_at,
        "mitigated_at": told.mitigated_at,
        "resolved_at": told.resolved_at,
        "closed_at": told.resolved_at,
    }
    return Incident(
        reference=reference,
        title=told.title,
        state=State.CLOSED,
        facts=_facts(told),
        source=told.source,
        external_id=told.external_id,
        provenance=_provenance(told.source, instants),
        **instants,
    )


def _facts(told: PastIncident) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "impact": told.impact,
        "components": list(told.components),
        "public_updates": told.updates,
    }
    if told.identified_at is not None:
        facts["identified_at"] = told.identified_at.isoformat()
    return facts


def _provenance(source: str, instants: dict[str, datetime | None]) -> dict[str, Any]:
    wrong = {reason.field: reason.message for reason in order_violations(instants)}
    return {
        name: {"source": "backfilled", "by": source, "reason": _kept(wrong.get(name, ""))}
        for name, instant in instants.items()
        if instant is not None
    }


def _kept(violation: str) -> str:
    """Why an instant out of order stands: nobody left can correct what the source says."""
    return (
        f"Kept as the source tells it, though {violation.split(':')[0]}." if violation else ""
    )


def _is_contradictory(row: Incident) -> bool:
    return any(origin["reason"] for origin in row.provenance.values())


def _audit(new: Iterable[PastIncident], imported: Imported, *, at: datetime) -> None:
    kind = ContentType.objects.get_for_model(Incident)
    sources = sorted({told.source for told in new})
    audit("import_incidents", kind, actor=None, at=at, new=imported.new, sources=sources)
