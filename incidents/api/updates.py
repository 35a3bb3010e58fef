"""Updates: drafted, approved by another person, published."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Number, Reference
from incidents.operations import update

router = Router(tags=["updates"])


@act(router, "draft_update", "updates")
def draft(request: HttpRequest, reference: Reference, body: said.Draft) -> Document:
    update.draft(
        lookup.incident(reference),
        audience=body.audience,
        text=body.text,
        statement=lookup.statement(body.statement),
        values=body.values.model_dump(exclude_none=True),
        promised_next_at=body.promised_next_at,
        **by(request),
    )
    return document(reference)


@act(router, "approve_update", "updates/{update_id}/approve")
def approve(request: HttpRequest, reference: Reference, update_id: Number) -> Document:
    update.approve(lookup.update(reference, update_id), **by(request))
    return document(reference)


@act(router, "publish_update", "updates/{update_id}/publish")
def publish(request: HttpRequest, reference: Reference, update_id: Number) -> Document:
    update.publish(lookup.update(reference, update_id), **by(request))
    return document(reference)
