"""Privileged notes: written by counsel, privacy and command, and read by nobody else."""

from datetime import datetime

from django.db import transaction

from incidents.models.incident import Assignment, Incident
from incidents.models.legal import LegalNote
from incidents.models.people import Person
from incidents.operations import records, standing, timeline, words
from incidents.rules.legal import may_read_notes
from incidents.rules.phases import State

ON_TIMELINE = "A privileged legal note was written"


@transaction.atomic
def write_legal_note(
    incident: Incident, *, text: str, actor: Person, at: datetime
) -> LegalNote:
    """Keep a note whose words stand nowhere else: not on the timeline, not in the audit line.

    Invalid without words. Only who may read them writes them; nobody does so for another.
    """
    standing.lock(incident)
    standing.require("write_legal_note", incident, actor, at=at)
    text = words.required(text, "text", "Write the note: only the few named here read it.")
    note = LegalNote.objects.create(
        incident=incident, text=text, written_by=actor, written_at=at
    )
    timeline.record(incident, ON_TIMELINE, at=at, author=actor)
    records.audit("write_legal_note", incident, actor=actor, at=at, note=note.pk)
    return note


def readable(incident: Incident, person: Person) -> bool:
    """Whether this person is counsel, privacy officer or commander here, now or to the end.

    A rank or a permission opens nothing, nor does acting for one of them. One query, none where
    the assignments were prefetched.
    """
    held = (
        _to_the_end(incident) if incident.state == State.CANCELLED else standing.held(incident)
    )
    return may_read_notes(one.role_id for one in held if one.person_id == person.pk)


def _to_the_end(incident: Incident) -> list[Assignment]:
    """Who held what when it was called off; who was relieved before that reads no more."""
    return [
        one
        for one in incident.assignments.all()
        if one.end_reason.startswith((standing.CANCELLED, standing.MERGED))
    ]


def notes(incident: Incident, person: Person) -> list[LegalNote]:
    """Those this person may read, the oldest first; none for all others."""
    if not readable(incident, person):
        return []
    return list(incident.legal_notes.select_related("written_by"))


def count(incident: Incident) -> int:
    """How many there are: that much everybody may know."""
    return incident.legal_notes.count()
