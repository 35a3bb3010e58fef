"""Duplicates merged, parts split off, and how two incidents hang together."""

from typing import Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from incidents.api import lookup
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.auth import caller
from incidents.api.document import document
from incidents.api.fields import Reference, Said, Slug, Text
from incidents.operations import linking, merging

router = Router(tags=["links"])


class Merge(Said):
    """The incident that goes on, and how it is known that both are the same."""

    into: Reference
    reason: Text


class Relate(Said):
    """The other incident, what this one is to it, and why."""

    to: Reference
    kind: Literal["related", "caused"] = Field(
        description="caused: this one was, by the other."
    )
    reason: Text


class Split(Said):
    """What the part that goes is called, its services, and why it has a trouble of its own."""

    title: Text
    services: list[Slug] = Field(description="Slugs; at least one affected service stays.")
    reason: Text


@act(router, "merge")
def merge(request: HttpRequest, reference: Reference, body: Merge) -> Document:
    incident = lookup.incident(reference)
    into = lookup.other(body.into, "into", caller(request))
    merging.merge(incident, into=into, reason=body.reason, **by(request))
    return document(reference)


@act(router, "relate")
def relate(request: HttpRequest, reference: Reference, body: Relate) -> Document:
    incident = lookup.incident(reference)
    to = lookup.other(body.to, "to", caller(request))
    linking.relate(incident, to=to, kind=body.kind, reason=body.reason, **by(request))
    return document(reference)


@act(router, "split")
def split(request: HttpRequest, reference: Reference, body: Split) -> Document:
    incident = lookup.incident(reference)
    services = lookup.services(body.services)
    merging.split(
        incident, title=body.title, services=services, reason=body.reason, **by(request)
    )
    return document(reference)
