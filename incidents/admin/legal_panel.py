"""The law on the page an incident is run from: counsel, the next duties, open questions, notes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from incidents.admin import legal_question, legal_running
from incidents.admin.legal_question import Room
from incidents.models import Incident, LegalClock, LegalNote, Person
from incidents.operations import law, legal_case, legal_notes
from incidents.operations.legal_case import Reading
from incidents.rules.legal_clocks import COUNSEL

SHOWN = 4  # duties; the page of the law has them all
SETTLED_SHOWN = 3
RED_BEFORE = timedelta(minutes=15)


def with_notes(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """Each says how many privileged notes it has, at the cost of no statement of its own."""
    notes = LegalNote.objects.filter(incident=OuterRef("pk")).order_by()
    count = notes.values("incident").annotate(count=Count("pk")).values("count")
    return rows.annotate(notes_there=Coalesce(Subquery(count, output_field=IntegerField()), 0))


def context(
    incident: Incident,
    reader: Person,
    *,
    clocks: Sequence[LegalClock],
    urls: Mapping[str, str],
    at: datetime,
) -> dict[str, Any]:
    """For the panel: one query where a law is pinned, one more for who may read notes there are."""
    rows = legal_running.ordered(clocks)
    counsel = next((one for one in rows if one.kind == COUNSEL), None)
    duties = [one for one in rows if one.is_open and one.kind != COUNSEL]
    settled = [one for one in rows if not one.is_open and one.kind != COUNSEL]
    count = getattr(incident, "notes_there", 0)
    return {
        "law_counsel": counsel,
        "law_counsel_acts": legal_running.acts(counsel, urls) if counsel else {},
        "law_red_before": int(RED_BEFORE.total_seconds()),
        "law_duties": duties[:SHOWN],
        "law_more": max(len(duties) - SHOWN, 0),
        "law_settled": settled[:SETTLED_SHOWN],
        "law_settled_more": max(len(settled) - SETTLED_SHOWN, 0),
        "law_doubted": sum(one.doubted_at is not None for one in duties),
        "law_notes_count": count,
        "law_notes": legal_notes.notes(incident, reader) if count else [],
        **_questions(incident, tuple(rows), at),
    }


def _questions(
    incident: Incident, clocks: tuple[LegalClock, ...], at: datetime
) -> dict[str, Any]:
    """How many are open, and whether anything was answered yet; nothing where no law is pinned."""
    found = law.law_of(incident)
    if found is None:
        return {"law_is_pinned": False, "law_open": 0}
    # What the data map assumes is no finding: questions are open all the same.
    reading = Reading(incident, *found, legal_case.last_said(incident), {}, {}, at)
    return {
        "law_is_pinned": True,
        "law_open": legal_question.open_count(Room(reading, clocks)) if incident.is_open else 0,
    }
