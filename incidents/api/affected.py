"""The verb that says which services an incident affects."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from incidents.api import lookup
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference, Said, Slug
from incidents.operations import affected

router = Router(tags=["verbs"])


class Affected(Said):
    """All services that are affected; those left out are not any more."""

    services: list[Slug] = Field(description="Slugs of the affected services.")


@act(router, "set_services")
def set_services(request: HttpRequest, reference: Reference, body: Affected) -> Document:
    incident = lookup.incident(reference)
    affected.set_services(incident, services=lookup.services(body.services), **by(request))
    return document(reference)
