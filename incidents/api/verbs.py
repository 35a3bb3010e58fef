"""The verbs of an incident: each is one call into operations and answers the incident anew."""

from django.http import HttpRequest
from ninja import Router

from incidents.api import lookup, said
from incidents.api.acts import act, by
from incidents.api.answers import Document
from incidents.api.document import document
from incidents.api.fields import Reference
from incidents.operations import callout, command, lifecycle, severity, timeline
from incidents.rules.phases import State, next_state

router = Router(tags=["verbs"])


@act(router, "acknowledge")
def acknowledge(request: HttpRequest, reference: Reference) -> Document:
    command.acknowledge(lookup.incident(reference), **by(request))
    return document(reference)


@act(router, "assign")
def assign(request: HttpRequest, reference: Reference, body: said.Assign) -> Document:
    command.assign(
        lookup.incident(reference),
        role=lookup.role(body.role),
        person=lookup.person(body.person),
        reason=body.reason,
        service=lookup.service(body.service),
        commander_seen=body.commander_seen,
        **by(request),
    )
    return document(reference)


@act(router, "classify")
def classify(request: HttpRequest, reference: Reference, body: said.Classify) -> Document:
    incident = lookup.incident(reference)
    severity.classify(incident, level_code=body.level, reason=body.reason, **by(request))
    return document(reference)


@act(router, "advance")
def advance(
    request: HttpRequest, reference: Reference, body: said.Advance = said.NEXT
) -> Document:
    incident = lookup.incident(reference)
    state = State(incident.state)
    # Where no phase follows, asking for the present one lets the rules say what to do instead.
    lifecycle.advance(incident, to=body.to or next_state(state) or state, **by(request))
    return document(reference)


@act(router, "escalate")
def escalate(request: HttpRequest, reference: Reference, body: said.Why) -> Document:
    callout.escalate(lookup.incident(reference), reason=body.reason, **by(request))
    return document(reference)


@act(router, "contain")
def contain(
    request: HttpRequest, reference: Reference, body: said.Happened = said.NOW
) -> Document:
    lifecycle.contain(lookup.incident(reference), **body.model_dump(), **by(request))
    return document(reference)


@act(router, "mitigate")
def mitigate(
    request: HttpRequest, reference: Reference, body: said.Happened = said.NOW
) -> Document:
    lifecycle.mitigate(lookup.incident(reference), **body.model_dump(), **by(request))
    return document(reference)


@act(router, "resolve")
def resolve(
    request: HttpRequest, reference: Reference, body: said.Happened = said.NOW
) -> Document:
    lifecycle.resolve(lookup.incident(reference), **body.model_dump(), **by(request))
    return document(reference)


@act(router, "close")
def close(
    request: HttpRequest, reference: Reference, body: said.Close = said.NOTHING_MORE
) -> Document:
    lifecycle.close(lookup.incident(reference), note=body.note, **by(request))
    return document(reference)


@act(router, "reopen")
def reopen(request: HttpRequest, reference: Reference, body: said.Why) -> Document:
    lifecycle.reopen(lookup.incident(reference), reason=body.reason, **by(request))
    return document(reference)


@act(router, "cancel")
def cancel(request: HttpRequest, reference: Reference, body: said.Why) -> Document:
    lifecycle.cancel(lookup.incident(reference), reason=body.reason, **by(request))
    return document(reference)


@act(router, "note")
def note(request: HttpRequest, reference: Reference, body: said.Note) -> Document:
    timeline.note(lookup.incident(reference), **body.model_dump(), **by(request))
    return document(reference)
