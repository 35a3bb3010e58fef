"""Words approved in calm, said in one call."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.operations import saying

router = Router(tags=["updates"])


@act(router, "publish_statement")
def publish_statement(
    request: HttpRequest, reference: Reference, body: said.Statement
) -> Document:
    saying.publish_statement(
        lookup.incident(reference),
        statement=lookup.known_statement(body.statement),
        values=body.values.model_dump(exclude_none=True),
        promised_next_at=body.promised_next_at,
        **by(request),
    )
    return document(reference)
