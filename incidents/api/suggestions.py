"""Suggestions: whom the rules would now give a role, accepted or dismissed by a person."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from incidents.api import lookup
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Number, Reference, Said, Text
from incidents.operations import suggestions

router = Router(tags=["suggestions"])


class Accepted(Said):
    """Which suggestion is accepted."""

    suggestion: Number = Field(description="As the incident lists it.")


class Dismissed(Said):
    """Which suggestion is dismissed, and why."""

    suggestion: Number = Field(description="As the incident lists it.")
    reason: Text


@act(router, "accept_suggestion")
def accept(request: HttpRequest, reference: Reference, body: Accepted) -> Document:
    incident = lookup.incident(reference)
    chosen = lookup.suggestion(reference, body.suggestion)
    suggestions.accept_suggestion(incident, suggestion=chosen, **by(request))
    return document(reference)


@act(router, "dismiss_suggestion")
def dismiss(request: HttpRequest, reference: Reference, body: Dismissed) -> Document:
    incident = lookup.incident(reference)
    chosen = lookup.suggestion(reference, body.suggestion)
    suggestions.dismiss_suggestion(
        incident, suggestion=chosen, reason=body.reason, **by(request)
    )
    return document(reference)
