"""Updates: drafted from facts, approved by whom the matrix makes accountable, published, corrected."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by, spelt
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Number, Reference
from incidents.operations import update, verifying

router = Router(tags=["updates"])


@act(router, "draft_update", "updates")
def draft(request: HttpRequest, reference: Reference, body: said.Draft) -> Document:
    with spelt(update="corrects"):
        corrects = lookup.corrected(reference, body.corrects)
    update.draft(
        lookup.incident(reference),
        audience=body.audience,
        text=body.text,
        statement=lookup.statement(body.statement),
        values=body.values.model_dump(exclude_none=True),
        promised_next_at=body.promised_next_at,
        stage=body.stage or "",
        impact=body.impact or "",
        language=body.language,
        facts=body.facts,
        corrects=corrects,
        customer=lookup.customer(body.customer),
        **by(request),
    )
    return document(reference)


@act(router, "redraft_update", "updates/{update_id}/redraft")
def redraft(
    request: HttpRequest, reference: Reference, update_id: Number, body: said.Redraft
) -> Document:
    row = lookup.update(reference, update_id)
    promised_next_at = row.promised_next_at
    if "promised_next_at" in body.model_fields_set:
        promised_next_at = body.promised_next_at
    update.redraft(
        row,
        text=body.text or row.text,
        promised_next_at=promised_next_at,
        stage=body.stage or "",
        impact=body.impact or "",
        facts=body.facts,
        **by(request),
    )
    return document(reference)


@act(router, "return_update", "updates/{update_id}/return")
def send_back(
    request: HttpRequest, reference: Reference, update_id: Number, body: said.Why
) -> Document:
    update.send_back(lookup.update(reference, update_id), reason=body.reason, **by(request))
    return document(reference)


@act(router, "approve_update", "updates/{update_id}/approve")
def approve(
    request: HttpRequest,
    reference: Reference,
    update_id: Number,
    body: said.Approve = said.NO_NOTE,
) -> Document:
    update.approve(lookup.update(reference, update_id), note=body.note, **by(request))
    return document(reference)


@act(router, "publish_update", "updates/{update_id}/publish")
def publish(request: HttpRequest, reference: Reference, update_id: Number) -> Document:
    update.publish(lookup.update(reference, update_id), **by(request))
    return document(reference)


@act(router, "verify_facts")
def verify_facts(
    request: HttpRequest, reference: Reference, body: said.VerifyFacts
) -> Document:
    verifying.verify_facts(
        lookup.incident(reference), names=body.names, source=body.source, **by(request)
    )
    return document(reference)
