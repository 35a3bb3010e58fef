"""What is known, and what the law wants answered because of it."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.operations import facts

router = Router(tags=["legal"])


@act(router, "record_facts", "legal")
def record_facts(request: HttpRequest, reference: Reference, body: said.Facts) -> Document:
    facts.record_facts(lookup.incident(reference), facts=body.facts, **by(request))
    return document(reference)
