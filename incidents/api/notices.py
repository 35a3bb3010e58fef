"""Notices to customers: that one was given, or why none is owed."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from incidents.api import lookup
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Number, Reference, Said, Text
from incidents.operations import notices

router = Router(tags=["notices"])


class Given(Said):
    """Which notice, and how it was given; or why none is owed."""

    notice: Number = Field(description="As the incident lists it.")
    how: Text


@act(router, "give_notice")
def give_notice(request: HttpRequest, reference: Reference, body: Given) -> Document:
    incident = lookup.incident(reference)
    clock = lookup.notice(reference, body.notice)
    notices.give_notice(incident, clock=clock, how=body.how, **by(request))
    return document(reference)
