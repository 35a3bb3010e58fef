"""What is known, and what the law wants answered because of it."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference, Slug
from incidents.operations import facts, legal

router = Router(tags=["legal"])


@act(router, "record_facts", "legal")
def record_facts(request: HttpRequest, reference: Reference, body: said.Facts) -> Document:
    facts.record_facts(lookup.incident(reference), facts=body.facts, **by(request))
    return document(reference)


@act(router, "answer_clock", "legal/{kind}/answer")
def answer(
    request: HttpRequest, reference: Reference, kind: Slug, body: said.Answer
) -> Document:
    legal.answer_clock(lookup.legal_clock(reference, kind), answer=body.answer, **by(request))
    return document(reference)
