"""The law of an incident: what is known, what it asks, and that it was done or decided against."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from incidents.api import legal_document, legal_said, legal_shown, lookup, said
from incidents.api.acts import act, by, spelt
from incidents.api.answers import Document
from incidents.api.auth import VIEW, Bearer, caller
from incidents.api.document import document
from incidents.api.fields import Reference, Slug
from incidents.api.legal_answers import LawOfIncident, LegalNotes
from incidents.models import Incident
from incidents.operations import counsel, facts, filing, legal_notes, not_notifying
from incidents.operations.filing import Attachment
from incidents.rules.reasons import NotPermitted

router = Router(tags=["legal"])


@act(router, "record_facts", "legal")
def record_facts(request: HttpRequest, reference: Reference, body: said.Facts) -> Document:
    facts.record_facts(
        lookup.incident(reference),
        facts=body.facts,
        clocks=body.clocks,
        unknown=body.unknown,
        source=body.source,
        **by(request),
    )
    return document(reference)


@router.get(
    "/{reference}/legal",
    auth=Bearer(VIEW),
    response=LawOfIncident,
    operation_id="read_legal",
)
def read_legal(request: HttpRequest, reference: Reference) -> LawOfIncident:
    """What the law pinned to it asks, by which facts and whose, and what was filed and decided."""
    rows = Incident.objects.select_related("law_pack", "legal_profile")
    incident = lookup.incident_of(rows, reference)
    return legal_document.law_of(incident, reader=caller(request), at=timezone.now())


@act(router, "engage_counsel", "legal/engage-counsel")
def engage_counsel(
    request: HttpRequest, reference: Reference, body: legal_said.EngageCounsel
) -> Document:
    counsel.engage_counsel(
        lookup.incident(reference),
        person=lookup.person(body.person),
        how=body.how,
        engaged_at=body.engaged_at,
        **by(request),
    )
    return document(reference)


@act(router, "decide_not_to_notify", "legal/not-to-notify")
def decide_not_to_notify(
    request: HttpRequest, reference: Reference, body: legal_said.NotToNotify
) -> Document:
    incident = lookup.incident(reference)
    not_notifying.decide_not_to_notify(
        incident, regime=body.regime, reason=body.reason, **by(request)
    )
    return document(reference)


@act(router, "write_legal_note", "legal/notes")
def write_legal_note(
    request: HttpRequest, reference: Reference, body: legal_said.LegalNoteSaid
) -> Document:
    legal_notes.write_legal_note(lookup.incident(reference), text=body.text, **by(request))
    return document(reference)


@router.get(
    "/{reference}/legal/notes",
    auth=Bearer(VIEW),
    response=LegalNotes,
    operation_id="list_legal_notes",
)
def list_legal_notes(request: HttpRequest, reference: Reference) -> LegalNotes:
    """The privileged notes, for counsel, the privacy officer and the commander of the incident."""
    incident, reader = lookup.incident(reference), caller(request)
    if not legal_notes.readable(incident, reader):
        message = "Only counsel, the privacy officer and the commander here read these notes."
        raise NotPermitted.because("privileged", message)
    return {"items": [legal_shown.note(each) for each in legal_notes.notes(incident, reader)]}


@act(router, "file_notice", "legal/{kind}/file")
def file_notice(
    request: HttpRequest, reference: Reference, kind: Slug, body: legal_said.FileNotice
) -> Document:
    clock = lookup.legal_clock(reference, kind)
    with spelt(attachment="file"):
        filing.file_notice(
            clock.incident,
            clock=clock,
            sent_at=body.sent_at,
            recipient=body.recipient,
            reference=body.reference,
            note=body.note,
            late_reason=body.late_reason,
            attachment=_attachment(body.file),
            **by(request),
        )
    return document(reference)


@act(router, "stand_down_clock", "legal/{kind}/stand-down")
def stand_down_clock(
    request: HttpRequest, reference: Reference, kind: Slug, body: said.Why
) -> Document:
    clock = lookup.legal_clock(reference, kind)
    not_notifying.stand_down_clock(
        clock.incident, clock=clock, reason=body.reason, **by(request)
    )
    return document(reference)


@act(router, "keep_clock", "legal/{kind}/keep")
def keep_clock(
    request: HttpRequest, reference: Reference, kind: Slug, body: said.Why
) -> Document:
    clock = lookup.legal_clock(reference, kind)
    not_notifying.keep_clock(clock.incident, clock=clock, reason=body.reason, **by(request))
    return document(reference)


def _attachment(file: legal_said.FiledWith | None) -> Attachment | None:
    return Attachment(file.name, file.type, file.content) if file else None
